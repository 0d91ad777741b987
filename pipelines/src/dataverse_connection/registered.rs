//! How the environments that administrators have connected are reached, for whoever opens environments.

use super::{credential, entity::Entity};
use crate::secret::Secrets;
use async_trait::async_trait;
use environment::{Accesses, EnvironmentError, dataverse::Access};
use model::id::EnvironmentId;
use sea_orm::{DatabaseConnection, EntityTrait};

/// Reads the connections of the database. A change counts at once, in every process.
pub struct Registered {
    database: DatabaseConnection,
    secrets: Secrets,
}

impl Registered {
    /// The connections of a database, opened with some keys.
    pub fn new(database: DatabaseConnection, secrets: Secrets) -> Self {
        Self { database, secrets }
    }
}

#[async_trait]
impl Accesses for Registered {
    async fn find(&self, id: EnvironmentId) -> Result<Option<Access>, EnvironmentError> {
        let internal = |error: &dyn std::fmt::Display| EnvironmentError::Internal(error.to_string().into());
        let found = Entity::find_by_id(id.0).one(&self.database).await.map_err(|error| internal(&error))?;
        let Some(row) = found else { return Ok(None) };
        credential::access(&self.secrets, row).map(Some).map_err(|error| internal(&error))
    }
}
