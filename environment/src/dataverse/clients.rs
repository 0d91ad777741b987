//! The clients of Dataverse environments, each kept as long as its environment is reached in the same way: a client
//! holds tokens and connections.

use super::{Access, DataverseEnvironment};
use crate::{Clock, Ids, PackageStore, port::Result};
use model::id::EnvironmentId;
use sea_orm::DatabaseConnection;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

/// Makes clients and keeps them.
pub struct DataverseClients {
    database: DatabaseConnection,
    packages: PackageStore,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn Ids>,
    kept: Mutex<HashMap<EnvironmentId, Arc<DataverseEnvironment>>>,
}

impl DataverseClients {
    /// No clients yet.
    pub fn new(database: DatabaseConnection, packages: PackageStore, clock: Arc<dyn Clock>, ids: Arc<dyn Ids>) -> Self {
        Self { database, packages, clock, ids, kept: Mutex::default() }
    }

    /// The client of an environment. Another one than before where it is reached in another way by now.
    pub fn open(&self, access: Access) -> Result<Arc<DataverseEnvironment>> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(client) = kept.get(&access.environment).filter(|client| *client.access() == access) {
            return Ok(Arc::clone(client));
        }
        let id = access.environment;
        let (clock, ids) = (Arc::clone(&self.clock), Arc::clone(&self.ids));
        let client = DataverseEnvironment::new(access, self.database.clone(), self.packages.clone(), clock, ids)?;
        let client = Arc::new(client);
        kept.insert(id, Arc::clone(&client));
        Ok(client)
    }
}
