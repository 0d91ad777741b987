//! Every environment a Slipway knows: those it keeps itself, and the Dataverse environments it was told of.

use crate::{Environment, Environments, builtin::BuiltIn, dataverse::DataverseEnvironment, port::Result};
use async_trait::async_trait;
use model::id::EnvironmentId;
use std::{collections::HashMap, sync::Arc};

/// Finds an environment wherever it is.
pub struct KnownEnvironments {
    built_in: BuiltIn,
    dataverse: HashMap<EnvironmentId, Arc<DataverseEnvironment>>,
}

impl KnownEnvironments {
    /// Built-in environments and some Dataverse environments. Whatever is not among the latter is looked for among the
    /// former.
    pub fn new(built_in: BuiltIn, dataverse: impl IntoIterator<Item = DataverseEnvironment>) -> Self {
        let dataverse = dataverse.into_iter().map(|one| (one.id(), Arc::new(one))).collect();
        Self { built_in, dataverse }
    }
}

#[async_trait]
impl Environments for KnownEnvironments {
    async fn open(&self, id: EnvironmentId) -> Result<Arc<dyn Environment>> {
        match self.dataverse.get(&id) {
            Some(environment) => Ok(Arc::clone(environment) as Arc<dyn Environment>),
            None => self.built_in.open(id).await,
        }
    }
}
