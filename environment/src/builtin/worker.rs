//! The work on an import, in the background.

use super::{
    Shared, contents,
    entity::import_job as job,
    from_json, holding,
    import_job::{self, Lease, Outcome, Progress},
    installation::{self, Arrival},
    lock, settings,
    verdict::{self, Refusal},
};
use crate::{EnvironmentError, ImportStatus, PackageStoreError, StoredPackage, port::Result};
use model::{ErrorCode, id::EnvironmentId, package::PackageFacts, settings::DeploymentSettings};
use std::{sync::Arc, time::Duration};

/// The shortest time between two reports of progress.
const REPORT_EVERY: Duration = Duration::from_millis(100);

/// Waits between attempts when the database or the disk fails. After the last one the import has failed.
const RETRY_AFTER: [Duration; 3] = [Duration::from_millis(100), Duration::from_millis(500), Duration::from_secs(2)];

/// Percent of an import that its components make up; the rest is the one transaction in which it takes effect.
const COMPONENTS_SHARE: i64 = 95;

/// Sets the work going.
pub(super) fn spawn(shared: &Arc<Shared>, lease: Lease) {
    let shared = Arc::clone(shared);
    tokio::spawn(async move { run(&shared, lease).await });
}

/// Works until the import has ended or has another holder. Does not fail: whatever goes wrong ends in the import's log,
/// or, where not even that can be written, with the lease running out.
pub(super) async fn run(shared: &Shared, lease: Lease) {
    let mut waits = RETRY_AFTER.iter();
    loop {
        let error = match work(shared, lease).await {
            Ok(()) => return,
            Err(error) => error,
        };
        tracing::error!(job = %lease.job, error = &error as &dyn std::error::Error, "an import met a failure inside Slipway");
        let Some(wait) = waits.next() else { break };
        tokio::time::sleep(*wait).await;
    }
    let refusal = Refusal::new(
        ErrorCode::IMPORT_FAILED,
        "The import failed inside Slipway, and the environment is as it was before. Try again; if it happens again, ask your administrator to look into the log.",
    );
    if let Err(error) = fail(shared, lease, refusal).await {
        tracing::error!(job = %lease.job, error = &error as &dyn std::error::Error, "the failure of an import could not be written down");
    }
}

async fn work(shared: &Shared, lease: Lease) -> Result<()> {
    let Some(row) = import_job::held(&shared.database, lease).await? else { return Ok(()) };
    let id = EnvironmentId(row.environment_id);
    let stored = row.package();
    let package = match shared.packages.verify(&stored).await {
        Ok(()) => shared.packages.facts(&stored).await,
        Err(error) => Err(error),
    };
    let package = match package {
        Ok(package) => package,
        Err(error) => return fail(shared, lease, unusable(error)?).await,
    };
    let pace = match super::find(&shared.database, id).await {
        Ok(environment) => Duration::from_millis(u64::try_from(environment.import_pace).unwrap_or_default()),
        // With the environment its import log is gone, too.
        Err(EnvironmentError::NotFound(_)) => return Ok(()),
        Err(error) => return Err(error),
    };
    if !pace.is_zero() {
        let target = contents::target(&shared.database, id, &package).await?;
        let refusal = verdict::refusal(&package, &verdict::staged(&package, &target))
            .or_else(|| holding::refusal(&package, &target, row.mode));
        if let Some(refusal) = refusal {
            return fail(shared, lease, refusal).await;
        }
        if !go_through(shared, lease, &row, &package, pace).await? {
            return Ok(());
        }
    }
    finish(shared, lease, id, &stored, &package).await.map(drop)
}

/// Goes through the components at the environment's pace. False when the import has another holder by now.
async fn go_through(
    shared: &Shared,
    lease: Lease,
    row: &job::Model,
    package: &PackageFacts,
    pace: Duration,
) -> Result<bool> {
    let total = i32::try_from(package.components.len()).unwrap_or(i32::MAX).max(1);
    let step = i32::try_from(REPORT_EVERY.as_millis() / pace.as_millis().max(1)).unwrap_or(1).max(1);
    let mut done = row.components_done;
    while done < total {
        let next = done.saturating_add(step).min(total);
        tokio::time::sleep(pace.saturating_mul((next - done).unsigned_abs())).await;
        done = next;
        let name = usize::try_from(done - 1).ok().and_then(|index| package.components.get(index));
        let progress = Progress {
            components_done: done,
            percent: i32::try_from(i64::from(done) * COMPONENTS_SHARE / i64::from(total)).unwrap_or_default(),
            message: name.map_or_else(
                || "Importing the solution.".to_owned(),
                |component| format!("Imported {done} of {total} components: {}.", verdict::named(component)),
            ),
        };
        if !import_job::report(shared, lease, progress).await? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Lets the import take effect, or fail, in one transaction. False when it has another holder by now; nothing is
/// written then.
pub(super) async fn finish(
    shared: &Shared,
    lease: Lease,
    id: EnvironmentId,
    stored: &StoredPackage,
    package: &PackageFacts,
) -> Result<bool> {
    let transaction = shared.write().await?;
    lock(&transaction, id).await?;
    let Some(row) = import_job::held(&transaction, lease).await? else { return Ok(false) };
    let wanted: DeploymentSettings = from_json(&row.settings)?;
    let target = contents::target(&transaction, id, package).await?;
    let refusal = verdict::refusal(package, &verdict::staged(package, &target))
        .or_else(|| holding::refusal(package, &target, row.mode));
    let effect = match refusal {
        Some(refusal) => Err(refusal),
        None => settings::effect(
            &package.connection_references,
            &package.environment_variables,
            &wanted,
            &target.connections,
        )
        .map_err(|message| Refusal::new(ErrorCode::IMPORT_FAILED, message)),
    };
    let outcome = match effect {
        Ok(effect) => {
            let previous = contents::row(&transaction, id, &package.unique_name).await?;
            let message = match (row.mode, previous) {
                (job::Mode::Holding, _) => {
                    let unique_name = holding::name(&package.unique_name);
                    let arrival = Arrival { stored, package, unique_name: &unique_name, effect: &effect };
                    installation::install(shared, &transaction, id, &arrival, None).await?
                }
                (job::Mode::Update, Some(previous)) => {
                    let kept = holding::kept(&transaction, package, &previous).await?;
                    let arrival =
                        Arrival { stored, package: &kept, unique_name: &package.unique_name, effect: &effect };
                    installation::install(shared, &transaction, id, &arrival, Some(previous)).await?
                }
                (_, previous) => {
                    let arrival = Arrival { stored, package, unique_name: &package.unique_name, effect: &effect };
                    installation::install(shared, &transaction, id, &arrival, previous).await?
                }
            };
            Outcome { status: ImportStatus::Succeeded, message, code: None }
        }
        Err(refusal) => Outcome { status: ImportStatus::Failed, message: refusal.message, code: refusal.code },
    };
    if !import_job::end(&transaction, lease, &outcome, shared.now()).await? {
        return Ok(false);
    }
    transaction.commit().await?;
    Ok(true)
}

async fn fail(shared: &Shared, lease: Lease, refusal: Refusal) -> Result<()> {
    let outcome = Outcome { status: ImportStatus::Failed, message: refusal.message, code: refusal.code };
    import_job::end(&shared.database, lease, &outcome, shared.now()).await.map(drop)
}

/// Why a package cannot be imported, or an error that may pass.
fn unusable(error: PackageStoreError) -> Result<Refusal> {
    match error {
        PackageStoreError::Io(error) => Err(error.into()),
        PackageStoreError::Unreadable(error) => Ok(Refusal::new(error.code(), error.to_string())),
        other => Ok(Refusal::new(ErrorCode::IMPORT_FAILED, other.to_string())),
    }
}
