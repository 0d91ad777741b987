//! A package that a client of the Web API staged, or that an export made for it.

use crate::StoredPackage;
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "built_in_upload")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub environment_id: Uuid,
    #[sea_orm(column_type = "Text")]
    pub package_sha256: String,
    pub package_bytes: i64,
    pub created: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl From<Model> for StoredPackage {
    fn from(row: Model) -> Self {
        Self { sha256: row.package_sha256, bytes: u64::try_from(row.package_bytes).unwrap_or_default() }
    }
}
