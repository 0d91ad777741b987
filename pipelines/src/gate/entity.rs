//! The table of stages' gates. A stage without a row has none.

use model::gate::{Approver, Gates};
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

impl Model {
    /// The gates, with those who approve.
    pub(crate) fn gates(self, approvers: Vec<Approver>) -> Gates {
        Gates {
            pre_export_step_required: self.pre_export_step_required,
            pre_deployment_step_required: self.pre_deployment_step_required,
            approvers,
            approvals_needed: u32::try_from(self.approvals_needed).unwrap_or_default(),
            requester_may_approve: self.requester_may_approve,
            deadline_hours: u32::try_from(self.deadline_hours).unwrap_or(1),
        }
    }
}
