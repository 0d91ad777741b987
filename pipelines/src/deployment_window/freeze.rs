//! The table of stages' freezes.

use model::{Timestamp, deployment_window::Freeze, id::FreezeId};
use sea_orm::entity::prelude::*;

/// A freeze of a stage.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "stage_freeze")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub stage_id: Uuid,
    pub from_at: i64,
    /// Not included.
    pub until_at: i64,
    pub reason: String,
    pub declared_by: String,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    /// The freeze as pages and the rule have it.
    pub(super) fn freeze(self) -> Freeze {
        Freeze {
            id: FreezeId(self.id),
            from: Timestamp(self.from_at),
            until: Timestamp(self.until_at),
            reason: self.reason,
            declared_by: self.declared_by,
        }
    }
}
