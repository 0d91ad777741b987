//! The effect of an import on an environment's rows. All of it happens in the caller's transaction.

use super::{
    Shared,
    change::change,
    column,
    entity::{component, publisher, reference_binding, solution, variable_value},
    from_json, name_key,
    settings::Effect,
    to_json,
};
use crate::{StoredPackage, port::Result};
use model::{
    connection::ConnectionReference,
    id::EnvironmentId,
    package::{PackageFacts, Publisher},
    variable::EnvironmentVariable,
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter, QuerySelect, sea_query::OnConflict,
};
use std::collections::HashSet;

/// Rows written or names deleted in one statement.
const AT_ONCE: usize = 500;

/// A package to put into an environment.
pub(super) struct Arrival<'a> {
    pub stored: &'a StoredPackage,
    pub package: &'a PackageFacts,
    /// The unique name it gets: its own, or that of a holding solution.
    pub unique_name: &'a str,
    /// What it sets besides.
    pub effect: &'a Effect,
}

/// Puts a solution into an environment, or the new version in the place of the one that is there: components that are
/// no longer in it go, and with them the values and bindings that nothing in the environment uses any more. Returns a
/// sentence that says what was done.
pub(super) async fn install(
    shared: &Shared,
    transaction: &DatabaseTransaction,
    id: EnvironmentId,
    arrival: &Arrival<'_>,
    previous: Option<solution::Model>,
) -> Result<String> {
    let Arrival { stored, package, unique_name, effect } = *arrival;
    let publisher = publisher(shared, transaction, id, &package.publisher_details).await?;
    let now = shared.now().0;
    let row = solution::Model {
        id: previous.as_ref().map_or_else(|| shared.ids.next(), |previous| previous.id),
        environment_id: id.0,
        unique_name: unique_name.to_owned(),
        unique_key: name_key(unique_name),
        display_name: package.display_name.clone(),
        description: package.description.clone(),
        version: package.version.to_string(),
        managed: package.managed,
        publisher_id: publisher.id,
        package_sha256: stored.sha256.clone(),
        package_bytes: column(stored.bytes),
        connection_references: to_json(&package.connection_references)?,
        environment_variables: to_json(&package.environment_variables)?,
        missing_dependencies: to_json(&package.missing_dependencies)?,
        installed: previous.as_ref().map_or(now, |previous| previous.installed),
        modified: now,
    };
    let solution_id = row.id;
    let before = if previous.is_some() {
        solution::Entity::update(active(row)).exec_without_returning(transaction).await?;
        component::Entity::find().filter(component::Column::SolutionId.eq(solution_id)).all(transaction).await?
    } else {
        solution::Entity::insert(active(row)).exec_without_returning(transaction).await?;
        Vec::new()
    };
    let change = change(solution_id, before, &package.components);
    for names in change.outdated.chunks(AT_ONCE) {
        component::Entity::delete_many()
            .filter(component::Column::SolutionId.eq(solution_id))
            .filter(component::Column::NameKey.is_in(names.iter().map(String::as_str)))
            .exec(transaction)
            .await?;
    }
    let mut rows = change.rows.into_iter().map(active_component).peekable();
    while rows.peek().is_some() {
        component::Entity::insert_many(rows.by_ref().take(AT_ONCE)).exec_without_returning(transaction).await?;
    }
    if let Some(previous) = &previous {
        forget(transaction, previous, &package.connection_references, &package.environment_variables).await?;
    }
    set(transaction, id, effect, now).await?;
    Ok(match previous {
        None => format!("{} {} was installed.", package.display_name, package.version),
        Some(previous) => format!(
            "{} was upgraded from {} to {}: {} added, {} removed.",
            package.display_name,
            previous.version,
            package.version,
            counted(change.added),
            counted(change.removed)
        ),
    })
}

fn counted(components: usize) -> String {
    if components == 1 { "1 component".to_owned() } else { format!("{components} components") }
}

/// Finds a publisher by unique name, or brings it in. One that is there already stays as it is.
pub(super) async fn publisher(
    shared: &Shared,
    transaction: &DatabaseTransaction,
    id: EnvironmentId,
    wanted: &Publisher,
) -> Result<publisher::Model> {
    let key = name_key(&wanted.unique_name);
    let present = publisher::Entity::find()
        .filter(publisher::Column::EnvironmentId.eq(id.0))
        .filter(publisher::Column::UniqueKey.eq(key.as_str()))
        .one(transaction)
        .await?;
    if let Some(present) = present {
        return Ok(present);
    }
    let row = publisher::Model {
        id: shared.ids.next(),
        environment_id: id.0,
        unique_name: wanted.unique_name.clone(),
        unique_key: key,
        display_name: wanted.display_name.clone(),
        prefix: wanted.prefix.clone(),
        option_value_prefix: i64::from(wanted.option_value_prefix),
    };
    let values = publisher::ActiveModel {
        id: Set(row.id),
        environment_id: Set(row.environment_id),
        unique_name: Set(row.unique_name.clone()),
        unique_key: Set(row.unique_key.clone()),
        display_name: Set(row.display_name.clone()),
        prefix: Set(row.prefix.clone()),
        option_value_prefix: Set(row.option_value_prefix),
    };
    publisher::Entity::insert(values).exec_without_returning(transaction).await?;
    Ok(row)
}

/// Removes the values and bindings of what a solution had and no longer has, unless another solution has it too.
pub(super) async fn forget(
    transaction: &DatabaseTransaction,
    before: &solution::Model,
    references_now: &[ConnectionReference],
    variables_now: &[EnvironmentVariable],
) -> Result<()> {
    let mut references = reference_keys(&before.connection_references)?;
    let mut variables = variable_keys(&before.environment_variables)?;
    for reference in references_now {
        references.remove(&name_key(&reference.logical_name));
    }
    for variable in variables_now {
        variables.remove(&name_key(&variable.schema_name));
    }
    if references.is_empty() && variables.is_empty() {
        return Ok(());
    }
    let others: Vec<(String, String)> = solution::Entity::find()
        .select_only()
        .columns([solution::Column::ConnectionReferences, solution::Column::EnvironmentVariables])
        .filter(solution::Column::EnvironmentId.eq(before.environment_id))
        .filter(solution::Column::Id.ne(before.id))
        .into_tuple()
        .all(transaction)
        .await?;
    for (other_references, other_variables) in &others {
        for key in reference_keys(other_references)? {
            references.remove(&key);
        }
        for key in variable_keys(other_variables)? {
            variables.remove(&key);
        }
    }
    let references: Vec<String> = references.into_iter().collect();
    for keys in references.chunks(AT_ONCE) {
        reference_binding::Entity::delete_many()
            .filter(reference_binding::Column::EnvironmentId.eq(before.environment_id))
            .filter(reference_binding::Column::LogicalKey.is_in(keys.iter().map(String::as_str)))
            .exec(transaction)
            .await?;
    }
    let variables: Vec<String> = variables.into_iter().collect();
    for keys in variables.chunks(AT_ONCE) {
        variable_value::Entity::delete_many()
            .filter(variable_value::Column::EnvironmentId.eq(before.environment_id))
            .filter(variable_value::Column::SchemaKey.is_in(keys.iter().map(String::as_str)))
            .exec(transaction)
            .await?;
    }
    Ok(())
}

/// Sets bindings and values.
pub(super) async fn set(transaction: &DatabaseTransaction, id: EnvironmentId, effect: &Effect, now: i64) -> Result<()> {
    for bindings in effect.bindings.chunks(AT_ONCE) {
        let rows = bindings.iter().map(|(logical_name, connection_id)| reference_binding::ActiveModel {
            environment_id: Set(id.0),
            logical_key: Set(name_key(logical_name)),
            connection_id: Set(connection_id.clone()),
            modified: Set(now),
        });
        let replace =
            OnConflict::columns([reference_binding::Column::EnvironmentId, reference_binding::Column::LogicalKey])
                .update_columns([reference_binding::Column::ConnectionId, reference_binding::Column::Modified])
                .to_owned();
        reference_binding::Entity::insert_many(rows).on_conflict(replace).exec_without_returning(transaction).await?;
    }
    for values in effect.values.chunks(AT_ONCE) {
        let rows = values.iter().map(|(schema_name, value)| variable_value::ActiveModel {
            environment_id: Set(id.0),
            schema_key: Set(name_key(schema_name)),
            value: Set(value.clone()),
            modified: Set(now),
        });
        let replace = OnConflict::columns([variable_value::Column::EnvironmentId, variable_value::Column::SchemaKey])
            .update_columns([variable_value::Column::Value, variable_value::Column::Modified])
            .to_owned();
        variable_value::Entity::insert_many(rows).on_conflict(replace).exec_without_returning(transaction).await?;
    }
    Ok(())
}

fn reference_keys(document: &str) -> Result<HashSet<String>> {
    let references: Vec<ConnectionReference> = from_json(document)?;
    Ok(references.iter().map(|reference| name_key(&reference.logical_name)).collect())
}

fn variable_keys(document: &str) -> Result<HashSet<String>> {
    let variables: Vec<EnvironmentVariable> = from_json(document)?;
    Ok(variables.iter().map(|variable| name_key(&variable.schema_name)).collect())
}

/// A solution's row with every column to write.
pub(super) fn active(row: solution::Model) -> solution::ActiveModel {
    solution::ActiveModel {
        id: Set(row.id),
        environment_id: Set(row.environment_id),
        unique_name: Set(row.unique_name),
        unique_key: Set(row.unique_key),
        display_name: Set(row.display_name),
        description: Set(row.description),
        version: Set(row.version),
        managed: Set(row.managed),
        publisher_id: Set(row.publisher_id),
        package_sha256: Set(row.package_sha256),
        package_bytes: Set(row.package_bytes),
        connection_references: Set(row.connection_references),
        environment_variables: Set(row.environment_variables),
        missing_dependencies: Set(row.missing_dependencies),
        installed: Set(row.installed),
        modified: Set(row.modified),
    }
}

fn active_component(row: component::Model) -> component::ActiveModel {
    component::ActiveModel {
        solution_id: Set(row.solution_id),
        name_key: Set(row.name_key),
        kind: Set(row.kind),
        parent_key: Set(row.parent_key),
        name: Set(row.name),
        parent: Set(row.parent),
        display_name: Set(row.display_name),
    }
}
