//! Imports that do not replace the version that is there at once: holding solutions and updates.

use super::{
    BuiltIn, Shared, contents,
    entity::{component, import_job, solution},
    from_json, import_job as jobs,
    installation::{self, Arrival},
    settings::Effect,
    verdict::Refusal,
};
use crate::{EnvironmentError, StoredPackage, TargetState, port::Result};
use model::{
    ErrorCode,
    connection::ConnectionReference,
    id::{EnvironmentId, SolutionId},
    package::{MissingDependency, PackageFacts},
    variable::EnvironmentVariable,
};
use sea_orm::{ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter};
use std::sync::Arc;

/// `SolutionUpgradeNotAvailable`: there is no holding solution to promote.
const NOTHING_TO_PROMOTE: ErrorCode = ErrorCode(0x8004_853B);

/// The unique name of the solution that holds the next version of another one.
pub(super) fn name(unique_name: &str) -> String {
    format!("{unique_name}_Upgrade")
}

/// Why an import cannot be done as a holding solution: there is nothing to hold it beside.
pub(super) fn refusal(package: &PackageFacts, target: &TargetState, mode: import_job::Mode) -> Option<Refusal> {
    let has = |name: &str| target.solutions.iter().any(|one| one.summary.unique_name.eq_ignore_ascii_case(name));
    if mode == import_job::Mode::Holding && !has(&package.unique_name) {
        let message = format!("Cannot create a holding solution for missing base {}.", package.unique_name);
        return Some(Refusal::new(ErrorCode::IMPORT_FAILED, message));
    }
    None
}

/// A package together with what the version before has and the package has not: an update takes nothing away.
pub(super) async fn kept(
    transaction: &DatabaseTransaction,
    package: &PackageFacts,
    previous: &solution::Model,
) -> Result<PackageFacts> {
    let mut kept = package.clone();
    let rows = component::Entity::find().filter(component::Column::SolutionId.eq(previous.id)).all(transaction).await?;
    kept.components.extend(rows.into_iter().map(model::Component::from));
    let references: Vec<ConnectionReference> = from_json(&previous.connection_references)?;
    for reference in references {
        if !kept.connection_references.iter().any(|one| one.logical_name.eq_ignore_ascii_case(&reference.logical_name))
        {
            kept.connection_references.push(reference);
        }
    }
    let variables: Vec<EnvironmentVariable> = from_json(&previous.environment_variables)?;
    for variable in variables {
        if !kept.environment_variables.iter().any(|one| one.schema_name.eq_ignore_ascii_case(&variable.schema_name)) {
            kept.environment_variables.push(variable);
        }
    }
    let dependencies: Vec<MissingDependency> = from_json(&previous.missing_dependencies)?;
    for dependency in dependencies {
        if !kept.missing_dependencies.contains(&dependency) {
            kept.missing_dependencies.push(dependency);
        }
    }
    Ok(kept)
}

impl BuiltIn {
    /// Lets the holding solution of a solution take its place (`DeleteAndPromote`). Returns the solution's id.
    pub async fn promote(&self, id: EnvironmentId, unique_name: &str) -> Result<SolutionId> {
        promote(&self.shared, id, unique_name).await
    }
}

async fn promote(shared: &Arc<Shared>, id: EnvironmentId, unique_name: &str) -> Result<SolutionId> {
    let transaction = jobs::exclusive(shared, id).await?;
    let held = contents::row(&transaction, id, &name(unique_name)).await?;
    let base = contents::row(&transaction, id, unique_name).await?;
    let (Some(held), Some(base)) = (held, base) else {
        let message = format!("There is no upgrade of the solution {unique_name} to apply.");
        return Err(EnvironmentError::refused(NOTHING_TO_PROMOTE, message));
    };
    let stored = StoredPackage {
        sha256: held.package_sha256.clone(),
        bytes: u64::try_from(held.package_bytes).unwrap_or_default(),
    };
    let package = shared.packages.facts(&stored).await?;
    let solution = SolutionId(base.id);
    let unique_name = base.unique_name.clone();
    let arrival = Arrival { stored: &stored, package: &package, unique_name: &unique_name, effect: &Effect::default() };
    installation::install(shared, &transaction, id, &arrival, Some(base)).await?;
    installation::forget(&transaction, &held, &[], &[]).await?;
    solution::Entity::delete_by_id(held.id).exec(&transaction).await?;
    transaction.commit().await?;
    Ok(solution)
}
