//! When a stage may be deployed to: weekly windows, and freezes with a reason.
//!
//! The [`rule`] says when that is next. A run that comes too early waits for it, and is let go on outside of it by an
//! administrator with a reason (`stage_run::override_window`).

use crate::{
    Caller, Error, Host, Result, access,
    audit::{self, Entry},
    field::Fields,
    pipeline, stage, stage_run,
    time_zone::Zone,
};
use model::{
    Timestamp,
    audit::{AuditAction, AuditSubject},
    deployment_window::{DeploymentWindows, Weekday, Window},
    id::{FreezeId, StageId},
    pipeline::Stage,
};
use rule::Calendar;
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder,
    sea_query::{Expr, ExprTrait, OnConflict},
};
use std::time::Duration;

pub(crate) mod entity;
mod freeze;
mod rule;

/// Windows that a stage has at most.
pub const MOST_WINDOWS: usize = 21;
/// Freezes that a stage has at most, those that ended of late included.
const MOST_FREEZES: u64 = 100;
/// Characters of a reason.
const LONGEST_REASON: usize = 500;
/// The longest freeze.
const LONGEST_FREEZE: Duration = Duration::from_hours(24 * 366);
/// How long a freeze that has ended stays on its page.
const SHOWN_AFTER: Duration = Duration::from_hours(24 * 30);

/// When a stage may be deployed to. Administrators only.
pub async fn get(host: &Host, caller: &Caller, id: StageId) -> Result<DeploymentWindows> {
    caller.require_administrator()?;
    let row = entity::Entity::find_by_id(id.0).one(&host.database).await?;
    let since = i64::try_from(SHOWN_AFTER.as_millis()).map_or(0, |shown| host.now().saturating_sub(shown));
    let freezes = freezes(&host.database, id, since).await?;
    let (time_zone, row_version) =
        row.as_ref().map_or_else(|| (Zone::utc().name().to_owned(), 0), |row| (row.time_zone.clone(), row.row_version));
    let windows = row.map(|row| windows(&row)).unwrap_or_default();
    Ok(DeploymentWindows { time_zone, windows, freezes, row_version })
}

/// Changes time zone and windows of a stage. Runs that wait for them see the change at once. `row_version` is the one the
/// form was filled from. Administrators only.
///
/// Fields: `time_zone`, `windows`.
pub async fn save(
    host: &Host,
    caller: &Caller,
    id: StageId,
    time_zone: &str,
    given: &[Window],
    row_version: i32,
) -> Result<()> {
    permit(host, caller, id).await?;
    let mut fields = Fields::new();
    let zone = Zone::find(time_zone).map_err(|message| fields.problem("time_zone", message)).ok();
    if given.len() > MOST_WINDOWS {
        fields.problem("windows", format!("Use at most {MOST_WINDOWS} windows."));
    }
    if given.iter().any(|window| window.days.is_empty()) {
        fields.problem("windows", "Choose at least one day for each window.");
    }
    fields.finish()?;
    let zone = zone.unwrap_or_else(Zone::utc);
    let given = given.iter().cloned().map(in_order).collect::<Vec<_>>();
    let transaction = host.begin().await?;
    let stage = lock(&transaction, id).await?;
    let before = entity::Entity::find_by_id(id.0).one(&transaction).await?;
    if before.as_ref().map_or(0, |row| row.row_version) != row_version {
        return Err(Error::Changed(format!("The windows of “{}”", stage.name)));
    }
    entity::Entity::insert(entity::ActiveModel {
        stage_id: Set(id.0),
        time_zone: Set(zone.name().to_owned()),
        windows: Set(stage_run::entity::write(&given)),
        row_version: Set(row_version.saturating_add(1)),
    })
    .on_conflict(
        OnConflict::column(entity::Column::StageId)
            .update_columns([entity::Column::TimeZone, entity::Column::Windows, entity::Column::RowVersion])
            .to_owned(),
    )
    .exec_without_returning(&transaction)
    .await?;
    let was = before.as_ref().map(windows).unwrap_or_default();
    let zone_was = before.map_or_else(|| Zone::utc().name().to_owned(), |row| row.time_zone);
    let entry = Entry::new(AuditAction::Update, AuditSubject::Stage)
        .of(id, &stage.name)
        .field("time_zone", zone_was, zone.name())
        .field("windows", line(&was), line(&given));
    finish(host, caller, transaction, id, entry).await
}

/// A freeze to declare, as a form has it: from and until as a clock in the stage's time zone shows them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewFreeze {
    /// `2026-12-20T18:00`
    pub from: String,
    /// `2027-01-07T06:00`
    pub until: String,
    /// Why. Everybody whose run waits for its end sees it.
    pub reason: String,
}

/// Declares a freeze of a stage. Administrators only.
///
/// Fields: `from`, `until`, `reason`.
pub async fn freeze(host: &Host, caller: &Caller, id: StageId, new: &NewFreeze) -> Result<FreezeId> {
    permit(host, caller, id).await?;
    let transaction = host.begin().await?;
    let stage = lock(&transaction, id).await?;
    let zone = entity::Entity::find_by_id(id.0).one(&transaction).await?;
    let zone = zone.map_or_else(Zone::utc, |row| Zone::kept(&row.time_zone));
    let mut fields = Fields::new();
    let reason = fields.required("reason", "a reason", &new.reason, LONGEST_REASON);
    let from = zone.moment(&new.from).map_err(|message| fields.problem("from", message)).ok();
    let until = zone.moment(&new.until).map_err(|message| fields.problem("until", message)).ok();
    if let (Some(from), Some(until)) = (from, until) {
        if until <= from {
            fields.problem("until", "A freeze ends after it begins. Enter a later time.");
        } else if until.since(from) > LONGEST_FREEZE {
            fields.problem("until", "A freeze lasts a year at most. Enter an earlier time.");
        } else if until.0 <= host.now() {
            fields.problem("until", "That moment has passed. Enter a time that is still to come.");
        }
    }
    fields.finish()?;
    let (Some(from), Some(until)) = (from, until) else {
        return Err(Error::Internal("a freeze without its times".to_owned()));
    };
    let of_stage = freeze::Entity::find().filter(freeze::Column::StageId.eq(id.0));
    let kept = of_stage.filter(freeze::Column::UntilAt.gt(host.now())).count(&transaction).await?;
    if kept >= MOST_FREEZES {
        return Err(Error::Refused(format!("A stage has {MOST_FREEZES} freezes at most. Remove one first.")));
    }
    let new = host.ids.next();
    freeze::Entity::insert(freeze::ActiveModel {
        id: Set(new),
        stage_id: Set(id.0),
        from_at: Set(from.0),
        until_at: Set(until.0),
        reason: Set(reason.clone()),
        declared_by: Set(caller.name.clone()),
    })
    .exec_without_returning(&transaction)
    .await?;
    let entry = Entry::new(AuditAction::Update, AuditSubject::Stage).of(id, &stage.name);
    let entry = entry.set("freeze", format!("{} to {}", zone.show(from), zone.show(until))).set("reason", reason);
    finish(host, caller, transaction, id, entry).await?;
    Ok(FreezeId(new))
}

/// Takes a freeze back. Administrators only.
pub async fn unfreeze(host: &Host, caller: &Caller, id: StageId, freeze: FreezeId) -> Result<()> {
    permit(host, caller, id).await?;
    let transaction = host.begin().await?;
    let stage = lock(&transaction, id).await?;
    let row = freeze::Entity::find_by_id(freeze.0).filter(freeze::Column::StageId.eq(id.0)).one(&transaction).await?;
    let row = row.ok_or_else(|| Error::NotFound("There is no such freeze.".to_owned()))?;
    freeze::Entity::delete_by_id(freeze.0).exec(&transaction).await?;
    let freeze = row.freeze();
    let utc = Zone::utc();
    let entry = Entry::new(AuditAction::Update, AuditSubject::Stage).of(id, &stage.name);
    let entry = entry
        .gone("freeze", format!("{} to {}", utc.show(freeze.from), utc.show(freeze.until)))
        .gone("reason", freeze.reason);
    finish(host, caller, transaction, id, entry).await
}

/// Why a stage must not be deployed to at a moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Closed {
    /// Until when; none where no window ever comes.
    pub until: Option<Timestamp>,
    /// What a run waits for, in a sentence.
    pub sentence: String,
}

/// Why a stage must not be deployed to at a moment; none where it may be.
pub(crate) async fn closed(
    connection: &impl ConnectionTrait,
    stage: StageId,
    stage_name: &str,
    at: Timestamp,
) -> Result<Option<Closed>> {
    let row = entity::Entity::find_by_id(stage.0).one(connection).await?;
    let freezes = freezes(connection, stage, at.0).await?;
    let zone = row.as_ref().map_or_else(Zone::utc, |row| Zone::kept(&row.time_zone));
    let windows = row.as_ref().map(windows).unwrap_or_default();
    Ok(closed_by(&Calendar { zone, windows, freezes }, stage_name, at))
}

/// The windows of a stage in a line, with their time zone; none where it may be deployed to at any time of the week.
pub(crate) async fn in_words(connection: &impl ConnectionTrait, stage: StageId) -> Result<Option<String>> {
    let row = entity::Entity::find_by_id(stage.0).one(connection).await?;
    Ok(row
        .map(|row| (windows(&row), row.time_zone))
        .filter(|(windows, _)| !windows.is_empty())
        .map(|(windows, zone)| format!("{} ({zone})", line(&windows))))
}

fn closed_by(calendar: &Calendar, stage: &str, at: Timestamp) -> Option<Closed> {
    let until = calendar.next(at);
    if until == Some(at) {
        return None;
    }
    let why = match calendar.freeze(at) {
        Some(freeze) => format!("{stage} is frozen: {}", ended(&freeze.reason)),
        None => format!("{stage} is deployed to in its deployment windows only."),
    };
    let sentence = match until {
        Some(until) => format!("{why} The run goes on by itself on {}.", calendar.zone.show(until)),
        None => format!("{why} No window is to come, so an administrator has to give it one."),
    };
    Some(Closed { until, sentence })
}

/// A reason as a sentence.
fn ended(reason: &str) -> String {
    if reason.ends_with(['.', '!', '?']) { reason.to_owned() } else { format!("{reason}.") }
}

async fn permit(host: &Host, caller: &Caller, id: StageId) -> Result<()> {
    access::configure(host, caller, || Entry::new(AuditAction::Update, AuditSubject::Stage).of(id, "")).await
}

/// Holds the pipeline of a stage until the transaction ends, so that two changes come one after the other.
async fn lock(transaction: &DatabaseTransaction, id: StageId) -> Result<Stage> {
    let stage = stage::find(transaction, id).await?.ok_or_else(stage::not_found)?;
    pipeline::lock(transaction, stage.pipeline).await?;
    Ok(stage)
}

/// Writes down what was changed, and has the runs that wait look at it.
async fn finish(
    host: &Host,
    caller: &Caller,
    transaction: DatabaseTransaction,
    stage: StageId,
    entry: Entry,
) -> Result<()> {
    audit::record(host, &transaction, caller, entry).await?;
    stage_run::wake_scheduled(&transaction, stage, host.clock.now()).await?;
    transaction.commit().await?;
    host.news().tell(crate::Topic::Work);
    Ok(())
}

/// Freezes of a stage that end after a moment, in order.
async fn freezes(
    connection: &impl ConnectionTrait,
    stage: StageId,
    after: i64,
) -> Result<Vec<model::deployment_window::Freeze>> {
    let rows = freeze::Entity::find()
        .filter(freeze::Column::StageId.eq(stage.0))
        .filter(Expr::col(freeze::Column::UntilAt).gt(after))
        .order_by_asc(freeze::Column::FromAt)
        .order_by_asc(freeze::Column::Id)
        .all(connection)
        .await?;
    Ok(rows.into_iter().map(freeze::Model::freeze).collect())
}

fn windows(row: &entity::Model) -> Vec<Window> {
    stage_run::entity::read(&row.windows)
}

/// The window with its days in order, each once.
fn in_order(mut window: Window) -> Window {
    window.days = Weekday::ALL.into_iter().filter(|day| window.days.contains(day)).collect();
    window
}

fn line(windows: &[Window]) -> String {
    windows.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;
    use model::deployment_window::Freeze;
    use uuid::Uuid;

    #[test]
    fn who_waits_is_told_why_and_until_when() {
        let vienna = Zone::find("Europe/Vienna").unwrap();
        let at = |text: &str| vienna.moment(text).unwrap();
        let freeze = Freeze {
            id: FreezeId(Uuid::nil()),
            from: at("2026-12-20T00:00"),
            until: at("2027-01-07T06:00"),
            reason: "Year-end closing".to_owned(),
            declared_by: "Adele Vance".to_owned(),
        };
        let window =
            Window { days: vec![Weekday::Monday], from: "20:00".parse().unwrap(), until: "23:00".parse().unwrap() };
        let never = Window { days: Vec::new(), ..window.clone() };
        for (windows, freezes, moment, expected) in [
            (vec![window.clone()], vec![], "2026-11-23T20:00", None),
            (
                vec![window.clone()],
                vec![],
                "2026-11-23T08:00",
                Some(
                    "Production is deployed to in its deployment windows only. The run goes on by itself on Mon, Nov 23, \
                     2026 8:00 PM (Europe/Vienna).",
                ),
            ),
            (
                vec![],
                vec![freeze.clone()],
                "2026-12-24T18:00",
                Some(
                    "Production is frozen: Year-end closing. The run goes on by itself on Thu, Jan 7, 2027 6:00 AM \
                     (Europe/Vienna).",
                ),
            ),
            (
                vec![window],
                vec![freeze],
                "2026-12-24T18:00",
                Some(
                    "Production is frozen: Year-end closing. The run goes on by itself on Mon, Jan 11, 2027 8:00 PM \
                     (Europe/Vienna).",
                ),
            ),
            (
                vec![never],
                vec![],
                "2026-11-23T08:00",
                Some(
                    "Production is deployed to in its deployment windows only. No window is to come, so an administrator \
                     has to give it one.",
                ),
            ),
        ] {
            let calendar = Calendar { zone: vienna.clone(), windows, freezes };
            let closed = closed_by(&calendar, "Production", at(moment));
            assert_eq!(closed.map(|closed| closed.sentence).as_deref(), expected, "{moment}");
        }
    }
}
