//! An environment itself.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "built_in_environment")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    #[sea_orm(column_type = "Text")]
    pub name: String,
    #[sea_orm(column_type = "Text")]
    pub name_key: String,
    /// Milliseconds for each component of an import.
    pub import_pace: i32,
    pub binding_record: Option<Uuid>,
    /// The platform's `environmenttype`.
    pub binding_kind: Option<i32>,
    pub created: i64,
    /// JSON: the `EnvironmentProperties`.
    #[sea_orm(column_type = "Text")]
    pub properties: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
