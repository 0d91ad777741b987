//! Artifacts.

use crate::{
    SolutionVersion, Timestamp,
    id::{ArtifactId, EnvironmentId, PipelineId},
};
use serde::{Deserialize, Serialize};

/// A stored artifact as lists show it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Artifact {
    /// Id.
    pub id: ArtifactId,
    /// Unique name of the solution.
    pub solution: String,
    /// Name of the solution for people.
    pub solution_display_name: String,
    /// Version.
    pub version: SolutionVersion,
    /// Pipeline it was made for.
    pub pipeline: PipelineId,
    /// Name of that pipeline.
    pub pipeline_name: String,
    /// Development environment it came from.
    pub source: EnvironmentId,
    /// When it was made.
    pub generated: Timestamp,
    /// SHA-256 of the managed package, hexadecimal.
    pub managed_sha256: String,
    /// Bytes of the managed package.
    pub managed_bytes: u64,
    /// SHA-256 of the unmanaged package, hexadecimal.
    pub unmanaged_sha256: String,
    /// Bytes of the unmanaged package.
    pub unmanaged_bytes: u64,
}

/// Why a version must not go on to any further stage: *Prevent progression*.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProgressionBlock {
    /// Why.
    pub reason: String,
    /// Name of who prevented it.
    pub prevented_by: String,
    /// Since when.
    pub since: Timestamp,
}
