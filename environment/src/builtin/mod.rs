//! Environments that Slipway keeps in its own database.

use crate::{Clock, Environment, EnvironmentError, Environments, Ids, PackageStore, port::Result};
use async_trait::async_trait;
use model::{environment::BuiltInEnvironment, id::EnvironmentId};
use sea_orm::DatabaseConnection;
use std::sync::Arc;

/// The built-in environments. Cheap to clone: every clone is the same.
#[derive(Clone)]
pub struct BuiltIn {
    shared: Arc<Shared>,
}

#[allow(dead_code, reason = "signatures first")]
struct Shared {
    database: DatabaseConnection,
    packages: PackageStore,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn Ids>,
}

impl BuiltIn {
    /// The built-in environments of a migrated database, with their packages in a store.
    pub fn new(database: DatabaseConnection, packages: PackageStore, clock: Arc<dyn Clock>, ids: Arc<dyn Ids>) -> Self {
        Self { shared: Arc::new(Shared { database, packages, clock, ids }) }
    }

    /// Every built-in environment, by name.
    pub async fn list(&self) -> Result<Vec<BuiltInEnvironment>> {
        Ok(Vec::new())
    }

    /// One built-in environment; [`EnvironmentError::NotFound`] where there is none.
    pub async fn get(&self, id: EnvironmentId) -> Result<BuiltInEnvironment> {
        Err(EnvironmentError::NotFound(id))
    }

    /// Creates an empty environment. Refused where the name is empty, longer than 100 characters or taken.
    pub async fn create(&self, id: EnvironmentId, name: &str, import_pace: u32) -> Result<()> {
        let _ = (name, import_pace);
        Err(EnvironmentError::NotFound(id))
    }

    /// Renames an environment and sets how fast imports are; refused as [`BuiltIn::create`] is.
    pub async fn update(&self, id: EnvironmentId, name: &str, import_pace: u32) -> Result<()> {
        let _ = (name, import_pace);
        Err(EnvironmentError::NotFound(id))
    }

    /// Takes everything out of an environment and keeps its name and the mark of its host record.
    pub async fn reset(&self, id: EnvironmentId) -> Result<()> {
        Err(EnvironmentError::NotFound(id))
    }

    /// Deletes an environment with all that is in it.
    pub async fn delete(&self, id: EnvironmentId) -> Result<()> {
        Err(EnvironmentError::NotFound(id))
    }

    /// Takes up the imports that a process before this one left running. Returns how many.
    pub async fn resume_imports(&self) -> Result<usize> {
        Ok(0)
    }
}

#[async_trait]
impl Environments for BuiltIn {
    async fn open(&self, id: EnvironmentId) -> Result<Arc<dyn Environment>> {
        Err(EnvironmentError::NotFound(id))
    }
}
