//! What is in an environment, read from its rows.

use super::{
    connections,
    entity::{component, environment, publisher, reference_binding, solution, variable_value},
    from_json, internal, name_key,
};
use crate::{TargetState, port::Result, staging::implied};
use model::{
    Component, ComponentType, SolutionVersion, Timestamp,
    connection::ConnectionReference,
    environment::EnvironmentProperties,
    id::EnvironmentId,
    package::{MissingDependency, PackageFacts, Publisher},
    solution::{BoundReference, CurrentVariable, SolutionContents, SolutionSummary},
    variable::EnvironmentVariable,
};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, ExprTrait, QueryFilter, QuerySelect};
use std::collections::{BTreeSet, HashMap};
use uuid::Uuid;

/// Names looked up in one statement.
const NAMES_AT_ONCE: usize = 500;

/// Publishers by their row's id.
pub(super) type Publishers = HashMap<Uuid, publisher::Model>;

/// How many solutions there are in each environment, or in one.
pub(super) async fn count_solutions(
    database: &impl ConnectionTrait,
    id: Option<EnvironmentId>,
) -> Result<HashMap<Uuid, u64>> {
    let mut query = solution::Entity::find()
        .select_only()
        .column(solution::Column::EnvironmentId)
        .column_as(solution::Column::Id.count(), "solutions")
        .group_by(solution::Column::EnvironmentId);
    if let Some(id) = id {
        query = query.filter(solution::Column::EnvironmentId.eq(id.0));
    }
    let counts: Vec<(Uuid, i64)> = query.into_tuple().all(database).await?;
    Ok(counts.into_iter().map(|(id, count)| (id, u64::try_from(count).unwrap_or_default())).collect())
}

/// The publishers of an environment.
pub(super) async fn publishers(database: &impl ConnectionTrait, id: EnvironmentId) -> Result<Publishers> {
    let rows = publisher::Entity::find().filter(publisher::Column::EnvironmentId.eq(id.0)).all(database).await?;
    Ok(rows.into_iter().map(|row| (row.id, row)).collect())
}

/// The solutions of an environment, without their documents.
async fn heads(database: &impl ConnectionTrait, id: EnvironmentId) -> Result<Vec<solution::Head>> {
    let query = solution::Entity::find().filter(solution::Column::EnvironmentId.eq(id.0));
    Ok(query.into_partial_model::<solution::Head>().all(database).await?)
}

/// The solutions of an environment, in no particular order.
pub(super) async fn summaries(database: &impl ConnectionTrait, id: EnvironmentId) -> Result<Vec<SolutionSummary>> {
    let heads = heads(database, id).await?;
    if heads.is_empty() {
        return Ok(Vec::new());
    }
    let publishers = publishers(database, id).await?;
    heads.into_iter().map(|head| summary(head, &publishers)).collect()
}

/// The row of a solution, by unique name without regard to case.
pub(super) async fn row(
    database: &impl ConnectionTrait,
    id: EnvironmentId,
    unique_name: &str,
) -> Result<Option<solution::Model>> {
    let row = solution::Entity::find()
        .filter(solution::Column::EnvironmentId.eq(id.0))
        .filter(solution::Column::UniqueKey.eq(name_key(unique_name)))
        .one(database)
        .await?;
    Ok(row)
}

/// One solution with its contents, by unique name without regard to case.
pub(super) async fn solution(
    database: &impl ConnectionTrait,
    id: EnvironmentId,
    unique_name: &str,
) -> Result<Option<SolutionContents>> {
    let Some(row) = row(database, id, unique_name).await? else { return Ok(None) };
    let publishers = publishers(database, id).await?;
    Ok(Some(contents(database, row, &publishers).await?))
}

/// What pre-flight has to know of an environment for one package: every solution, but the components only of the
/// solution of the same name and those that the package refers to.
pub(super) async fn target(
    database: &impl ConnectionTrait,
    id: EnvironmentId,
    package: &PackageFacts,
) -> Result<TargetState> {
    let heads = heads(database, id).await?;
    let connections = connections::all(database, id).await?;
    let properties = Some(properties(database, id).await?);
    let mut target = TargetState { connections, properties, ..TargetState::default() };
    if heads.is_empty() {
        return Ok(target);
    }
    let publishers = publishers(database, id).await?;
    let key = name_key(&package.unique_name);
    let others: Vec<Uuid> = heads.iter().filter(|head| head.unique_key != key).map(|head| head.id).collect();
    let is_upgrade = package.managed && heads.iter().any(|head| head.unique_key == key && head.managed);
    let mut needs = if is_upgrade { dependencies(database, id, &key).await? } else { HashMap::new() };
    let mut asked = package.missing_dependencies.clone();
    asked.extend(implied(package));
    asked.extend(needs.values().flatten().cloned());
    let mut wanted = asked_for(database, &others, &asked, &package.extended_tables).await?;
    if package.managed {
        let is_on_top = |head: &&solution::Head| !head.managed && head.unique_key != key;
        let on_top: Vec<Uuid> = heads.iter().filter(is_on_top).map(|head| head.id).collect();
        wanted.extend(components_of(database, &on_top).await?);
    }
    for head in heads {
        let contents = if head.unique_key == key {
            match solution::Entity::find_by_id(head.id).one(database).await? {
                Some(row) => contents(database, row, &publishers).await?,
                // It was removed between two reads.
                None => continue,
            }
        } else {
            let components = wanted.remove(&head.id).unwrap_or_default();
            let missing_dependencies = needs.remove(&head.id).unwrap_or_default();
            SolutionContents {
                summary: summary(head, &publishers)?,
                description: String::new(),
                components,
                connection_references: Vec::new(),
                environment_variables: Vec::new(),
                missing_dependencies,
            }
        };
        target.solutions.push(contents);
    }
    Ok(target)
}

/// What the environment is like and what it takes.
async fn properties(database: &impl ConnectionTrait, id: EnvironmentId) -> Result<EnvironmentProperties> {
    let document: Option<String> = environment::Entity::find_by_id(id.0)
        .select_only()
        .column(environment::Column::Properties)
        .into_tuple()
        .one(database)
        .await?;
    document.map_or_else(|| Ok(EnvironmentProperties::default()), |document| from_json(&document))
}

/// What the solutions of an environment but one need from elsewhere, by solution.
async fn dependencies(
    database: &impl ConnectionTrait,
    id: EnvironmentId,
    but: &str,
) -> Result<HashMap<Uuid, Vec<MissingDependency>>> {
    let documents: Vec<(Uuid, String)> = solution::Entity::find()
        .select_only()
        .columns([solution::Column::Id, solution::Column::MissingDependencies])
        .filter(solution::Column::EnvironmentId.eq(id.0))
        .filter(solution::Column::UniqueKey.ne(but))
        .into_tuple()
        .all(database)
        .await?;
    documents.into_iter().map(|(id, document)| Ok((id, from_json(&document)?))).collect()
}

/// Every component of some solutions, by solution.
async fn components_of(database: &impl ConnectionTrait, solutions: &[Uuid]) -> Result<HashMap<Uuid, Vec<Component>>> {
    let mut found: HashMap<Uuid, Vec<Component>> = HashMap::new();
    for solutions in solutions.chunks(NAMES_AT_ONCE) {
        let of_solutions = component::Column::SolutionId.is_in(solutions.iter().copied());
        for row in component::Entity::find().filter(of_solutions).all(database).await? {
            found.entry(row.solution_id).or_default().push(row.into());
        }
    }
    Ok(found)
}

/// The components of some solutions that dependencies, or extensions of tables, may mean, by solution.
pub(super) async fn asked_for(
    database: &impl ConnectionTrait,
    solutions: &[Uuid],
    dependencies: &[MissingDependency],
    extended_tables: &[String],
) -> Result<HashMap<Uuid, Vec<Component>>> {
    // Views and charts are asked for by the name they have for people, and known by id.
    const TITLED: [u32; 2] = [26, 59];
    let mut names = BTreeSet::new();
    let mut tables = BTreeSet::new();
    for MissingDependency { required, required_id, .. } in dependencies {
        names.insert(name_key(&required.name));
        names.extend(required_id.as_deref().map(name_key));
        if matches!(required.kind, ComponentType::Number(number) if TITLED.contains(&number)) {
            tables.extend(required.parent.as_deref().map(name_key));
        }
    }
    names.extend(extended_tables.iter().map(|table| name_key(table)));
    let mut found: HashMap<Uuid, Vec<Component>> = HashMap::new();
    if solutions.is_empty() {
        return Ok(found);
    }
    let of_solutions = component::Column::SolutionId.is_in(solutions.iter().copied());
    let names: Vec<String> = names.into_iter().collect();
    let tables: Vec<String> = tables.into_iter().collect();
    let by_name = names.chunks(NAMES_AT_ONCE).map(|names| component::Column::NameKey.is_in(names));
    let by_table = tables.chunks(NAMES_AT_ONCE).map(|tables| {
        let titled = component::Column::Kind.is_in(TITLED.map(|number| number.to_string()));
        titled.and(component::Column::ParentKey.is_in(tables))
    });
    for condition in by_name.chain(by_table) {
        let rows = component::Entity::find().filter(of_solutions.clone()).filter(condition).all(database).await?;
        for row in rows {
            found.entry(row.solution_id).or_default().push(row.into());
        }
    }
    Ok(found)
}

async fn contents(
    database: &impl ConnectionTrait,
    row: solution::Model,
    publishers: &Publishers,
) -> Result<SolutionContents> {
    let rows = component::Entity::find().filter(component::Column::SolutionId.eq(row.id)).all(database).await?;
    let mut components: Vec<Component> = rows.into_iter().map(Component::from).collect();
    components.sort();
    let references: Vec<ConnectionReference> = from_json(&row.connection_references)?;
    let definitions: Vec<EnvironmentVariable> = from_json(&row.environment_variables)?;
    let id = EnvironmentId(row.environment_id);
    let mut bindings = if references.is_empty() { HashMap::new() } else { bindings(database, id).await? };
    let mut values = if definitions.is_empty() { HashMap::new() } else { values(database, id).await? };
    Ok(SolutionContents {
        summary: summary(solution::Head::from(&row), publishers)?,
        description: row.description,
        components,
        connection_references: references
            .into_iter()
            .map(|reference| BoundReference {
                connection_id: bindings.remove(&name_key(&reference.logical_name)),
                reference,
            })
            .collect(),
        environment_variables: definitions
            .into_iter()
            .map(|definition| CurrentVariable { value: values.remove(&name_key(&definition.schema_name)), definition })
            .collect(),
        missing_dependencies: from_json(&row.missing_dependencies)?,
    })
}

/// Connections by the key of the reference that is bound to them.
async fn bindings(database: &impl ConnectionTrait, id: EnvironmentId) -> Result<HashMap<String, String>> {
    let rows = reference_binding::Entity::find()
        .filter(reference_binding::Column::EnvironmentId.eq(id.0))
        .all(database)
        .await?;
    Ok(rows.into_iter().map(|row| (row.logical_key, row.connection_id)).collect())
}

/// Values by the key of their variable.
async fn values(database: &impl ConnectionTrait, id: EnvironmentId) -> Result<HashMap<String, String>> {
    let rows =
        variable_value::Entity::find().filter(variable_value::Column::EnvironmentId.eq(id.0)).all(database).await?;
    Ok(rows.into_iter().map(|row| (row.schema_key, row.value)).collect())
}

pub(super) fn summary(head: solution::Head, publishers: &Publishers) -> Result<SolutionSummary> {
    let publisher =
        publishers.get(&head.publisher_id).cloned().ok_or_else(|| internal("a solution has no publisher"))?;
    Ok(SolutionSummary {
        version: version(&head.version)?,
        unique_name: head.unique_name,
        display_name: head.display_name,
        managed: head.managed,
        publisher: Publisher::from(publisher),
        installed: Timestamp(head.installed),
        modified: Timestamp(head.modified),
    })
}

/// Reads a version column.
pub(super) fn version(text: &str) -> Result<SolutionVersion> {
    text.parse().map_err(internal)
}
