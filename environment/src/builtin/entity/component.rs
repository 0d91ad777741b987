//! A component as one solution brings it.

use model::{Component, ComponentType};
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "built_in_component")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub solution_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
    pub name_key: String,
    /// A number of `componenttype`, or the logical name of a table.
    #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
    pub kind: String,
    /// Empty where there is no parent.
    #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
    pub parent_key: String,
    #[sea_orm(column_type = "Text")]
    pub name: String,
    #[sea_orm(column_type = "Text", nullable)]
    pub parent: Option<String>,
    #[sea_orm(column_type = "Text", nullable)]
    pub display_name: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl From<Model> for Component {
    fn from(row: Model) -> Self {
        Self {
            kind: ComponentType::parse(&row.kind),
            name: row.name,
            parent: row.parent,
            display_name: row.display_name,
        }
    }
}
