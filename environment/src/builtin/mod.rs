//! Environments that Slipway keeps in its own database: solutions with their components, connections, values and an
//! import log. Real ones, not stand-ins: what they refuse, a Dataverse environment refuses too.

mod administration;
mod alteration;
mod application_user;
mod binding;
mod change;
mod connections;
mod contents;
mod entity;
mod holding;
mod import_job;
mod installation;
mod opened;
mod operation;
mod organization;
mod reconfiguration;
mod settings;
mod solutions;
#[cfg(test)]
pub(crate) mod tests;
mod verdict;
mod worker;

use crate::{Clock, Environment, EnvironmentError, Environments, Ids, PackageStore, port::Result};
pub use alteration::Alteration;
pub use application_user::{APPLICATION_TENANT, ApplicationUser, NewApplicationUser, TOKEN_LASTS};
use async_trait::async_trait;
use entity::environment;
use model::{Timestamp, id::EnvironmentId};
pub use operation::{DoneOperation, Operation};
pub use organization::{ComponentRow, PublisherRow, ReferenceRow, SolutionRow, VariableRow};
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, EntityTrait, QuerySelect, SqliteTransactionMode,
    TransactionOptions, TransactionTrait,
};
use sha2::{Digest, Sha256};
use std::sync::Arc;

/// The built-in environments. Cheap to clone: every clone is the same.
#[derive(Clone)]
pub struct BuiltIn {
    shared: Arc<Shared>,
}

/// What every operation works with.
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

    /// A new id.
    pub fn new_id(&self) -> uuid::Uuid {
        self.shared.ids.next()
    }

    /// Takes up the imports that a process before this one left running. Returns how many. To be called once, at start,
    /// before environments are used.
    pub async fn resume_imports(&self) -> Result<usize> {
        import_job::resume_all(&self.shared).await
    }
}

#[async_trait]
impl Environments for BuiltIn {
    async fn open(&self, id: EnvironmentId) -> Result<Arc<dyn Environment>> {
        Ok(Arc::new(opened::OpenedEnvironment::new(Arc::clone(&self.shared), id)))
    }
}

impl Shared {
    fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Begins a transaction that writes. SQLite takes its write lock at once: a transaction that begins by reading and
    /// writes later would be refused while another one writes, instead of waiting for it.
    async fn write(&self) -> Result<DatabaseTransaction> {
        let options = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        Ok(self.database.begin_with_options(options).await?)
    }
}

/// Finds an environment.
async fn find(database: &impl ConnectionTrait, id: EnvironmentId) -> Result<environment::Model> {
    environment::Entity::find_by_id(id.0).one(database).await?.ok_or(EnvironmentError::NotFound(id))
}

/// Finds an environment and keeps everybody else who calls this waiting until the transaction ends.
async fn lock(transaction: &DatabaseTransaction, id: EnvironmentId) -> Result<environment::Model> {
    environment::Entity::find_by_id(id.0).lock_exclusive().one(transaction).await?.ok_or(EnvironmentError::NotFound(id))
}

/// A name as it is looked up: in lower case, and of bounded length whatever a package brings.
fn name_key(name: &str) -> String {
    const LONGEST: usize = 200;
    let key = name.to_lowercase();
    if key.len() <= LONGEST {
        return key;
    }
    let beginning: String = key.chars().take(100).collect();
    format!("{beginning}#{}", hex::encode(Sha256::digest(key.as_bytes())))
}

/// Wraps what should not have gone wrong.
fn internal(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> EnvironmentError {
    EnvironmentError::Internal(error.into())
}

/// Writes a document for a column.
fn to_json<T: serde::Serialize + ?Sized>(value: &T) -> Result<String> {
    serde_json::to_string(value).map_err(internal)
}

/// Reads a document of a column.
fn from_json<T: serde::de::DeserializeOwned>(text: &str) -> Result<T> {
    serde_json::from_str(text).map_err(internal)
}

/// A size for a column.
fn column(bytes: u64) -> i64 {
    i64::try_from(bytes).unwrap_or(i64::MAX)
}
