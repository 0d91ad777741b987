//! The table of what people said to runs that waited for approval.

use model::{Timestamp, gate::Approval};
use sea_orm::entity::prelude::*;

/// What somebody said.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "stage_run_approval")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub run_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub person_id: Uuid,
    pub person_name: String,
    pub approved: bool,
    pub comment: String,
    pub at: i64,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    /// As pages show it.
    pub(crate) fn approval(self) -> Approval {
        Approval { person: self.person_name, approved: self.approved, comment: self.comment, at: Timestamp(self.at) }
    }
}
