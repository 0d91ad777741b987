//! Why a package is refused.

use model::ErrorCode;

/// What reading or writing a package comes to.
pub type Result<T, E = PackageError> = std::result::Result<T, E>;

/// Why a package is refused: the platform's code and a sentence for a person, with the cause for the log.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct PackageError {
    code: ErrorCode,
    message: String,
    #[source]
    cause: Option<Box<dyn std::error::Error + Send + Sync>>,
}

impl PackageError {
    /// A refusal with a code and a sentence.
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), cause: None }
    }

    /// The same refusal with what caused it.
    #[must_use]
    pub fn caused_by(mut self, cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        self.cause = Some(cause.into());
        self
    }

    /// The platform's code.
    pub fn code(&self) -> ErrorCode {
        self.code
    }
}
