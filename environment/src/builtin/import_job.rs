//! The import log of an environment, and who works on an import.
//!
//! A running import has a holder: a random id that whoever works on it knows. The holder shows a sign of life now and
//! then; when none comes any more, the next one who asks for the import takes over with an id of its own. Everything an
//! import writes is bound to its holder, so that one who was only asleep writes nothing when it wakes up.

use super::{Shared, column, entity::import_job, internal, lock, to_json, worker};
use crate::{EnvironmentError, Import, ImportJob, ImportMode, ImportStatus, port::Result};
use model::{
    ErrorCode, Timestamp,
    id::{EnvironmentId, ImportJobId},
    package::PackageFacts,
};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, QueryFilter, QuerySelect,
    sea_query::{Expr, OnConflict},
};
use std::{sync::Arc, time::Duration};
use uuid::Uuid;

/// How long a holder may be silent before another one takes over.
pub(super) const LEASE: Duration = Duration::from_secs(30);

/// How often an import is taken over without getting any further before it is given up.
const ATTEMPTS: i32 = 20;

/// The operation's name in the platform's messages.
const OPERATION: &str = "Import";

/// Who works on a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Lease {
    pub job: ImportJobId,
    pub holder: Uuid,
}

/// Starts an import, unless this job was started before.
pub(super) async fn start(shared: &Arc<Shared>, id: EnvironmentId, import: &Import, mode: ImportMode) -> Result<()> {
    let package = shared.packages.facts(&import.package).await?;
    if let Some(lease) = begin(shared, id, import, mode, &package).await? {
        worker::spawn(shared, lease);
    }
    Ok(())
}

/// Writes the row of an import. None where this job was started before.
pub(super) async fn begin(
    shared: &Arc<Shared>,
    id: EnvironmentId,
    import: &Import,
    mode: ImportMode,
    package: &PackageFacts,
) -> Result<Option<Lease>> {
    let lease = Lease { job: import.job, holder: shared.ids.next() };
    let now = shared.now();
    let transaction = shared.write().await?;
    lock(&transaction, id).await?;
    let row = import_job::ActiveModel {
        id: Set(import.job.0),
        environment_id: Set(id.0),
        solution: Set(package.unique_name.clone()),
        version: Set(package.version.to_string()),
        managed: Set(package.managed),
        mode: Set(mode.into()),
        package_sha256: Set(import.package.sha256.clone()),
        package_bytes: Set(column(import.package.bytes)),
        settings: Set(to_json(&import.settings)?),
        status: Set(import_job::Status::Running),
        progress: Set(0),
        message: Set("Waiting to begin.".to_owned()),
        code: Set(None),
        components_done: Set(0),
        lease_holder: Set(Some(lease.holder)),
        lease_until: Set(Some((now + LEASE).0)),
        attempts: Set(1),
        started: Set(now.0),
        ended: Set(None),
    };
    // The database lets one running import in each environment in; whoever comes second finds out here.
    let unless_taken = OnConflict::new().do_nothing().to_owned();
    if import_job::Entity::insert(row).on_conflict(unless_taken).exec_without_returning(&transaction).await? == 1 {
        transaction.commit().await?;
        return Ok(Some(lease));
    }
    let known = import_job::Entity::find_by_id(import.job.0).one(&transaction).await?;
    transaction.rollback().await?;
    match known {
        Some(job) if job.environment_id == id.0 => Ok(None),
        Some(_) => Err(internal("an import job of one environment was asked for in another")),
        None => {
            // The one that is running may have lost its worker.
            running(shared, id).await?;
            Err(EnvironmentError::Busy { running: OPERATION.to_owned() })
        }
    }
}

/// How far an import is. One that lost its worker is taken up again.
pub(super) async fn find(shared: &Arc<Shared>, id: EnvironmentId, job: ImportJobId) -> Result<Option<ImportJob>> {
    let row = import_job::Entity::find_by_id(job.0)
        .filter(import_job::Column::EnvironmentId.eq(id.0))
        .one(&shared.database)
        .await?;
    let Some(row) = row else {
        super::find(&shared.database, id).await?;
        return Ok(None);
    };
    take_up_if_lapsed(shared, &row).await?;
    Ok(Some(view(row)))
}

/// The operation that is running in an environment, if any.
pub(super) async fn running(shared: &Arc<Shared>, id: EnvironmentId) -> Result<Option<String>> {
    let row = import_job::Entity::find()
        .filter(import_job::Column::EnvironmentId.eq(id.0))
        .filter(import_job::Column::Status.eq(import_job::Status::Running))
        .one(&shared.database)
        .await?;
    let Some(row) = row else { return Ok(None) };
    take_up_if_lapsed(shared, &row).await?;
    Ok(Some(OPERATION.to_owned()))
}

/// Begins a transaction that has an environment for itself: refused while an import is running there.
pub(super) async fn exclusive(shared: &Arc<Shared>, id: EnvironmentId) -> Result<DatabaseTransaction> {
    let busy = || Err(EnvironmentError::Busy { running: OPERATION.to_owned() });
    if running(shared, id).await?.is_some() {
        return busy();
    }
    let transaction = shared.write().await?;
    lock(&transaction, id).await?;
    let started_meanwhile = import_job::Entity::find()
        .select_only()
        .column(import_job::Column::Id)
        .filter(import_job::Column::EnvironmentId.eq(id.0))
        .filter(import_job::Column::Status.eq(import_job::Status::Running))
        .into_tuple::<Uuid>()
        .one(&transaction)
        .await?;
    if started_meanwhile.is_some() { busy() } else { Ok(transaction) }
}

/// Takes up every running import, whoever held it: this is asked at start, when nobody of this process can. Should
/// another process be alive and hold one, it loses it to this one and the import goes on from where it was.
pub(super) async fn resume_all(shared: &Arc<Shared>) -> Result<usize> {
    let rows = import_job::Entity::find()
        .filter(import_job::Column::Status.eq(import_job::Status::Running))
        .all(&shared.database)
        .await?;
    let mut resumed = 0;
    for row in rows {
        if let Some(lease) = take_over(shared, &row).await? {
            worker::spawn(shared, lease);
            resumed += 1;
        }
    }
    Ok(resumed)
}

async fn take_up_if_lapsed(shared: &Arc<Shared>, row: &import_job::Model) -> Result<()> {
    let lapsed =
        row.status == import_job::Status::Running && row.lease_until.is_none_or(|until| until < shared.now().0);
    if lapsed && let Some(lease) = take_over(shared, row).await? {
        tracing::warn!(job = %row.id, solution = row.solution, "an import that lost its worker is taken up again");
        worker::spawn(shared, lease);
    }
    Ok(())
}

/// Takes a running import over from the holder that its row names. None where somebody else was quicker.
pub(super) async fn take_over(shared: &Shared, row: &import_job::Model) -> Result<Option<Lease>> {
    let Some(before) = row.lease_holder else { return Ok(None) };
    let former = Lease { job: ImportJobId(row.id), holder: before };
    if row.attempts >= ATTEMPTS {
        let outcome = Outcome {
            status: ImportStatus::Failed,
            message: format!(
                "The import was begun {} times and never came to an end. Look into the log of Slipway, then import again.",
                row.attempts
            ),
            code: Some(ErrorCode::IMPORT_FAILED),
        };
        end(&shared.database, former, &outcome, shared.now()).await?;
        return Ok(None);
    }
    let lease = Lease { job: former.job, holder: shared.ids.next() };
    let updated = held_by(former)
        .col_expr(import_job::Column::LeaseHolder, Expr::value(lease.holder))
        .col_expr(import_job::Column::LeaseUntil, Expr::value((shared.now() + LEASE).0))
        .col_expr(import_job::Column::Attempts, Expr::value(row.attempts + 1))
        .exec(&shared.database)
        .await?;
    Ok((updated.rows_affected == 1).then_some(lease))
}

/// Reads a job for its holder; none when it has another one by now or has ended. In a transaction the job is locked.
pub(super) async fn held(database: &impl ConnectionTrait, lease: Lease) -> Result<Option<import_job::Model>> {
    let row = import_job::Entity::find_by_id(lease.job.0)
        .filter(import_job::Column::LeaseHolder.eq(lease.holder))
        .filter(import_job::Column::Status.eq(import_job::Status::Running))
        .lock_exclusive()
        .one(database)
        .await?;
    Ok(row)
}

/// How far a job is, for its log.
pub(super) struct Progress {
    pub components_done: i32,
    pub percent: i32,
    pub message: String,
}

/// Writes progress, which is a sign of life as well. False when the job has another holder by now.
pub(super) async fn report(shared: &Shared, lease: Lease, progress: Progress) -> Result<bool> {
    let updated = held_by(lease)
        .col_expr(import_job::Column::ComponentsDone, Expr::value(progress.components_done))
        .col_expr(import_job::Column::Progress, Expr::value(progress.percent))
        .col_expr(import_job::Column::Message, Expr::value(progress.message))
        .col_expr(import_job::Column::LeaseUntil, Expr::value((shared.now() + LEASE).0))
        .col_expr(import_job::Column::Attempts, Expr::value(1))
        .exec(&shared.database)
        .await?;
    Ok(updated.rows_affected == 1)
}

/// What an import came to.
pub(super) struct Outcome {
    pub status: ImportStatus,
    pub message: String,
    pub code: Option<ErrorCode>,
}

/// Ends a job. False when it has another holder by now: whatever else the transaction did must not be kept then.
pub(super) async fn end(
    database: &impl ConnectionTrait,
    lease: Lease,
    outcome: &Outcome,
    now: Timestamp,
) -> Result<bool> {
    let status = match outcome.status {
        ImportStatus::Running => return Err(internal("an import cannot end as running")),
        ImportStatus::Succeeded => import_job::Status::Succeeded,
        ImportStatus::Failed => import_job::Status::Failed,
    };
    let mut update = held_by(lease)
        .col_expr(import_job::Column::Status, Expr::value(status))
        .col_expr(import_job::Column::Message, Expr::value(outcome.message.as_str()))
        .col_expr(import_job::Column::Code, Expr::value(outcome.code.map(|code| i64::from(code.0))))
        .col_expr(import_job::Column::Settings, Expr::value(""))
        .col_expr(import_job::Column::LeaseHolder, Expr::value(None::<Uuid>))
        .col_expr(import_job::Column::LeaseUntil, Expr::value(None::<i64>))
        .col_expr(import_job::Column::Ended, Expr::value(now.0));
    if status == import_job::Status::Succeeded {
        update = update.col_expr(import_job::Column::Progress, Expr::value(100));
    }
    Ok(update.exec(database).await?.rows_affected == 1)
}

fn held_by(lease: Lease) -> sea_orm::UpdateMany<import_job::Entity> {
    import_job::Entity::update_many()
        .filter(import_job::Column::Id.eq(lease.job.0))
        .filter(import_job::Column::LeaseHolder.eq(lease.holder))
        .filter(import_job::Column::Status.eq(import_job::Status::Running))
}

pub(super) fn view(row: import_job::Model) -> ImportJob {
    ImportJob {
        id: ImportJobId(row.id),
        solution: row.solution,
        status: row.status.into(),
        progress: u8::try_from(row.progress.clamp(0, 100)).unwrap_or_default(),
        message: row.message,
        code: row.code.and_then(|code| u32::try_from(code).ok()).map(ErrorCode),
        started: Timestamp(row.started),
        ended: row.ended.map(Timestamp),
    }
}
