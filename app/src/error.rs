//! What a page or a server function answers when it cannot do what it was asked.

use http::StatusCode;
use leptos::{
    prelude::{FromServerFnError, ServerFnErrorErr},
    server_fn::codec::JsonEncoding,
};
use model::Problem;
use serde::{Deserialize, Serialize};
use std::{error::Error, fmt};

/// A [`Problem`] on its way to a person, with the HTTP status that says the same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AppError(pub Problem);

impl AppError {
    /// Something that does not exist, or not for this person: `the run`.
    pub fn not_found(what: &str) -> Self {
        Self(Problem::NotFound(format!("{what} does not exist, or you may not see it.")))
    }

    /// A single field to mend.
    pub fn field(field: &str, message: impl Into<String>) -> Self {
        Self(Problem::Invalid(vec![model::FieldProblem::new(field, message)]))
    }

    /// The HTTP status.
    pub fn status(&self) -> StatusCode {
        StatusCode::from_u16(self.0.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }
}

impl fmt::Display for AppError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

impl Error for AppError {}

impl From<Problem> for AppError {
    fn from(problem: Problem) -> Self {
        Self(problem)
    }
}

impl From<pipelines::Error> for AppError {
    /// Keeps what a person may read and leaves the causes to the log.
    fn from(error: pipelines::Error) -> Self {
        let problem = error.problem();
        match problem {
            Problem::Internal(_) => tracing::error!(causes = causes(&error), "an operation failed"),
            Problem::Unavailable(_) => tracing::warn!(causes = causes(&error), "something outside did not answer"),
            _ => {}
        }
        Self(problem)
    }
}

impl From<tower_sessions::session::Error> for AppError {
    fn from(error: tower_sessions::session::Error) -> Self {
        tracing::error!(causes = causes(&error), "the session could not be read or written");
        Self(Problem::Internal("Your session could not be read. Try again.".to_owned()))
    }
}

impl FromServerFnError for AppError {
    type Encoder = JsonEncoding;

    /// What the library refuses before a server function begins. Its own words name Rust types, so they go to the log.
    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        tracing::info!(%error, "a form could not be read");
        Self(Problem::Refused("The form could not be read. Open its page again and fill it in anew.".to_owned()))
    }

    fn status_code(&self) -> StatusCode {
        self.status()
    }
}

/// An error and everything behind it, outermost first.
fn causes(error: &dyn Error) -> String {
    let mut text = format!("{error:?}");
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(" <- ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::FieldProblem;

    #[test]
    fn every_problem_has_its_status() {
        let text = || "x".to_owned();
        for (problem, status) in [
            (Problem::SignInRequired, 401),
            (Problem::Forbidden(text()), 403),
            (Problem::NotFound(text()), 404),
            (Problem::Invalid(vec![FieldProblem::new("name", "x")]), 422),
            (Problem::Refused(text()), 409),
            (Problem::Changed(text()), 409),
            (Problem::Unavailable(text()), 503),
            (Problem::Internal(text()), 500),
        ] {
            assert_eq!(AppError(problem.clone()).status_code().as_u16(), status, "{problem:?}");
        }
    }

    #[test]
    fn a_cause_inside_does_not_reach_the_person() {
        let error = AppError::from(pipelines::Error::Internal("password=hunter2".to_owned()));
        assert_eq!(error.status(), StatusCode::INTERNAL_SERVER_ERROR);
        assert!(!error.to_string().contains("hunter2"));
    }
}
