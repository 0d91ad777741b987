//! Imports: what is asked for and what comes of it.

use crate::StoredPackage;
use model::{ErrorCode, Timestamp, id::ImportJobId, settings::DeploymentSettings};

/// An import to start.
#[derive(Clone, Debug)]
pub struct Import {
    /// Chosen by whoever asks. Asking again with the same id finds the same import and never starts a second one.
    pub job: ImportJobId,
    /// The package.
    pub package: StoredPackage,
    /// Connections and values to set.
    pub settings: DeploymentSettings,
    /// Whether unmanaged changes in the target are overwritten. The platform's pipelines do not.
    pub overwrite_customizations: bool,
}

/// How an import treats the version of the solution that is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum ImportMode {
    /// Replaces it: what is no longer in the solution goes. What pipelines do.
    #[default]
    Upgrade,
    /// Adds to it: what is no longer in the solution stays.
    Update,
    /// Puts the new version beside it as `<name>_Upgrade`, to be promoted later (`HoldingSolution`).
    Holding,
}

/// How far an import is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ImportStatus {
    /// Running, or about to.
    Running,
    /// Done.
    Succeeded,
    /// Failed; the environment is as it was where the adapter can promise that.
    Failed,
}

/// An import job (the platform's `importjob`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportJob {
    /// Id.
    pub id: ImportJobId,
    /// Unique name of the solution.
    pub solution: String,
    /// How far it is.
    pub status: ImportStatus,
    /// Percent done, 0 to 100.
    pub progress: u8,
    /// What it is doing, or why it failed.
    pub message: String,
    /// The platform's code of a failure, where it has one.
    pub code: Option<ErrorCode>,
    /// When it began.
    pub started: Timestamp,
    /// When it ended.
    pub ended: Option<Timestamp>,
}
