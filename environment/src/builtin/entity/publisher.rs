//! A publisher of an environment. It stays when its solutions go.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "built_in_publisher")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub environment_id: Uuid,
    #[sea_orm(column_type = "Text")]
    pub unique_name: String,
    #[sea_orm(column_type = "Text")]
    pub unique_key: String,
    #[sea_orm(column_type = "Text")]
    pub display_name: String,
    #[sea_orm(column_type = "Text")]
    pub prefix: String,
    pub option_value_prefix: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl From<Model> for model::package::Publisher {
    fn from(row: Model) -> Self {
        Self {
            unique_name: row.unique_name,
            display_name: row.display_name,
            prefix: row.prefix,
            option_value_prefix: u32::try_from(row.option_value_prefix).unwrap_or_default(),
        }
    }
}
