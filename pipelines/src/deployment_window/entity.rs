//! The table of stages' windows. A stage without a row may be deployed to at any time of the week.

use sea_orm::entity::prelude::*;

/// The windows of a stage.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "stage_window")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub stage_id: Uuid,
    /// IANA name.
    pub time_zone: String,
    /// The windows, as a document.
    pub windows: String,
    pub row_version: i32,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
