//! The table of stages.

use crate::{deployment_environment, pipeline};
use model::{
    id::{DeploymentEnvironmentId, EnvironmentId, PipelineId, StageId, UserId},
    pipeline::{Delegation, DelegationType, Stage},
};
use sea_orm::entity::prelude::*;

/// A stage.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "stage")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub pipeline_id: Uuid,
    pub name: String,
    pub name_key: String,
    pub description: String,
    pub previous_id: Option<Uuid>,
    pub target_id: Uuid,
    /// The platform's `delegateddeploymenttype`; none where the stage deploys as whoever asks.
    pub delegated_type: Option<i32>,
    /// Whom a delegated stage deploys as.
    pub delegate_id: Option<Uuid>,
    pub row_version: i32,
    pub created: i64,
    pub modified: i64,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {
    #[sea_orm(
        belongs_to = "deployment_environment::entity::Entity",
        from = "Column::TargetId",
        to = "deployment_environment::entity::Column::Id"
    )]
    Target,
    #[sea_orm(
        belongs_to = "pipeline::entity::Entity",
        from = "Column::PipelineId",
        to = "pipeline::entity::Column::Id"
    )]
    Pipeline,
}

impl Related<pipeline::entity::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::Pipeline.def()
    }
}

impl Related<deployment_environment::entity::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::Target.def()
    }
}

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    /// As whom it deploys. The database lets no other type in.
    pub(crate) fn delegation(&self) -> Option<Delegation> {
        let kind = self.delegated_type.and_then(DelegationType::from_code)?;
        Some(Delegation { kind, delegate: UserId(self.delegate_id?) })
    }

    /// The stage as pages show it, with the record it deploys into.
    pub(crate) fn stage(self, target: &deployment_environment::entity::Model) -> Stage {
        Stage {
            delegation: self.delegation(),
            id: StageId(self.id),
            pipeline: PipelineId(self.pipeline_id),
            name: self.name,
            description: self.description,
            previous: self.previous_id.map(StageId),
            target: DeploymentEnvironmentId(self.target_id),
            target_name: target.name.clone(),
            target_environment: EnvironmentId(target.environment_id),
            row_version: self.row_version,
        }
    }
}
