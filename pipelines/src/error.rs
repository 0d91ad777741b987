//! Why the host did not do what it was asked.

use environment::EnvironmentError;
use model::{FieldProblem, Problem};

/// What an operation of the host comes to.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why an operation was not done. What [`Problem`] takes over is written for a person; the rest is for the log.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The caller may not do this.
    #[error("{0}")]
    Forbidden(String),
    /// It does not exist, or not for this caller.
    #[error("{0}")]
    NotFound(String),
    /// Fields have to be mended.
    #[error("{}", Problem::Invalid(.0.clone()))]
    Invalid(Vec<FieldProblem>),
    /// It cannot be done as things stand.
    #[error("{0}")]
    Refused(String),
    /// Somebody else changed the record since the caller read it.
    #[error("{0} was changed by somebody else in the meantime. Look at it again and repeat your change.")]
    Changed(String),
    /// An environment did not do what it was asked.
    #[error(transparent)]
    Environment(#[from] EnvironmentError),
    /// The package cannot be read.
    #[error(transparent)]
    Package(#[from] ::solution::PackageError),
    /// The database failed.
    #[error("The database did not do what it was asked.")]
    Database(#[from] sea_orm::DbErr),
    /// Something else failed.
    #[error("{0}")]
    Internal(String),
}

impl Error {
    /// A single field to mend.
    pub fn field(field: &str, message: impl Into<String>) -> Self {
        Self::Invalid(vec![FieldProblem::new(field, message)])
    }

    /// The part that a person may read. Causes that say something of the inside are left to the log.
    pub fn problem(&self) -> Problem {
        match self {
            Self::Forbidden(message) => Problem::Forbidden(message.clone()),
            Self::NotFound(message) => Problem::NotFound(message.clone()),
            Self::Invalid(fields) => Problem::Invalid(fields.clone()),
            Self::Refused(message) => Problem::Refused(message.clone()),
            Self::Changed(_) => Problem::Changed(self.to_string()),
            Self::Environment(EnvironmentError::NotFound(_)) => Problem::NotFound(self.to_string()),
            Self::Environment(EnvironmentError::Internal(_)) | Self::Database(_) | Self::Internal(_) => {
                Problem::Internal("Something failed inside Slipway. Try again; if it happens again, ask your administrator to look into the log.".to_owned())
            }
            Self::Environment(EnvironmentError::Unreachable { .. }) => Problem::Unavailable(self.to_string()),
            Self::Environment(_) | Self::Package(_) => Problem::Refused(self.to_string()),
        }
    }
}
