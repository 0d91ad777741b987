//! The table of artifacts.

use environment::StoredPackage;
use model::{
    SolutionVersion, Timestamp,
    id::{ArtifactId, EnvironmentId, PipelineId},
    stage_run::Artifact,
};
use sea_orm::entity::prelude::*;

/// An artifact.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "artifact")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub pipeline_id: Uuid,
    pub pipeline_name: String,
    pub solution: String,
    pub solution_key: String,
    pub solution_display_name: String,
    pub version: String,
    pub version_key: String,
    pub source_id: Uuid,
    pub generated: i64,
    #[sea_orm(column_name = "managed_sha256")]
    pub managed_sha256: String,
    pub managed_bytes: i64,
    #[sea_orm(column_name = "unmanaged_sha256")]
    pub unmanaged_sha256: String,
    pub unmanaged_bytes: i64,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    /// The version.
    pub(crate) fn version(&self) -> SolutionVersion {
        version(&self.version)
    }

    /// The managed package.
    pub(crate) fn managed(&self) -> StoredPackage {
        StoredPackage { sha256: self.managed_sha256.clone(), bytes: bytes(self.managed_bytes) }
    }

    /// The unmanaged package.
    pub(crate) fn unmanaged(&self) -> StoredPackage {
        StoredPackage { sha256: self.unmanaged_sha256.clone(), bytes: bytes(self.unmanaged_bytes) }
    }

    /// The artifact as lists show it.
    pub(crate) fn artifact(self) -> Artifact {
        Artifact {
            id: ArtifactId(self.id),
            version: self.version(),
            solution: self.solution,
            solution_display_name: self.solution_display_name,
            pipeline: PipelineId(self.pipeline_id),
            pipeline_name: self.pipeline_name,
            source: EnvironmentId(self.source_id),
            generated: Timestamp(self.generated),
            managed_sha256: self.managed_sha256,
            managed_bytes: bytes(self.managed_bytes),
            unmanaged_sha256: self.unmanaged_sha256,
            unmanaged_bytes: bytes(self.unmanaged_bytes),
        }
    }
}

/// A version as it is kept. Only versions are ever written.
pub(crate) fn version(text: &str) -> SolutionVersion {
    text.parse().unwrap_or_else(|_| SolutionVersion::from([0; 4]))
}

/// A size as it is kept. The database lets nothing below zero in.
pub(crate) fn bytes(kept: i64) -> u64 {
    u64::try_from(kept).unwrap_or(0)
}
