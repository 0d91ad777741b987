//! An operation that a client of the Web API started (the platform's `asyncoperation`).

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "built_in_operation")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub environment_id: Uuid,
    /// The platform's `operationtype`.
    pub operation_type: i32,
    #[sea_orm(column_type = "Text")]
    pub message_name: String,
    #[sea_orm(column_type = "Text")]
    pub name: String,
    /// The import it is, if it is one: its job says how far it is.
    pub import_job: Option<Uuid>,
    /// The 32 bits of the platform's error code.
    pub code: Option<i64>,
    #[sea_orm(column_type = "Text")]
    pub message: String,
    pub created: i64,
    pub completed: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
