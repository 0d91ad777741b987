//! The table of development environments linked to pipelines.

use crate::deployment_environment;
use sea_orm::entity::prelude::*;

/// A link.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "pipeline_development_environment")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub pipeline_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub deployment_environment_id: Uuid,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {
    #[sea_orm(belongs_to = "super::entity::Entity", from = "Column::PipelineId", to = "super::entity::Column::Id")]
    Pipeline,
    #[sea_orm(
        belongs_to = "deployment_environment::entity::Entity",
        from = "Column::DeploymentEnvironmentId",
        to = "deployment_environment::entity::Column::Id"
    )]
    Environment,
}

impl Related<super::entity::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::Pipeline.def()
    }
}

impl Related<deployment_environment::entity::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::Environment.def()
    }
}

impl ActiveModelBehavior for ActiveModel {}
