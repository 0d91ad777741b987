//! The table of runs' logs.

use model::{Timestamp, stage_run::LogEntry};
use sea_orm::entity::prelude::*;

/// An entry of a run's log.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "stage_run_event")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub run_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub sequence: i64,
    pub at: i64,
    /// Where the run stood after it.
    pub status: i32,
    pub message: String,
    pub is_error: bool,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    /// The entry as pages show it.
    pub(crate) fn entry(self) -> LogEntry {
        LogEntry { sequence: self.sequence, at: Timestamp(self.at), message: self.message, is_error: self.is_error }
    }
}
