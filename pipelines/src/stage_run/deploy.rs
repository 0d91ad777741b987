//! What the maker of a run decides: deploy it, check it again, withdraw it.

use super::{
    access::{entry, find, take_own},
    authority, entity,
    journal::{Change, Guard},
    look, operation,
    patience::OF_PEOPLE,
    policy, record,
    request::again,
    schedule::LocalTime,
    settings::{self, check_notes, check_version, draft, effective, moved_on},
    state::Event,
};
use crate::{Caller, Error, Host, Result, access, artifact::progression, comparison};
use model::{
    audit::AuditAction,
    id::{EnvironmentId, StageId, StageRunId},
    stage_run::StageRunStatus,
};
use sea_orm::ActiveValue::Set;

/// Deploys with the settings given so far: the worker prepares the artifact and imports it as soon as the target is
/// free. Problems come back at their fields: `version`, `notes`, `connection:…`, `variable:…`.
pub async fn deploy(host: &Host, caller: &Caller, id: StageRunId, version: &str, notes: &str) -> Result<()> {
    deploy_at(host, caller, id, version, notes, None).await
}

/// As [`deploy`], but not before a time. Artifact and gates come before it, so that nobody is asked in the middle of the
/// night; pre-flight runs once more when it has come. Further fields: `scheduled`, `time_zone`.
pub async fn deploy_later(
    host: &Host,
    caller: &Caller,
    id: StageRunId,
    version: &str,
    notes: &str,
    time: &LocalTime,
) -> Result<()> {
    deploy_at(host, caller, id, version, notes, Some(time)).await
}

async fn deploy_at(
    host: &Host,
    caller: &Caller,
    id: StageRunId,
    version: &str,
    notes: &str,
    time: Option<&LocalTime>,
) -> Result<()> {
    let run = draft(host, caller, id, AuditAction::Deploy).await?;
    let look = look::at(host, &run, OF_PEOPLE).await?;
    let kept = run.settings();
    let mut problems = settings::problems(&look, &kept);
    let version = check_version(host, &run, &look, version).await?.map_err(|problem| problems.push(problem)).ok();
    let notes = check_notes(notes).map_err(|problem| problems.push(problem)).ok();
    problems.extend(policy::notes_problem(host, &run, notes.as_deref()).await?);
    let now = host.clock.now();
    let time = time.map(|time| time.read(now)).transpose();
    let time = time.map_err(|others| problems.extend(others)).ok().flatten();
    let (Some(version), Some(notes), true) = (version, notes, problems.is_empty()) else {
        return Err(Error::Invalid(problems));
    };
    if run.version_is_fixed {
        require_turn(host, &run).await?;
    }
    let authority = authority::of(host, &run).await?;
    access::permit(host, caller, authority.require(), || entry(AuditAction::Deploy, &run)).await?;
    // Boxed: it is large, and every caller would carry it.
    Box::pin(policy::require(host, &run, &look, &effective(&look, &kept), &version)).await?;
    let changes =
        if run.settings_only { None } else { comparison::told(host, EnvironmentId(run.target_id), &look).await.ok() };
    let mut change = Change::of(&run, now).advance(Event::DeployRequested)?;
    let (target, as_whom) = (&run.target_name, authority.words());
    let when = time.as_ref().map(|(at, zone)| format!(" on {}", zone.show(*at))).unwrap_or_default();
    let message = if run.settings_only {
        format!("{} asked to apply the settings to {target}{as_whom}{when}.", caller.name)
    } else {
        format!("{} asked to deploy version {version} to {target}{as_whom}{when}.", caller.name)
    };
    authority.keep(&mut change.columns);
    change.columns.changes = Set(changes.map(|changes| entity::write(&changes.counts())));
    change.columns.version_key = Set(version.sort_key());
    change.columns.version = Set(version.to_string());
    change.columns.notes = Set(notes);
    change.columns.settings = Set(entity::write(&effective(&look, &kept)));
    change.columns.scheduled_for = Set(time.as_ref().map(|(at, _)| at.0));
    change.columns.scheduled_zone = Set(time.map(|(_, zone)| zone.name().to_owned()));
    operation::join(&mut change.columns, now);
    let deployed = change
        .say(message)
        .commit_as(host, caller, AuditAction::Deploy, Guard::Status(StageRunStatus::ValidationSucceeded))
        .await?;
    match deployed {
        Some(_) => Ok(()),
        None => Err(moved_on(host, id, Event::DeployRequested).await?),
    }
}

/// The version of a later stage is fixed, so it can only be said that it is there already or on its way.
async fn require_turn(host: &Host, run: &entity::Model) -> Result<()> {
    let stage = StageId(run.stage_id);
    if !run.settings_only
        && let Some(artifact) = run.artifact_id
        && let Some(block) = progression::block(&host.database, artifact).await?
    {
        return Err(Error::Refused(progression::sentence(&run.version, &block)));
    }
    if !run.redeployment
        && let Some(installed) = record::installed(&host.database, stage, &run.solution_key).await?
        && installed.version_key >= run.version_key
    {
        return Err(Error::Refused(format!(
            "{} has version {} already. Cancel this run and deploy a newer version.",
            run.stage_name, installed.version
        )));
    }
    let open = record::open(&host.database, [stage], &run.solution_key).await?;
    let others = open.iter().filter(|other| other.id != run.id);
    record::deploying(others).map_or(Ok(()), |obstacle| Err(Error::Refused(obstacle)))
}

/// Runs pre-flight again, for a first stage on what the solution is like now.
pub async fn check_again(host: &Host, caller: &Caller, id: StageRunId) -> Result<()> {
    let run = take_own(host, caller, id, AuditAction::CheckAgain).await?;
    let why = format!("{} asked to run pre-flight again.", caller.name);
    let change = again(Change::of(&run, host.clock.now()), &why)?;
    match change.commit_as(host, caller, AuditAction::CheckAgain, Guard::Status(run.status())).await? {
        Some(_) => Ok(()),
        None => Err(moved_on(host, id, Event::CheckAgain).await?),
    }
}

/// Withdraws a run, for whoever asked for it and for administrators, until its import begins.
pub async fn cancel(host: &Host, caller: &Caller, id: StageRunId) -> Result<()> {
    // The worker may take the run further in between; then the decision is made again on what is true now.
    for _ in 0..10 {
        let run = find(host, caller, id).await?;
        access::permit(host, caller, may_cancel(caller, &run), || entry(AuditAction::Cancel, &run)).await?;
        let change = Change::of(&run, host.clock.now()).advance(Event::CancelRequested)?.take_away();
        let change = change.say(format!("{} canceled the run. {}", caller.name, run.done_so_far()));
        if change.commit_as(host, caller, AuditAction::Cancel, Guard::Status(run.status())).await?.is_some() {
            return Ok(());
        }
    }
    Err(Error::Changed("The run".to_owned()))
}

/// Whether a person may withdraw a run, or have it begin at another time.
pub(super) fn may_cancel(caller: &Caller, run: &entity::Model) -> Result<()> {
    if run.requested_by == caller.user.0 || caller.is_administrator() {
        return Ok(());
    }
    Err(Error::Forbidden(format!(
        "Only {}, who asked for this run, or an administrator can cancel or schedule it.",
        run.requested_by_name
    )))
}
