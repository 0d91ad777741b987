//! The operations an environment offers.

use crate::{Import, ImportJob, PackageStoreError, Staged, StoredPackage};
use async_trait::async_trait;
use model::{
    ErrorCode, SolutionVersion,
    connection::Connection,
    environment::EnvironmentType,
    id::{DeploymentEnvironmentId, EnvironmentId, ImportJobId},
    package::Publisher,
    settings::DeploymentSettings,
    solution::{SolutionContents, SolutionSummary},
};
use std::{sync::Arc, time::Duration};
use uuid::Uuid;

/// Who and what an environment is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// Its id.
    pub id: EnvironmentId,
    /// Its own name.
    pub name: String,
    /// The host record it is bound to, if any.
    pub binding: Option<HostBinding>,
}

/// The mark a host leaves in an environment, so that no second host record takes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HostBinding {
    /// The record.
    pub record: DeploymentEnvironmentId,
    /// As what the record uses it.
    pub kind: EnvironmentType,
}

/// What to export.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PackageKind {
    /// For deploying.
    Managed,
    /// For going on with development.
    Unmanaged,
}

/// A solution to create, empty and unmanaged.
#[derive(Clone, Debug)]
pub struct NewSolution {
    /// Unique name.
    pub unique_name: String,
    /// Name for people.
    pub display_name: String,
    /// Description, possibly empty.
    pub description: String,
    /// Version.
    pub version: SolutionVersion,
    /// Publisher: an existing one by unique name, or a new one.
    pub publisher: Publisher,
}

/// A connection to create.
#[derive(Clone, Debug)]
pub struct NewConnection {
    /// Connector it connects with.
    pub connector_id: String,
    /// Name for people.
    pub display_name: String,
    /// Name of the owner.
    pub owner: String,
}

/// Why an environment did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum EnvironmentError {
    /// There is no such environment.
    #[error("The environment {0} could not be found.")]
    NotFound(EnvironmentId),
    /// It did not answer; asking again later may work.
    #[error("{reason}")]
    Unreachable {
        /// What happened, in a sentence.
        reason: String,
        /// How long it asks to be left alone.
        retry_after: Option<Duration>,
    },
    /// Another solution operation is running there (`0x80071151`).
    #[error(
        "Cannot start the requested operation [Import] because there is another [{running}] running at this moment. Use Solution History for more details."
    )]
    Busy {
        /// The operation that is running, such as `Import`.
        running: String,
    },
    /// It refuses, and asking again will not help.
    #[error("{message}")]
    Refused {
        /// The platform's code, where it has one.
        code: Option<ErrorCode>,
        /// Why, in a sentence.
        message: String,
    },
    /// Slipway's own database or disk failed.
    #[error("The environment's data could not be read or written.")]
    Internal(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl EnvironmentError {
    /// A refusal with a code.
    pub fn refused(code: ErrorCode, message: impl Into<String>) -> Self {
        Self::Refused { code: Some(code), message: message.into() }
    }

    /// Whether asking again later may work.
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Unreachable { .. } | Self::Busy { .. })
    }

    /// The platform's code, where it has one.
    pub fn code(&self) -> Option<ErrorCode> {
        match self {
            Self::Busy { .. } => Some(ErrorCode::SOLUTION_CONCURRENCY),
            Self::Refused { code, .. } => *code,
            _ => None,
        }
    }
}

impl From<sea_orm::DbErr> for EnvironmentError {
    fn from(error: sea_orm::DbErr) -> Self {
        Self::Internal(Box::new(error))
    }
}

impl From<std::io::Error> for EnvironmentError {
    fn from(error: std::io::Error) -> Self {
        Self::Internal(Box::new(error))
    }
}

impl From<PackageStoreError> for EnvironmentError {
    fn from(error: PackageStoreError) -> Self {
        match error {
            PackageStoreError::Io(error) => error.into(),
            PackageStoreError::Unreadable(error) => Self::refused(error.code(), error.to_string()),
            other => Self::Refused { code: None, message: other.to_string() },
        }
    }
}

/// What an operation of an environment comes to.
pub type Result<T> = std::result::Result<T, EnvironmentError>;

/// One step of trying to use an environment, in the order in which they build on each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checked {
    /// What was tried.
    pub step: &'static str,
    /// What was found, or why it did not work and what to do about it.
    pub outcome: std::result::Result<String, String>,
}

/// One environment. Every operation may be asked again after a crash without doing anything twice.
#[async_trait]
pub trait Environment: Send + Sync {
    /// Connects and tells who it is.
    async fn identity(&self) -> Result<Identity>;

    /// Tries to use it, step by step. The list ends with the first step that fails.
    async fn check(&self) -> Vec<Checked> {
        let outcome = self.identity().await.map(|identity| identity.name).map_err(|error| error.to_string());
        vec![Checked { step: "Open the environment", outcome }]
    }

    /// Marks the environment as used by a host record. The same mark again is fine; a mark of another record is refused.
    async fn bind(&self, binding: HostBinding) -> Result<()>;

    /// Takes a record's mark away. Does nothing when another record's mark is there.
    async fn release(&self, record: DeploymentEnvironmentId) -> Result<()>;

    /// Its solutions, by display name.
    async fn solutions(&self) -> Result<Vec<SolutionSummary>>;

    /// One solution with its contents, by unique name without regard to case.
    async fn solution(&self, unique_name: &str) -> Result<Option<SolutionContents>>;

    /// The package that a solution in it was installed from; none where it keeps no packages.
    async fn installed_package(&self, _unique_name: &str) -> Result<Option<StoredPackage>> {
        Ok(None)
    }

    /// The names of the security roles that somebody has in it, by their object id in Microsoft Entra ID; none where it
    /// does not know them, or keeps no people.
    async fn roles_of(&self, _person: Uuid) -> Result<Option<Vec<String>>> {
        Ok(None)
    }

    /// Its publishers, by name.
    async fn publishers(&self) -> Result<Vec<Publisher>>;

    /// Creates an empty unmanaged solution.
    async fn create_solution(&self, new: NewSolution) -> Result<SolutionSummary>;

    /// Sets the version of an unmanaged solution.
    async fn set_version(&self, unique_name: &str, version: &SolutionVersion) -> Result<()>;

    /// Exports an unmanaged solution into the package store.
    async fn export(&self, unique_name: &str, kind: PackageKind) -> Result<StoredPackage>;

    /// Looks what the environment says to a package, without changing anything.
    async fn stage(&self, package: &StoredPackage) -> Result<Staged>;

    /// Starts an import; the same job again is fine. Another running import is [`EnvironmentError::Busy`].
    async fn start_import(&self, import: &Import) -> Result<()>;

    /// How far an import is; none when the environment does not know the job.
    async fn import_job(&self, job: ImportJobId) -> Result<Option<ImportJob>>;

    /// Sets connections and values of a solution that is installed, and imports nothing. Settings for what the solution
    /// does not have are passed over, and what is not in them or empty stays. The same settings again are fine. Another
    /// running operation is [`EnvironmentError::Busy`].
    async fn reconfigure(&self, unique_name: &str, settings: &DeploymentSettings) -> Result<()>;

    /// Its connections, by name.
    async fn connections(&self) -> Result<Vec<Connection>>;

    /// Creates a connection.
    async fn create_connection(&self, new: NewConnection) -> Result<Connection>;

    /// Removes a solution; refused while another one needs it.
    async fn uninstall(&self, unique_name: &str) -> Result<()>;
}

/// Finds environments by id.
#[async_trait]
pub trait Environments: Send + Sync {
    /// Opens an environment. Whether it answers shows with the first operation.
    async fn open(&self, id: EnvironmentId) -> Result<Arc<dyn Environment>>;
}
