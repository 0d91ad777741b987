//! The table of stages' gates. A stage without a row has none.

use sea_orm::entity::prelude::*;

/// The gates of a stage.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "stage_gate")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub stage_id: Uuid,
    pub pre_export_step_required: bool,
    pub pre_deployment_step_required: bool,
    pub approvals_needed: i32,
    pub requester_may_approve: bool,
    pub deadline_hours: i32,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
