//! The table of Dataverse connections.

use model::{Timestamp, dataverse::DataverseConnection, id::EnvironmentId};
use sea_orm::entity::prelude::*;

/// A Dataverse connection.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "dataverse_connection")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub environment_id: Uuid,
    pub name: String,
    pub url: String,
    pub tenant: String,
    pub client_id: String,
    pub authority: String,
    pub has_certificate: bool,
    /// Sealed.
    pub credential: String,
    pub trial: String,
    pub row_version: i32,
    pub modified: i64,
    pub modified_by_name: String,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    /// Without what is secret about it.
    pub fn view(self) -> DataverseConnection {
        DataverseConnection {
            id: EnvironmentId(self.environment_id),
            name: self.name,
            url: self.url,
            tenant: self.tenant,
            client_id: self.client_id,
            authority: self.authority,
            has_certificate: self.has_certificate,
            tried: serde_json::from_str(&self.trial).ok(),
            row_version: self.row_version,
            modified: (Timestamp(self.modified), self.modified_by_name),
        }
    }
}
