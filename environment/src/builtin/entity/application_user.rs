//! An application that may use the Web API of an environment.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "application_user")]
pub struct Model {
    /// The client id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub environment_id: Uuid,
    #[sea_orm(column_type = "Text")]
    pub name: String,
    /// SHA-256 of the client secret, in hexadecimal digits.
    #[sea_orm(column_type = "Text")]
    pub secret_hash: String,
    pub created: i64,
    pub last_used: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
