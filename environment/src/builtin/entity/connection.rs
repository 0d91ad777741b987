//! A connection of an environment.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "built_in_connection")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
    pub id: String,
    pub environment_id: Uuid,
    #[sea_orm(column_type = "Text")]
    pub connector_id: String,
    #[sea_orm(column_type = "Text")]
    pub display_name: String,
    #[sea_orm(column_type = "Text")]
    pub owner: String,
    pub usable: bool,
    pub created: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl From<Model> for model::connection::Connection {
    fn from(row: Model) -> Self {
        Self {
            id: row.id,
            display_name: row.display_name,
            connector_id: row.connector_id,
            owner: row.owner,
            usable: row.usable,
        }
    }
}
