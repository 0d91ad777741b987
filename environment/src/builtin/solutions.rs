//! What makers do with the solutions of an environment.

use super::{
    Shared, column, contents,
    entity::{publisher, solution},
    find, from_json, import_job, installation, lock, name_key, verdict,
};
use crate::{
    EnvironmentError, NewSolution, PackageKind, PackageStoreError, StoredPackage,
    port::Result,
    staging::{Inventory, Need, Other, needs},
};
use ::solution::{Changes, NewPackage};
use model::{
    ErrorCode, SolutionVersion,
    id::EnvironmentId,
    package::{MissingDependency, Publisher},
    solution::SolutionSummary,
};
use sea_orm::{ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter, QuerySelect, sea_query::Expr};
use std::{
    collections::HashMap,
    fmt::Write as _,
    fs::File,
    io::{BufReader, BufWriter, Write as _},
    sync::Arc,
};
use uuid::Uuid;

/// Components a refused removal names before it says only how many more there are.
const NAMED: usize = 10;

/// A solution to create, with the package it starts from.
pub(super) struct Prepared {
    new: NewSolution,
    package: StoredPackage,
}

pub(super) async fn create(shared: &Shared, id: EnvironmentId, new: NewSolution) -> Result<SolutionSummary> {
    let prepared = prepare(shared, id, new).await?;
    let transaction = shared.write().await?;
    lock(&transaction, id).await?;
    let summary = insert(shared, &transaction, id, prepared).await?;
    transaction.commit().await?;
    Ok(summary)
}

/// Checks a solution to create and writes its package, which needs no transaction.
pub(super) async fn prepare(shared: &Shared, id: EnvironmentId, mut new: NewSolution) -> Result<Prepared> {
    find(&shared.database, id).await?;
    require_good_names(&new)?;
    require_free(contents::row(&shared.database, id, &new.unique_name).await?.as_ref(), &new.unique_name)?;
    let publishers = contents::publishers(&shared.database, id).await?;
    new.publisher = match existing(&publishers, &new.publisher) {
        Some(publisher) => publisher,
        None => good_publisher(new.publisher)?,
    };
    let description = NewPackage {
        unique_name: new.unique_name.clone(),
        display_name: new.display_name.clone(),
        description: new.description.clone(),
        version: new.version.clone(),
        publisher: new.publisher.clone(),
    };
    let package = shared.packages.put_with(move |file| ::solution::write_new(&description, file)).await?;
    Ok(Prepared { new, package })
}

/// Puts a prepared solution into its environment.
pub(super) async fn insert(
    shared: &Shared,
    transaction: &DatabaseTransaction,
    id: EnvironmentId,
    Prepared { new, package }: Prepared,
) -> Result<SolutionSummary> {
    require_free(contents::row(transaction, id, &new.unique_name).await?.as_ref(), &new.unique_name)?;
    let publisher = installation::publisher(shared, transaction, id, &new.publisher).await?;
    let now = shared.now().0;
    let row = solution::Model {
        id: shared.ids.next(),
        environment_id: id.0,
        unique_key: name_key(&new.unique_name),
        unique_name: new.unique_name,
        display_name: new.display_name,
        description: new.description,
        version: new.version.to_string(),
        managed: false,
        publisher_id: publisher.id,
        package_sha256: package.sha256,
        package_bytes: column(package.bytes),
        connection_references: "[]".to_owned(),
        environment_variables: "[]".to_owned(),
        missing_dependencies: "[]".to_owned(),
        installed: now,
        modified: now,
    };
    let head = solution::Head::from(&row);
    solution::Entity::insert(installation::active(row)).exec_without_returning(transaction).await?;
    contents::summary(head, &HashMap::from([(publisher.id, publisher)]))
}

/// Creates a publisher; refused where there is one of that name.
pub(super) async fn create_publisher(
    shared: &Shared,
    transaction: &DatabaseTransaction,
    id: EnvironmentId,
    new: Publisher,
) -> Result<()> {
    let new = good_publisher(new)?;
    let publishers = contents::publishers(transaction, id).await?;
    if existing(&publishers, &new).is_some() {
        let message = "A record with matching key values already exists.".to_owned();
        return Err(refused(Some(ErrorCode::DUPLICATE_KEY), message));
    }
    installation::publisher(shared, transaction, id, &new).await.map(drop)
}

pub(super) async fn set_version(
    shared: &Shared,
    id: EnvironmentId,
    unique_name: &str,
    version: &SolutionVersion,
) -> Result<()> {
    let transaction = shared.write().await?;
    lock(&transaction, id).await?;
    write_version(shared, &transaction, id, unique_name, version).await?;
    Ok(transaction.commit().await?)
}

/// Sets a version within a transaction.
pub(super) async fn write_version(
    shared: &Shared,
    transaction: &DatabaseTransaction,
    id: EnvironmentId,
    unique_name: &str,
    version: &SolutionVersion,
) -> Result<()> {
    let Some(row) = contents::row(transaction, id, unique_name).await? else {
        return Err(refused(None, format!("The environment has no solution named {unique_name}.")));
    };
    if row.managed {
        let message = format!("{} is a managed solution. Its version changes only with an import.", row.unique_name);
        return Err(refused(None, message));
    }
    let current = contents::version(&row.version)?;
    if *version < current {
        let message =
            format!("{} has the version {current}. A new version cannot be lower, and {version} is.", row.unique_name);
        return Err(refused(Some(ErrorCode::INVALID_VERSION), message));
    }
    if row.version != version.as_str() {
        solution::Entity::update_many()
            .col_expr(solution::Column::Version, Expr::value(version.as_str()))
            .col_expr(solution::Column::Modified, Expr::value(shared.now().0))
            .filter(solution::Column::Id.eq(row.id))
            .exec(transaction)
            .await?;
    }
    Ok(())
}

pub(super) async fn export(
    shared: &Shared,
    id: EnvironmentId,
    unique_name: &str,
    kind: PackageKind,
) -> Result<StoredPackage> {
    let Some(row) = contents::row(&shared.database, id, unique_name).await? else {
        find(&shared.database, id).await?;
        let message = format!(
            "An error occurred while exporting a solution. The solution {unique_name} does not exist in this system."
        );
        return Err(refused(Some(ErrorCode::EXPORT_MISSING_SOLUTION), message));
    };
    if row.managed {
        let message = format!(
            "An error occurred while exporting the solution {}. Managed solutions cannot be exported.",
            row.unique_name
        );
        return Err(refused(Some(ErrorCode::EXPORT_MANAGED), message));
    }
    let source =
        StoredPackage { sha256: row.package_sha256, bytes: u64::try_from(row.package_bytes).unwrap_or_default() };
    let facts = shared.packages.facts(&source).await?;
    let version = contents::version(&row.version)?;
    let managed = kind == PackageKind::Managed;
    let changes = Changes {
        version: (facts.version.as_str() != version.as_str()).then_some(version),
        managed: (facts.managed != managed).then_some(managed),
    };
    if changes == Changes::default() {
        return Ok(source);
    }
    let packages = shared.packages.clone();
    let write = move |target: &mut File| -> std::result::Result<(), PackageStoreError> {
        let source = packages.read(&source)?;
        let mut target = BufWriter::new(target);
        ::solution::rewrite(BufReader::new(source), &mut target, &changes)?;
        Ok(target.flush()?)
    };
    Ok(shared.packages.put_with(write).await?)
}

pub(super) async fn uninstall(shared: &Arc<Shared>, id: EnvironmentId, unique_name: &str) -> Result<()> {
    let transaction = import_job::exclusive(shared, id).await?;
    // Asked again after a crash, there is nothing left to do.
    let Some(row) = contents::row(&transaction, id, unique_name).await? else { return Ok(()) };
    let needs = needs_of(&transaction, id, &row).await?;
    if !needs.is_empty() {
        return Err(refused(Some(ErrorCode::DEPENDENCIES_EXIST), still_needed(&row.unique_name, &needs)));
    }
    installation::forget(&transaction, &row, &[], &[]).await?;
    solution::Entity::delete_by_id(row.id).exec(&transaction).await?;
    Ok(transaction.commit().await?)
}

/// What the other solutions of the environment need of one.
async fn needs_of(transaction: &DatabaseTransaction, id: EnvironmentId, row: &solution::Model) -> Result<Vec<Need>> {
    let documents: Vec<(Uuid, String, String)> = solution::Entity::find()
        .select_only()
        .columns([solution::Column::Id, solution::Column::UniqueName, solution::Column::MissingDependencies])
        .filter(solution::Column::EnvironmentId.eq(id.0))
        .filter(solution::Column::Id.ne(row.id))
        .into_tuple()
        .all(transaction)
        .await?;
    let ids: Vec<Uuid> = documents.iter().map(|(id, ..)| *id).collect();
    let mut others = Vec::new();
    for (_, unique_name, document) in documents {
        others.push(Other { unique_name, dependencies: from_json(&document)? });
    }
    let dependencies: Vec<MissingDependency> =
        others.iter().flat_map(|other| other.dependencies.iter().cloned()).collect();
    if dependencies.is_empty() {
        return Ok(Vec::new());
    }
    let own = contents::asked_for(transaction, &[row.id], &dependencies, &[]).await?;
    let elsewhere = contents::asked_for(transaction, &ids, &dependencies, &[]).await?;
    let (own, elsewhere) = (own.values().flatten(), elsewhere.values().flatten());
    Ok(needs(Some(&row.unique_name), &Inventory::of_components(own), &others, &Inventory::of_components(elsewhere)))
}

fn still_needed(unique_name: &str, needs: &[Need]) -> String {
    let mut message = format!(
        "Solution dependencies exist, cannot uninstall {unique_name}. DependencyCount : {}. Needed are:",
        needs.len()
    );
    for (index, need) in needs.iter().take(NAMED).enumerate() {
        let separator = if index == 0 { "" } else { ";" };
        // Writing to a String does not fail.
        let _ = write!(message, "{separator} {} by the solution {}", verdict::named(&need.component), need.solution);
    }
    let more = needs.len().saturating_sub(NAMED);
    if more > 0 {
        let _ = write!(message, "; and {more} more");
    }
    message.push_str(". Uninstall those solutions first.");
    message
}

fn existing(publishers: &contents::Publishers, wanted: &Publisher) -> Option<Publisher> {
    let key = name_key(&wanted.unique_name);
    publishers.values().find(|row: &&publisher::Model| row.unique_key == key).cloned().map(Publisher::from)
}

fn require_free(row: Option<&solution::Model>, unique_name: &str) -> Result<()> {
    match row {
        Some(_) => Err(refused(
            None,
            format!("The environment already has a solution named {unique_name}. Choose another name."),
        )),
        None => Ok(()),
    }
}

/// The platform's rules for the names of a solution.
fn require_good_names(new: &NewSolution) -> Result<()> {
    let name = &new.unique_name;
    if !is_unique_name(name) {
        let message = format!(
            "“{name}” cannot be the name of a solution. Use letters, digits and underscores only, at most 65, and begin with a letter or an underscore."
        );
        return Err(refused(Some(ErrorCode::INVALID_UNIQUE_NAME), message));
    }
    if new.display_name.trim().is_empty() {
        return Err(refused(None, "Give the solution a display name.".to_owned()));
    }
    Ok(())
}

/// The platform's rules for a publisher that is to be created.
fn good_publisher(publisher: Publisher) -> Result<Publisher> {
    let name = &publisher.unique_name;
    if !is_unique_name(name) {
        let message = format!(
            "“{name}” cannot be the name of a publisher. Use letters, digits and underscores only, at most 65, and begin with a letter or an underscore."
        );
        return Err(refused(None, message));
    }
    let prefix = &publisher.prefix;
    let good = (2..=8).contains(&prefix.len())
        && prefix.bytes().all(|byte| byte.is_ascii_alphanumeric())
        && prefix.bytes().next().is_some_and(|byte| byte.is_ascii_alphabetic())
        && !prefix.to_ascii_lowercase().starts_with("mscrm");
    if !good {
        let message = format!(
            "“{prefix}” cannot be the prefix of a publisher. Use 2 to 8 letters and digits, begin with a letter, and not with mscrm."
        );
        return Err(refused(None, message));
    }
    if !(10_000..=99_999).contains(&publisher.option_value_prefix) {
        let message = "The choice value prefix of a publisher is a number from 10000 to 99999.".to_owned();
        return Err(refused(None, message));
    }
    Ok(publisher)
}

fn is_unique_name(name: &str) -> bool {
    name.len() <= 65
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        && name.bytes().next().is_some_and(|byte| !byte.is_ascii_digit())
}

fn refused(code: Option<ErrorCode>, message: String) -> EnvironmentError {
    EnvironmentError::Refused { code, message }
}
