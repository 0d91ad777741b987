//! What went wrong, in the form that reaches a person.

use serde::{Deserialize, Serialize};
use std::fmt;

/// A field of a form and what is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldProblem {
    /// Name of the field as the form posts it.
    pub field: String,
    /// What is wrong, in a sentence.
    pub message: String,
}

impl FieldProblem {
    /// A problem of a field.
    pub fn new(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self { field: field.into(), message: message.into() }
    }
}

/// Why something was not done. Carries what the person should read and nothing of the inside.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Problem {
    /// Nobody is signed in.
    SignInRequired,
    /// The person may not do this.
    Forbidden(String),
    /// It does not exist, or not for this person.
    NotFound(String),
    /// Fields have to be mended.
    Invalid(Vec<FieldProblem>),
    /// It cannot be done as things stand, with the reason.
    Refused(String),
    /// Somebody else changed it in the meantime.
    Changed(String),
    /// Something outside did not answer.
    Unavailable(String),
    /// It failed inside; the request id leads to the log.
    Internal(String),
}

impl Problem {
    /// The HTTP status that says the same.
    pub fn status(&self) -> u16 {
        match self {
            Self::SignInRequired => 401,
            Self::Forbidden(_) => 403,
            Self::NotFound(_) => 404,
            Self::Changed(_) | Self::Refused(_) => 409,
            Self::Invalid(_) => 422,
            Self::Unavailable(_) => 503,
            Self::Internal(_) => 500,
        }
    }

    /// The message of a field, if it is among those to mend.
    pub fn field(&self, name: &str) -> Option<&str> {
        match self {
            Self::Invalid(fields) => {
                fields.iter().find(|problem| problem.field == name).map(|problem| problem.message.as_str())
            }
            _ => None,
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SignInRequired => formatter.write_str("Sign in to go on."),
            Self::Invalid(fields) => {
                for (index, problem) in fields.iter().enumerate() {
                    if index > 0 {
                        formatter.write_str(" ")?;
                    }
                    formatter.write_str(&problem.message)?;
                }
                Ok(())
            }
            Self::Forbidden(message)
            | Self::NotFound(message)
            | Self::Refused(message)
            | Self::Changed(message)
            | Self::Unavailable(message)
            | Self::Internal(message) => formatter.write_str(message),
        }
    }
}

impl std::error::Error for Problem {}
