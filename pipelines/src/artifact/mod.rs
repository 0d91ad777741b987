//! Artifacts: one version of a solution as the host keeps it, managed and unmanaged, for every later stage.

pub(crate) mod entity;

use crate::{Caller, Error, Host, Result};
use environment::{PackageKind, PackageStoreError};
use model::{id::ArtifactId, page::Page, stage_run::Artifact};
use std::path::PathBuf;

/// A package of an artifact, ready to be sent to a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArtifactFile {
    /// The name it is saved under: `ContosoExpenses_1_0_0_1_managed.zip`.
    pub file_name: String,
    /// Where it is on disk.
    pub path: PathBuf,
    /// Its size in bytes.
    pub bytes: u64,
    /// SHA-256 of its bytes, hexadecimal.
    pub sha256: String,
}

/// Stored artifacts, newest first, of one solution or of all.
pub async fn list(_host: &Host, _caller: &Caller, _solution: Option<&str>, _page: u64) -> Result<Page<Artifact>> {
    Err(Error::Internal(String::new()))
}

/// A package of an artifact.
pub async fn open(_host: &Host, _caller: &Caller, _id: ArtifactId, _kind: PackageKind) -> Result<ArtifactFile> {
    Err(Error::Internal(String::new()))
}

impl From<PackageStoreError> for Error {
    fn from(error: PackageStoreError) -> Self {
        match error {
            PackageStoreError::Unreadable(error) => Self::Package(error),
            PackageStoreError::Io(_) => {
                tracing::error!(error = &error as &dyn std::error::Error, "the package store failed");
                Self::Internal(error.to_string())
            }
            error => Self::Refused(error.to_string()),
        }
    }
}
