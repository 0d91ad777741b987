//! The environments Slipway keeps itself, as administrators look after them.

use crate::{
    Caller, Error, Host, Result, deployment_environment,
    field::{self, Fields},
};
use environment::EnvironmentError;
use model::{environment::BuiltInEnvironment, id::EnvironmentId};
use sea_orm::entity::prelude::*;

/// Milliseconds an import may be made to take for each component, at most.
pub const SLOWEST_PACE: u32 = 10_000;

/// Every built-in environment, by name. Administrators only.
pub async fn list(host: &Host, caller: &Caller) -> Result<Vec<BuiltInEnvironment>> {
    caller.require_administrator()?;
    Ok(host.built_in.list().await?)
}

/// One built-in environment. Administrators only.
pub async fn get(host: &Host, caller: &Caller, id: EnvironmentId) -> Result<BuiltInEnvironment> {
    caller.require_administrator()?;
    Ok(host.built_in.get(id).await?)
}

/// Creates an empty one. `import_pace` is how many milliseconds an import takes for each component. Administrators
/// only.
///
/// Fields: `name`, `import_pace`.
pub async fn create(host: &Host, caller: &Caller, name: &str, import_pace: u32) -> Result<EnvironmentId> {
    caller.require_administrator()?;
    let name = check(host, None, name, import_pace).await?;
    let id = EnvironmentId(host.ids.next());
    host.built_in.create(id, &name, import_pace).await.map_err(at_the_name)?;
    Ok(id)
}

/// Changes name and pace of one. Administrators only.
///
/// Fields: `name`, `import_pace`.
pub async fn update(host: &Host, caller: &Caller, id: EnvironmentId, name: &str, import_pace: u32) -> Result<()> {
    caller.require_administrator()?;
    let name = check(host, Some(id), name, import_pace).await?;
    host.built_in.update(id, &name, import_pace).await.map_err(at_the_name)
}

/// Empties one: its solutions, connections and values go, its name and the mark of its record stay. Administrators
/// only.
pub async fn reset(host: &Host, caller: &Caller, id: EnvironmentId) -> Result<()> {
    caller.require_administrator()?;
    Ok(host.built_in.reset(id).await?)
}

/// Deletes one with all that is in it. Refused while a record of the host stands for it. Administrators only.
pub async fn delete(host: &Host, caller: &Caller, id: EnvironmentId) -> Result<()> {
    caller.require_administrator()?;
    let record = deployment_environment::entity::Entity::find()
        .filter(deployment_environment::entity::Column::EnvironmentId.eq(id.0))
        .one(&host.database)
        .await?;
    if let Some(record) = record {
        return Err(Error::Refused(format!(
            "This environment cannot be deleted, because the environment record “{}” stands for it. Delete that record \
             first.",
            record.name
        )));
    }
    Ok(host.built_in.delete(id).await?)
}

async fn check(host: &Host, id: Option<EnvironmentId>, name: &str, import_pace: u32) -> Result<String> {
    let mut fields = Fields::new();
    let name = fields.name(name);
    if import_pace > SLOWEST_PACE {
        fields.problem("import_pace", format!("Enter at most {SLOWEST_PACE} milliseconds."));
    }
    let others = host.built_in.list().await?;
    if others.iter().any(|other| Some(other.id) != id && field::key(&other.name) == field::key(&name)) {
        fields.problem("name", format!("There is a built-in environment named “{name}” already. Choose another name."));
    }
    fields.finish()?;
    Ok(name)
}

/// What is refused after the checks is a name that somebody else took at the same moment.
fn at_the_name(error: EnvironmentError) -> Error {
    match error {
        EnvironmentError::Refused { message, .. } => Error::field("name", message),
        error => error.into(),
    }
}
