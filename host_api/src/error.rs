//! What the host refuses, in the platform's words.

use http::StatusCode;
use model::{ErrorCode, FieldProblem};
use pipelines::Error;
use web_api::error::ApiError;

/// `ObjectDoesNotExist`.
const MISSING: ErrorCode = ErrorCode(0x8004_0217);
/// `InvalidArgument`.
const ARGUMENT: ErrorCode = ErrorCode(0x8004_0203);
/// `IsvAborted`: what the platform's pipelines answer where something cannot be done as things stand.
const ABORTED: ErrorCode = ErrorCode(0x8004_0265);
/// `UnExpected`.
const UNEXPECTED: ErrorCode = ErrorCode(0x8004_0216);

/// A refusal of the host as the Web API answers it.
pub fn refusal(error: Error) -> ApiError {
    let message = error.to_string();
    match error {
        Error::Forbidden(_) => ApiError::new(StatusCode::FORBIDDEN, ErrorCode::PRIVILEGE_DENIED, message),
        Error::NotFound(_) => ApiError::new(StatusCode::NOT_FOUND, MISSING, message),
        Error::Invalid(problems) => invalid(&problems),
        Error::Refused(_) | Error::Package(_) => ApiError::new(StatusCode::BAD_REQUEST, ABORTED, message),
        Error::Changed(_) => ApiError::precondition(message),
        Error::Environment(error) => error.into(),
        Error::Database(_) | Error::Internal(_) => {
            tracing::error!(error = &error as &dyn std::error::Error, "a request to the host's Web API failed");
            ApiError::new(StatusCode::INTERNAL_SERVER_ERROR, UNEXPECTED, "An unexpected error occurred.")
        }
    }
}

fn invalid(problems: &[FieldProblem]) -> ApiError {
    let taken = problems.iter().any(|problem| problem.message.contains("There is") && problem.field == "name");
    let code = if taken { ErrorCode::DUPLICATE_KEY } else { ARGUMENT };
    let told: Vec<String> = problems
        .iter()
        .map(|problem| match problem.field.split_once(':') {
            // Which connection or value is meant stands in the field only.
            Some((_, name)) => format!("{name}: {}", problem.message),
            None => problem.message.clone(),
        })
        .collect();
    ApiError::new(StatusCode::BAD_REQUEST, code, told.join(" "))
}
