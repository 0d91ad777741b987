//! The table of prepared settings.

use sea_orm::entity::prelude::*;

/// What is prepared for a solution at a stage.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "stage_settings")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub stage_id: Uuid,
    pub solution_key: String,
    pub solution: String,
    pub solution_display_name: String,
    /// The development environment that the solution was looked at in.
    pub environment_id: Uuid,
    /// The settings, sealed.
    pub settings: String,
    /// Names of the variables whose values are shown to nobody.
    pub secret_variables: String,
    pub row_version: i32,
    pub modified: i64,
    pub modified_by_name: String,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
