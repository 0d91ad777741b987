//! Errors as the platform writes them: `{"error":{"code":"0x80040217","message":"…"}}`.

use axum::{
    Json,
    response::{IntoResponse, Response},
};
use environment::EnvironmentError;
use http::{HeaderValue, StatusCode, header};
use model::ErrorCode;
use serde_json::json;

/// What an operation of the Web API comes to.
pub type Result<T, E = ApiError> = std::result::Result<T, E>;

/// `ObjectDoesNotExist`.
const MISSING: ErrorCode = ErrorCode(0x8004_0217);
/// What the platform gives for addresses, options and properties it does not know.
const ODATA: ErrorCode = ErrorCode(0x8006_0888);
/// `InvalidArgument`.
const ARGUMENT: ErrorCode = ErrorCode(0x8004_0203);
/// `ConcurrencyVersionMismatch`.
const CHANGED: ErrorCode = ErrorCode(0x8006_0882);
/// `IsvAborted`: refused for a reason that has no code of its own.
const ABORTED: ErrorCode = ErrorCode(0x8004_0265);
/// `UnExpected`.
const UNEXPECTED: ErrorCode = ErrorCode(0x8004_0216);
/// `OpenCrmDBConnection`-like: not available now.
const UNAVAILABLE: ErrorCode = ErrorCode(0x8004_4150);
/// The user is not a member of the organization.
const NOT_A_MEMBER: ErrorCode = ErrorCode(0x8007_2560);

/// A refusal with its HTTP status.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiError {
    /// Status of the answer.
    pub status: StatusCode,
    /// The platform's code.
    pub code: ErrorCode,
    /// Why, in a sentence.
    pub message: String,
    /// Seconds after which to try again.
    pub retry_after: Option<u64>,
}

impl ApiError {
    /// A refusal.
    pub fn new(status: StatusCode, code: ErrorCode, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into(), retry_after: None }
    }

    /// There is no such record.
    pub fn missing(table: &str, key: impl std::fmt::Display) -> Self {
        Self::new(StatusCode::NOT_FOUND, MISSING, format!("Entity '{table}' With Id = {key} Does Not Exist"))
    }

    /// There is no such address.
    pub fn no_segment(segment: &str) -> Self {
        let message = format!("Resource not found for the segment '{segment}'.");
        Self::new(StatusCode::NOT_FOUND, ODATA, message)
    }

    /// The request is not as OData asks.
    pub fn odata(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, ODATA, message)
    }

    /// A parameter or a field of the body cannot be used.
    pub fn argument(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, ARGUMENT, message)
    }

    /// The record was changed since the client read it, or is there although the client said it must not be.
    pub fn precondition(message: impl Into<String>) -> Self {
        Self::new(StatusCode::PRECONDITION_FAILED, CHANGED, message)
    }

    /// The address is good, and this cannot be done there.
    pub fn not_allowed(message: impl Into<String>) -> Self {
        Self::new(StatusCode::METHOD_NOT_ALLOWED, ODATA, message)
    }

    /// The body is longer than is taken.
    pub fn too_large(message: impl Into<String>) -> Self {
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, ARGUMENT, message)
    }

    /// Whoever asks is nobody in this environment.
    pub fn not_a_member() -> Self {
        Self::new(StatusCode::FORBIDDEN, NOT_A_MEMBER, "The user is not a member of the organization.")
    }

    /// So many tokens from the same address were wrong that it has to wait.
    pub fn too_many_attempts(retry_after: u64) -> Self {
        let message = "Too many tokens were wrong. Wait before the next attempt.";
        Self::throttled(UNAVAILABLE, message, retry_after)
    }

    /// A service-protection limit was reached.
    pub fn throttled(code: ErrorCode, message: impl Into<String>, retry_after: u64) -> Self {
        Self { retry_after: Some(retry_after), ..Self::new(StatusCode::TOO_MANY_REQUESTS, code, message) }
    }
}

impl From<EnvironmentError> for ApiError {
    fn from(error: EnvironmentError) -> Self {
        let message = error.to_string();
        match error {
            EnvironmentError::NotFound(_) => Self::new(StatusCode::NOT_FOUND, MISSING, message),
            EnvironmentError::Busy { .. } => {
                Self::new(StatusCode::BAD_REQUEST, ErrorCode::SOLUTION_CONCURRENCY, message)
            }
            EnvironmentError::Unreachable { retry_after, .. } => Self {
                retry_after: retry_after.map(|wait| wait.as_secs().max(1)),
                ..Self::new(StatusCode::SERVICE_UNAVAILABLE, UNAVAILABLE, message)
            },
            EnvironmentError::Refused { code, .. } => {
                Self::new(StatusCode::BAD_REQUEST, code.unwrap_or(ABORTED), message)
            }
            EnvironmentError::Internal(cause) => {
                tracing::error!(%cause, "a request to the Web API failed");
                Self::new(StatusCode::INTERNAL_SERVER_ERROR, UNEXPECTED, "An unexpected error occurred.")
            }
        }
    }
}

impl From<environment::PackageStoreError> for ApiError {
    fn from(error: environment::PackageStoreError) -> Self {
        match error {
            environment::PackageStoreError::TooLarge { .. } => Self::too_large(error.to_string()),
            // A body that breaks off, or is not base64, shows as an error of reading.
            environment::PackageStoreError::Io(cause) if is_of_the_client(&cause) => Self::argument(cause.to_string()),
            other => EnvironmentError::from(other).into(),
        }
    }
}

fn is_of_the_client(error: &std::io::Error) -> bool {
    matches!(error.kind(), std::io::ErrorKind::InvalidData | std::io::ErrorKind::Other)
}

impl From<std::io::Error> for ApiError {
    fn from(error: std::io::Error) -> Self {
        if is_of_the_client(&error) { Self::argument(error.to_string()) } else { EnvironmentError::from(error).into() }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let body = json!({"error": {"code": self.code.to_string().to_lowercase(), "message": self.message}});
        let mut response = (self.status, Json(body)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, JSON);
        headers.insert("odata-version", HeaderValue::from_static("4.0"));
        if let Some(seconds) = self.retry_after {
            headers.insert(header::RETRY_AFTER, seconds.into());
        }
        response
    }
}

/// The content type of everything the Web API answers as JSON.
pub const JSON: HeaderValue = HeaderValue::from_static("application/json; odata.metadata=minimal");
