//! New connections and values for a solution that is installed, without an import.

use super::{Shared, connections, contents, from_json, import_job, installation, settings};
use crate::{EnvironmentError, port::Result};
use model::{
    connection::ConnectionReference, id::EnvironmentId, settings::DeploymentSettings, variable::EnvironmentVariable,
};
use std::sync::Arc;

/// Sets what settings have for a solution, all of it or, when something is refused, nothing.
pub(super) async fn reconfigure(
    shared: &Arc<Shared>,
    id: EnvironmentId,
    unique_name: &str,
    wanted: &DeploymentSettings,
) -> Result<()> {
    let refused = |message: String| EnvironmentError::Refused { code: None, message };
    let transaction = import_job::exclusive(shared, id).await?;
    let row = contents::row(&transaction, id, unique_name).await?;
    let row = row.ok_or_else(|| refused(format!("The environment has no solution named {unique_name}.")))?;
    let references: Vec<ConnectionReference> = from_json(&row.connection_references)?;
    let mut variables: Vec<EnvironmentVariable> = from_json(&row.environment_variables)?;
    for variable in &mut variables {
        // What a package carries is set by its import, and may have been changed since.
        variable.packaged_value = None;
    }
    let present = connections::all(&transaction, id).await?;
    let effect = settings::effect(&references, &variables, wanted, &present).map_err(refused)?;
    installation::set(&transaction, id, &effect, shared.now().0).await?;
    Ok(transaction.commit().await?)
}
