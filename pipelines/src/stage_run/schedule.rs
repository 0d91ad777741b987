//! When a run is to begin: at the time that was chosen for it, and not outside of its stage's deployment windows unless an
//! administrator lets it.

use super::{
    access, deploy,
    entity::{Column, Entity, Model},
    journal::{Change, Guard},
};
use crate::{
    Caller, Error, Host, Result,
    access::{configuration, permit},
    deployment_window::{self, Closed},
    field::Fields,
    time_zone::Zone,
    user,
};
use model::{
    FieldProblem, Timestamp,
    audit::AuditAction,
    id::{StageId, StageRunId},
    stage_run::StageRunStatus,
};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, sea_query::Expr};
use std::time::Duration;

/// The furthest that a run is scheduled ahead.
const FURTHEST: Duration = Duration::from_hours(24 * 366);
/// Characters of a reason.
const LONGEST_REASON: usize = 500;

/// A time as a form has it: what a clock shows, and where.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LocalTime {
    /// `2026-11-23T20:00`
    pub time: String,
    /// IANA name of the time zone.
    pub time_zone: String,
}

impl LocalTime {
    /// The moment, which is still to come, with its zone. Fields: `scheduled`, `time_zone`.
    pub(super) fn read(&self, now: Timestamp) -> Result<(Timestamp, Zone), Vec<FieldProblem>> {
        let problem = |field: &str, message: String| vec![FieldProblem::new(field, message)];
        let zone = Zone::find(&self.time_zone).map_err(|message| problem("time_zone", message))?;
        let at = zone.moment(&self.time).map_err(|message| problem("scheduled", message))?;
        if at <= now {
            let shown = zone.show(at);
            return Err(problem("scheduled", format!("{shown} has passed. Choose a later time, or deploy now.")));
        }
        if at > now + FURTHEST {
            return Err(problem("scheduled", "Choose a time within a year from now.".to_owned()));
        }
        Ok((at, zone))
    }
}

/// What keeps a run from going into its target at a moment; none where it may.
pub(super) async fn too_early(
    connection: &impl ConnectionTrait,
    run: &Model,
    now: Timestamp,
) -> Result<Option<Closed>> {
    if let Some(scheduled) = run.scheduled().filter(|scheduled| scheduled.at > now) {
        return Ok(Some(Closed { until: Some(scheduled.at), sentence: format!("Scheduled for {}.", scheduled.text) }));
    }
    if run.window_override.is_some() {
        return Ok(None);
    }
    deployment_window::closed(connection, StageId(run.stage_id), &run.stage_name, now).await
}

/// Has a run begin at another time, or as soon as it may where none is given; for whoever asked for it and for
/// administrators, until its turn in the target's queue has come.
///
/// Fields: `scheduled`, `time_zone`.
pub async fn reschedule(host: &Host, caller: &Caller, id: StageRunId, time: Option<&LocalTime>) -> Result<()> {
    let run = access::find(host, caller, id).await?;
    permit(host, caller, deploy::may_cancel(caller, &run), || access::entry(AuditAction::Schedule, &run)).await?;
    if !is_changeable(run.status()) {
        return Err(Error::Refused(not_changeable(run.status())));
    }
    let now = host.clock.now();
    let time = time.map(|time| time.read(now)).transpose().map_err(Error::Invalid)?;
    let message = match &time {
        Some((at, zone)) => format!("{} scheduled the run for {}.", caller.name, zone.show(*at)),
        None => format!("{} took the schedule away: the run goes on as soon as it may.", caller.name),
    };
    let mut change = Change::of(&run, now).take_away().say(message).due(Some(now));
    // It joins the queue of its target at that time, or as if it were deployed now.
    change.columns.queue_place = Set(Some(time.as_ref().map_or(now.0, |(at, _)| at.0)));
    change.columns.scheduled_for = Set(time.as_ref().map(|(at, _)| at.0));
    change.columns.scheduled_zone = Set(time.map(|(_, zone)| zone.name().to_owned()));
    match change.commit_as(host, caller, AuditAction::Schedule, Guard::Status(run.status())).await? {
        Some(_) => Ok(()),
        None => Err(Error::Changed("The run".to_owned())),
    }
}

/// Lets a run go on outside of the deployment windows of its stage and in spite of freezes, with a reason. A time that was
/// chosen for it stands. For administrators.
///
/// Fields: `reason`.
pub async fn override_window(host: &Host, caller: &Caller, id: StageRunId, reason: &str) -> Result<()> {
    let run = access::find(host, caller, id).await?;
    permit(host, caller, configuration(caller), || access::entry(AuditAction::Override, &run)).await?;
    let mut fields = Fields::new();
    let reason = fields.required("reason", "a reason", reason, LONGEST_REASON);
    fields.finish()?;
    if run.status() != StageRunStatus::Scheduled {
        return Err(Error::Refused("This run does not wait for a deployment window any more, or not yet.".to_owned()));
    }
    let now = host.clock.now();
    let message = format!("{} lets the run go on outside of the deployment windows: {reason}", caller.name);
    let mut change = Change::of(&run, now).take_away().say(message).due(Some(now));
    change.columns.window_override = Set(Some(format!("{reason} – {}", caller.name)));
    match change.commit_as(host, caller, AuditAction::Override, Guard::Status(StageRunStatus::Scheduled)).await? {
        Some(_) => Ok(()),
        None => Err(Error::Changed("The run".to_owned())),
    }
}

/// Has the runs of a stage that wait for a time look anew whether it has come.
pub(crate) async fn wake_scheduled(connection: &impl ConnectionTrait, stage: StageId, at: Timestamp) -> Result<()> {
    Entity::update_many()
        .col_expr(Column::Due, Expr::value(at.0))
        .filter(Column::StageId.eq(stage.0))
        .filter(Column::Status.eq(StageRunStatus::Scheduled.code()))
        .exec(connection)
        .await?;
    Ok(())
}

/// Whether it makes sense to choose another time for a run that stands somewhere.
pub(super) fn is_changeable(status: StageRunStatus) -> bool {
    matches!(status, StageRunStatus::PreDeployInProgress | StageRunStatus::Scheduled)
}

fn not_changeable(status: StageRunStatus) -> String {
    match status {
        StageRunStatus::PreDeploySucceeded => {
            "This run cannot be scheduled any more: its time has come, and it stands in the queue of its target. Cancel it \
             instead."
        }
        StageRunStatus::Deploying => "This run cannot be scheduled any more: its import has begun.",
        status if status.is_final() => "This run cannot be scheduled: it has ended.",
        _ => "This run cannot be scheduled yet: give its settings first, and choose the time on the last page.",
    }
    .to_owned()
}

/// What a person can change about the time at which a run goes on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimeChanges {
    /// The time to change, as fields of forms have it; empty where none was chosen yet.
    pub proposed: String,
    /// The time zone of that, which is the person's own.
    pub time_zone: String,
    /// Whether they may let it go on outside of the deployment windows.
    pub may_override: bool,
}

/// What a person can change about the time at which a run goes on; none where nothing.
pub async fn time_changes(host: &Host, caller: &Caller, id: StageRunId) -> Result<Option<TimeChanges>> {
    let run = access::find(host, caller, id).await?;
    let waits = run.status() == StageRunStatus::Scheduled || run.scheduled_for.is_some();
    if !waits || !is_changeable(run.status()) || deploy::may_cancel(caller, &run).is_err() {
        return Ok(None);
    }
    let zone = user::time_zone(host, caller).await?;
    Ok(Some(TimeChanges {
        proposed: run.scheduled_for.map(|at| zone.field(Timestamp(at))).unwrap_or_default(),
        time_zone: zone.name().to_owned(),
        may_override: caller.is_administrator() && run.status() == StageRunStatus::Scheduled,
    }))
}
