//! The table of what was found in targets.

use sea_orm::entity::prelude::*;

/// What was last found for a solution at a stage.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "drift")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub stage_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub solution_key: String,
    /// The run that brought what the target was compared with.
    pub run_id: Uuid,
    pub checked: i64,
    pub drifts: String,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
