//! Every environment a Slipway knows: those it keeps itself, and the Dataverse environments it was told of.

use crate::{
    Environment, Environments,
    builtin::BuiltIn,
    dataverse::{Access, DataverseClients},
    port::Result,
};
use async_trait::async_trait;
use model::id::EnvironmentId;
use std::{collections::HashMap, hash::BuildHasher, sync::Arc};

/// Tells how Dataverse environments are reached.
#[async_trait]
pub trait Accesses: Send + Sync {
    /// How one is reached; none where it is not known here.
    async fn find(&self, id: EnvironmentId) -> Result<Option<Access>>;
}

#[async_trait]
impl<S: BuildHasher + Send + Sync> Accesses for HashMap<EnvironmentId, Access, S> {
    async fn find(&self, id: EnvironmentId) -> Result<Option<Access>> {
        Ok(self.get(&id).cloned())
    }
}

/// Finds an environment wherever it is.
pub struct KnownEnvironments {
    built_in: BuiltIn,
    clients: DataverseClients,
    accesses: Vec<Arc<dyn Accesses>>,
}

impl KnownEnvironments {
    /// Built-in environments, and the Dataverse environments that somebody tells of: the first one counts. Whatever is not
    /// among the latter is looked for among the former.
    pub fn new(built_in: BuiltIn, clients: DataverseClients, accesses: Vec<Arc<dyn Accesses>>) -> Self {
        Self { built_in, clients, accesses }
    }
}

#[async_trait]
impl Environments for KnownEnvironments {
    async fn open(&self, id: EnvironmentId) -> Result<Arc<dyn Environment>> {
        for accesses in &self.accesses {
            if let Some(access) = accesses.find(id).await? {
                return Ok(self.clients.open(access)?);
            }
        }
        self.built_in.open(id).await
    }
}
