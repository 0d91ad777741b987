//! Why a package is refused.

use model::ErrorCode;
use std::io;

/// Bytes of a sentence.
const LONGEST: usize = 2_000;

/// What reading or writing a package comes to.
pub type Result<T, E = PackageError> = std::result::Result<T, E>;

/// Why a package is refused: the platform's code and a sentence for a person, with the cause for the log.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct PackageError {
    code: ErrorCode,
    message: String,
    /// Whether one file is damaged and the rest of the package may still be read.
    damage: bool,
    #[source]
    cause: Option<Box<dyn std::error::Error + Send + Sync>>,
}

impl PackageError {
    /// A refusal with a code and a sentence. What a sentence quotes may be long; it is cut for people and for the log.
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        let mut message = message.into();
        if message.len() > LONGEST {
            message.truncate(message.floor_char_boundary(LONGEST));
            message.push_str("….");
        }
        Self { code, message, damage: false, cause: None }
    }

    /// The same refusal with what caused it.
    #[must_use]
    pub fn caused_by(mut self, cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        self.cause = Some(cause.into());
        self
    }

    /// The same refusal, of one file only.
    #[must_use]
    pub(crate) fn of_one_file(mut self) -> Self {
        self.damage = true;
        self
    }

    /// Whether one file is damaged and the rest of the package may still be read.
    pub(crate) fn is_of_one_file(&self) -> bool {
        self.damage
    }

    /// The platform's code.
    pub fn code(&self) -> ErrorCode {
        self.code
    }

    /// The refusal that travelled inside an I/O error, or a new one with the sentence given.
    pub(crate) fn of_io(message: &str, error: io::Error) -> Self {
        Self::inside(&error).unwrap_or_else(|| Self::new(ErrorCode::INVALID_FILE, message).caused_by(error))
    }

    /// The refusal that travelled inside an I/O error.
    pub(crate) fn inside(error: &io::Error) -> Option<Self> {
        let refusal = error.get_ref()?.downcast_ref::<Self>()?;
        Some(Self { code: refusal.code, message: refusal.message.clone(), damage: refusal.damage, cause: None })
    }
}
