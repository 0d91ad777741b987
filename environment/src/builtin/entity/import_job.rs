//! An import into an environment: the environment's own import log.

use crate::{ImportMode, ImportStatus, StoredPackage};
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "built_in_import_job")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub environment_id: Uuid,
    #[sea_orm(column_type = "Text")]
    pub solution: String,
    #[sea_orm(column_type = "Text")]
    pub version: String,
    pub managed: bool,
    pub mode: Mode,
    #[sea_orm(column_type = "Text")]
    pub package_sha256: String,
    pub package_bytes: i64,
    /// `DeploymentSettings` as JSON while the import runs; empty afterwards.
    #[sea_orm(column_type = "Text")]
    pub settings: String,
    pub status: Status,
    pub progress: i32,
    #[sea_orm(column_type = "Text")]
    pub message: String,
    /// The 32 bits of the platform's error code.
    pub code: Option<i64>,
    pub components_done: i32,
    pub lease_holder: Option<Uuid>,
    pub lease_until: Option<i64>,
    pub attempts: i32,
    pub started: i64,
    pub ended: Option<i64>,
}

/// How far an import is, as the column says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub enum Status {
    #[sea_orm(string_value = "running")]
    Running,
    #[sea_orm(string_value = "succeeded")]
    Succeeded,
    #[sea_orm(string_value = "failed")]
    Failed,
}

/// How an import treats the version that is there, as the column says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::N(20))")]
pub enum Mode {
    #[sea_orm(string_value = "upgrade")]
    Upgrade,
    #[sea_orm(string_value = "update")]
    Update,
    #[sea_orm(string_value = "holding")]
    Holding,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl From<Status> for ImportStatus {
    fn from(status: Status) -> Self {
        match status {
            Status::Running => Self::Running,
            Status::Succeeded => Self::Succeeded,
            Status::Failed => Self::Failed,
        }
    }
}

impl From<ImportMode> for Mode {
    fn from(mode: ImportMode) -> Self {
        match mode {
            ImportMode::Upgrade => Self::Upgrade,
            ImportMode::Update => Self::Update,
            ImportMode::Holding => Self::Holding,
        }
    }
}

impl Model {
    /// The package to import.
    pub fn package(&self) -> StoredPackage {
        StoredPackage {
            sha256: self.package_sha256.clone(),
            bytes: u64::try_from(self.package_bytes).unwrap_or_default(),
        }
    }
}
