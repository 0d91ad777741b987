//! What clients of the Web API change in an environment, several changes at once or none.

use super::{
    BuiltIn, binding, connections,
    entity::{reference_binding, solution, variable_value},
    from_json, installation, lock, name_key,
    settings::Effect,
    solutions,
};
use crate::{EnvironmentError, HostBinding, NewSolution, port::Result};
use model::{
    SolutionVersion,
    connection::{ConnectionReference, same_connector},
    id::{DeploymentEnvironmentId, EnvironmentId},
    package::Publisher,
    variable::EnvironmentVariable,
};
use sea_orm::{ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter, QuerySelect};

/// Characters of a value; the platform's own limit.
const VALUE_LENGTH: usize = 2000;

/// One change.
#[derive(Clone, Debug)]
pub enum Alteration {
    /// Creates a publisher.
    CreatePublisher(Publisher),
    /// Creates an empty unmanaged solution.
    CreateSolution(NewSolution),
    /// Sets the version of an unmanaged solution.
    SetVersion {
        /// Unique name of the solution.
        unique_name: String,
        /// The version.
        version: SolutionVersion,
    },
    /// Sets the value of an environment variable, or takes it away.
    SetValue {
        /// Schema name of the variable.
        schema_name: String,
        /// The value.
        value: Option<String>,
    },
    /// Binds a connection reference, or unbinds it.
    BindReference {
        /// Logical name of the reference.
        logical_name: String,
        /// Id of the connection.
        connection: Option<String>,
    },
    /// Marks the environment as used by a host record.
    Bind(HostBinding),
    /// Takes a record's mark away.
    Release(DeploymentEnvironmentId),
}

impl BuiltIn {
    /// Makes changes, all of them or, when one is refused, none.
    pub async fn alter(&self, id: EnvironmentId, alterations: Vec<Alteration>) -> Result<()> {
        let shared = &self.shared;
        let mut ready = Vec::with_capacity(alterations.len());
        for alteration in alterations {
            ready.push(match alteration {
                Alteration::CreateSolution(new) => {
                    Ready::Solution(Box::new(solutions::prepare(shared, id, new).await?))
                }
                other => Ready::Other(other),
            });
        }
        let transaction = shared.write().await?;
        lock(&transaction, id).await?;
        for alteration in ready {
            match alteration {
                Ready::Solution(prepared) => {
                    solutions::insert(shared, &transaction, id, *prepared).await?;
                }
                Ready::Other(alteration) => self.apply(&transaction, id, alteration).await?,
            }
        }
        Ok(transaction.commit().await?)
    }

    async fn apply(&self, transaction: &DatabaseTransaction, id: EnvironmentId, alteration: Alteration) -> Result<()> {
        let shared = &self.shared;
        match alteration {
            Alteration::CreatePublisher(new) => solutions::create_publisher(shared, transaction, id, new).await,
            // Was prepared before the transaction.
            Alteration::CreateSolution(_) => Ok(()),
            Alteration::SetVersion { unique_name, version } => {
                solutions::write_version(shared, transaction, id, &unique_name, &version).await
            }
            Alteration::SetValue { schema_name, value } => {
                require_variable(transaction, id, &schema_name).await?;
                let Some(value) = value else {
                    variable_value::Entity::delete_by_id((id.0, name_key(&schema_name))).exec(transaction).await?;
                    return Ok(());
                };
                if value.chars().count() > VALUE_LENGTH {
                    return Err(refused(format!(
                        "The value of {schema_name} has more than {VALUE_LENGTH} characters."
                    )));
                }
                let effect = Effect { values: vec![(schema_name, value)], ..Effect::default() };
                installation::set(transaction, id, &effect, shared.now().0).await
            }
            Alteration::BindReference { logical_name, connection } => {
                let reference = require_reference(transaction, id, &logical_name).await?;
                let Some(connection) = connection else {
                    reference_binding::Entity::delete_by_id((id.0, name_key(&logical_name))).exec(transaction).await?;
                    return Ok(());
                };
                let present = connections::all(transaction, id).await?;
                let Some(found) = present.iter().find(|one| one.id == connection) else {
                    return Err(refused(format!("There is no connection {connection} in this environment.")));
                };
                if !same_connector(&found.connector_id, &reference.connector_id) {
                    return Err(refused(format!(
                        "The connection {connection} connects with {}, and {logical_name} asks for {}.",
                        found.connector_id, reference.connector_id
                    )));
                }
                let effect = Effect { bindings: vec![(logical_name, connection)], ..Effect::default() };
                installation::set(transaction, id, &effect, shared.now().0).await
            }
            Alteration::Bind(binding) => binding::write(transaction, id, binding).await,
            Alteration::Release(record) => binding::erase(transaction, id, record).await,
        }
    }
}

/// A change that is ready to be made in a transaction.
enum Ready {
    Solution(Box<solutions::Prepared>),
    Other(Alteration),
}

async fn require_variable(transaction: &DatabaseTransaction, id: EnvironmentId, schema_name: &str) -> Result<()> {
    for document in documents(transaction, id, solution::Column::EnvironmentVariables).await? {
        let variables: Vec<EnvironmentVariable> = from_json(&document)?;
        if variables.iter().any(|variable| variable.schema_name.eq_ignore_ascii_case(schema_name)) {
            return Ok(());
        }
    }
    Err(refused(format!("There is no environment variable {schema_name} in this environment.")))
}

async fn require_reference(
    transaction: &DatabaseTransaction,
    id: EnvironmentId,
    logical_name: &str,
) -> Result<ConnectionReference> {
    for document in documents(transaction, id, solution::Column::ConnectionReferences).await? {
        let references: Vec<ConnectionReference> = from_json(&document)?;
        let found = references.into_iter().find(|one| one.logical_name.eq_ignore_ascii_case(logical_name));
        if let Some(found) = found {
            return Ok(found);
        }
    }
    Err(refused(format!("There is no connection reference {logical_name} in this environment.")))
}

async fn documents(
    transaction: &DatabaseTransaction,
    id: EnvironmentId,
    column: solution::Column,
) -> Result<Vec<String>> {
    let query = solution::Entity::find().select_only().column(column).filter(solution::Column::EnvironmentId.eq(id.0));
    Ok(query.into_tuple().all(transaction).await?)
}

fn refused(message: String) -> EnvironmentError {
    EnvironmentError::Refused { code: None, message }
}
