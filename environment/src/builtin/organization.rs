//! What the Web API shows of an environment beyond the port: every row with an id of its own.
//!
//! Solutions, publishers and import jobs have ids in the database. Whatever else the platform keeps as a row of its own
//! (references, variables, values, components) is known here by name, and its id is made from the name.

use super::{
    BuiltIn, contents,
    entity::{component, import_job, publisher, reference_binding, solution, variable_value},
    find, from_json, name_key,
};
use crate::{ImportJob, port::Result};
use model::{
    Component, Timestamp,
    connection::ConnectionReference,
    id::EnvironmentId,
    package::Publisher,
    solution::{BoundReference, CurrentVariable, SolutionSummary},
    variable::EnvironmentVariable,
};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, HashMap};
use uuid::Uuid;

/// Import jobs and operations that are listed, latest first.
pub(super) const MOST_LISTED: u64 = 1000;

/// A publisher with its id.
#[derive(Clone, Debug)]
pub struct PublisherRow {
    /// `publisherid`.
    pub id: Uuid,
    /// The publisher.
    pub publisher: Publisher,
}

/// A solution with its id.
#[derive(Clone, Debug)]
pub struct SolutionRow {
    /// `solutionid`.
    pub id: Uuid,
    /// `publisherid` of its publisher.
    pub publisher_id: Uuid,
    /// The solution.
    pub summary: SolutionSummary,
    /// Description, possibly empty.
    pub description: String,
}

/// A connection reference with its id.
#[derive(Clone, Debug)]
pub struct ReferenceRow {
    /// `connectionreferenceid`.
    pub id: Uuid,
    /// The reference and what it is bound to.
    pub bound: BoundReference,
    /// Whether a managed solution brings it.
    pub managed: bool,
    /// Ids of the solutions that bring it.
    pub solutions: Vec<Uuid>,
    /// When it was last bound, or its solution changed.
    pub modified: Timestamp,
}

/// An environment variable with its id.
#[derive(Clone, Debug)]
pub struct VariableRow {
    /// `environmentvariabledefinitionid`.
    pub id: Uuid,
    /// `environmentvariablevalueid` of its value, whether or not there is one.
    pub value_id: Uuid,
    /// The definition and its value.
    pub variable: CurrentVariable,
    /// Whether a managed solution brings it.
    pub managed: bool,
    /// Ids of the solutions that bring it.
    pub solutions: Vec<Uuid>,
    /// When its value was last set, or its solution changed.
    pub modified: Timestamp,
}

/// A component of a solution, with ids.
#[derive(Clone, Debug)]
pub struct ComponentRow {
    /// `solutioncomponentid`.
    pub id: Uuid,
    /// `objectid`: the component's own id where its name is one.
    pub object_id: Uuid,
    /// Id of the solution.
    pub solution_id: Uuid,
    /// The component.
    pub component: Component,
}

impl BuiltIn {
    /// The publishers, by name.
    pub async fn publisher_rows(&self, id: EnvironmentId) -> Result<Vec<PublisherRow>> {
        let database = &self.shared.database;
        find(database, id).await?;
        let rows = publisher::Entity::find()
            .filter(publisher::Column::EnvironmentId.eq(id.0))
            .order_by_asc(publisher::Column::UniqueKey)
            .all(database)
            .await?;
        Ok(rows.into_iter().map(|row| PublisherRow { id: row.id, publisher: row.into() }).collect())
    }

    /// The solutions, by unique name.
    pub async fn solution_rows(&self, id: EnvironmentId) -> Result<Vec<SolutionRow>> {
        let database = &self.shared.database;
        find(database, id).await?;
        let publishers = contents::publishers(database, id).await?;
        let heads = solution::Entity::find()
            .filter(solution::Column::EnvironmentId.eq(id.0))
            .order_by_asc(solution::Column::UniqueKey)
            .into_partial_model::<solution::Head>()
            .all(database)
            .await?;
        let descriptions: Vec<(Uuid, String)> = solution::Entity::find()
            .select_only()
            .columns([solution::Column::Id, solution::Column::Description])
            .filter(solution::Column::EnvironmentId.eq(id.0))
            .into_tuple()
            .all(database)
            .await?;
        let mut descriptions: HashMap<Uuid, String> = descriptions.into_iter().collect();
        let rows = heads.into_iter().map(|head| {
            Ok(SolutionRow {
                id: head.id,
                publisher_id: head.publisher_id,
                description: descriptions.remove(&head.id).unwrap_or_default(),
                summary: contents::summary(head, &publishers)?,
            })
        });
        rows.collect()
    }

    /// The connection references of all solutions, each once.
    pub async fn reference_rows(&self, id: EnvironmentId) -> Result<Vec<ReferenceRow>> {
        let database = &self.shared.database;
        find(database, id).await?;
        let documents = documents(database, id, solution::Column::ConnectionReferences).await?;
        let bindings = reference_binding::Entity::find()
            .filter(reference_binding::Column::EnvironmentId.eq(id.0))
            .all(database)
            .await?;
        let bindings: HashMap<String, reference_binding::Model> =
            bindings.into_iter().map(|row| (row.logical_key.clone(), row)).collect();
        let mut rows: BTreeMap<String, ReferenceRow> = BTreeMap::new();
        for (solution, managed, modified, document) in documents {
            for reference in from_json::<Vec<ConnectionReference>>(&document)? {
                let key = name_key(&reference.logical_name);
                let binding = bindings.get(&key);
                let row = rows.entry(key.clone()).or_insert_with(|| ReferenceRow {
                    id: made_id(id, "connectionreference", &[&key]),
                    bound: BoundReference { reference, connection_id: binding.map(|row| row.connection_id.clone()) },
                    managed,
                    solutions: Vec::new(),
                    modified: Timestamp(binding.map_or(0, |row| row.modified)),
                });
                row.managed |= managed;
                row.modified = row.modified.max(Timestamp(modified));
                row.solutions.push(solution);
            }
        }
        Ok(rows.into_values().collect())
    }

    /// The environment variables of all solutions, each once.
    pub async fn variable_rows(&self, id: EnvironmentId) -> Result<Vec<VariableRow>> {
        let database = &self.shared.database;
        find(database, id).await?;
        let documents = documents(database, id, solution::Column::EnvironmentVariables).await?;
        let values =
            variable_value::Entity::find().filter(variable_value::Column::EnvironmentId.eq(id.0)).all(database).await?;
        let values: HashMap<String, variable_value::Model> =
            values.into_iter().map(|row| (row.schema_key.clone(), row)).collect();
        let mut rows: BTreeMap<String, VariableRow> = BTreeMap::new();
        for (solution, managed, modified, document) in documents {
            for definition in from_json::<Vec<EnvironmentVariable>>(&document)? {
                let key = name_key(&definition.schema_name);
                let value = values.get(&key);
                let row = rows.entry(key.clone()).or_insert_with(|| VariableRow {
                    id: made_id(id, "environmentvariabledefinition", &[&key]),
                    value_id: made_id(id, "environmentvariablevalue", &[&key]),
                    variable: CurrentVariable { definition, value: value.map(|row| row.value.clone()) },
                    managed,
                    solutions: Vec::new(),
                    modified: Timestamp(value.map_or(0, |row| row.modified)),
                });
                row.managed |= managed;
                row.modified = row.modified.max(Timestamp(modified));
                row.solutions.push(solution);
            }
        }
        Ok(rows.into_values().collect())
    }

    /// The components of all solutions, or of one.
    pub async fn component_rows(&self, id: EnvironmentId, of: Option<Uuid>) -> Result<Vec<ComponentRow>> {
        let database = &self.shared.database;
        find(database, id).await?;
        let mut solutions = solution::Entity::find()
            .select_only()
            .column(solution::Column::Id)
            .filter(solution::Column::EnvironmentId.eq(id.0));
        if let Some(of) = of {
            solutions = solutions.filter(solution::Column::Id.eq(of));
        }
        let solutions: Vec<Uuid> = solutions.into_tuple().all(database).await?;
        let rows = component::Entity::find()
            .filter(component::Column::SolutionId.is_in(solutions))
            .order_by_asc(component::Column::SolutionId)
            .order_by_asc(component::Column::NameKey)
            .all(database)
            .await?;
        let rows = rows.into_iter().map(|row| {
            let parts = [row.kind.as_str(), &row.parent_key, &row.name_key];
            let own = match row.kind.as_str() {
                "connectionreference" => Some(made_id(id, "connectionreference", &[&row.name_key])),
                "380" => Some(made_id(id, "environmentvariabledefinition", &[&row.name_key])),
                _ => Uuid::parse_str(&row.name).ok(),
            };
            ComponentRow {
                id: made_id(id, "solutioncomponent", &[&row.solution_id.to_string(), parts[0], parts[1], parts[2]]),
                object_id: own.unwrap_or_else(|| made_id(id, "component", &parts)),
                solution_id: row.solution_id,
                component: row.into(),
            }
        });
        Ok(rows.collect())
    }

    /// The latest import jobs, latest first.
    pub async fn import_jobs(&self, id: EnvironmentId) -> Result<Vec<ImportJob>> {
        let database = &self.shared.database;
        find(database, id).await?;
        let rows = import_job::Entity::find()
            .filter(import_job::Column::EnvironmentId.eq(id.0))
            .order_by_desc(import_job::Column::Started)
            .limit(MOST_LISTED)
            .all(database)
            .await?;
        Ok(rows.into_iter().map(super::import_job::view).collect())
    }
}

/// The id of something that is known by its name, the same each time (a UUID of version 8, which is for such ids).
fn made_id(environment: EnvironmentId, table: &str, parts: &[&str]) -> Uuid {
    let mut hash = Sha256::new();
    hash.update(environment.0.as_bytes());
    hash.update(table);
    for part in parts {
        hash.update([0]);
        hash.update(part);
    }
    let hash = hash.finalize();
    let mut bytes = [0; 16];
    for (byte, hashed) in bytes.iter_mut().zip(hash) {
        *byte = hashed;
    }
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}

/// What the solutions of an environment keep in a column, the oldest first: each with its id, whether it is managed, and
/// when it was changed.
async fn documents(
    database: &impl ConnectionTrait,
    id: EnvironmentId,
    column: solution::Column,
) -> Result<Vec<(Uuid, bool, i64, String)>> {
    let documents = solution::Entity::find()
        .select_only()
        .columns([solution::Column::Id, solution::Column::Managed, solution::Column::Modified, column])
        .filter(solution::Column::EnvironmentId.eq(id.0))
        .order_by_asc(solution::Column::Installed)
        .into_tuple()
        .all(database)
        .await?;
    Ok(documents)
}
