//! A solution of an environment.

use sea_orm::{DerivePartialModel, entity::prelude::*};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "built_in_solution")]
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
    pub description: String,
    #[sea_orm(column_type = "Text")]
    pub version: String,
    pub managed: bool,
    pub publisher_id: Uuid,
    #[sea_orm(column_type = "Text")]
    pub package_sha256: String,
    pub package_bytes: i64,
    /// `Vec<ConnectionReference>` as JSON.
    #[sea_orm(column_type = "Text")]
    pub connection_references: String,
    /// `Vec<EnvironmentVariable>` as JSON.
    #[sea_orm(column_type = "Text")]
    pub environment_variables: String,
    /// `Vec<MissingDependency>` as JSON.
    #[sea_orm(column_type = "Text")]
    pub missing_dependencies: String,
    pub installed: i64,
    pub modified: i64,
}

/// What lists need of a solution, without its documents.
#[derive(Clone, Debug, DerivePartialModel)]
#[sea_orm(entity = "Entity")]
pub struct Head {
    pub id: Uuid,
    pub unique_name: String,
    pub unique_key: String,
    pub display_name: String,
    pub version: String,
    pub managed: bool,
    pub publisher_id: Uuid,
    pub installed: i64,
    pub modified: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl From<&Model> for Head {
    fn from(row: &Model) -> Self {
        Self {
            id: row.id,
            unique_name: row.unique_name.clone(),
            unique_key: row.unique_key.clone(),
            display_name: row.display_name.clone(),
            version: row.version.clone(),
            managed: row.managed,
            publisher_id: row.publisher_id,
            installed: row.installed,
            modified: row.modified,
        }
    }
}
