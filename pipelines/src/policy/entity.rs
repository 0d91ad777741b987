//! The table of policies.

use sea_orm::entity::prelude::*;

/// The policy of a pipeline or of a stage.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "policy")]
pub struct Model {
    /// The id of the pipeline or of the stage.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub pipeline_id: Option<Uuid>,
    pub stage_id: Option<Uuid>,
    pub document: String,
    pub row_version: i32,
    pub modified: i64,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
