//! What programs write into the columns of a run, as scripts for the platform do: first everything, then they deploy. The
//! wizard asks for the same one page after the other, and says at once what is wrong; a program hears it when it deploys.

use super::{
    access,
    deploy::{check_again, deploy, deploy_later},
    entity as run,
    patience::{OF_PEOPLE, within},
    retry::retry,
    schedule::LocalTime,
    settings::{draft, save_connections, save_variables},
    state::{self, Event},
};
use crate::{
    Caller, Error, Host, Result, preflight,
    secret::{Column as Place, ExposeSecret, Key, Secret},
    time_zone::Zone,
};
use model::{
    FieldProblem, SolutionVersion, Timestamp,
    audit::AuditAction,
    id::{EnvironmentId, StageRunId},
    settings::{DeploymentSettings, VariableSetting},
    stage_run::StageRunStatus,
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect, entity::prelude::*,
    sea_query::OnConflict,
};
use serde::{Deserialize, Serialize};
use std::{collections::HashMap, time::Duration};

/// Where it is sealed: which variables are secrets is not known before pre-flight.
pub(crate) const WRITTEN: Place = Place { table: "stage_run_written", key: Key::Uuid("run_id"), column: "document" };

/// Runs that are asked for in one statement; databases bind only so many values.
const AT_ONCE: usize = 1_000;

/// What was written into the columns of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Written {
    /// The version to deploy (`artifactversion`).
    pub version: Option<SolutionVersion>,
    /// The version that development is said to have (`artifactdevcurrentversion`).
    pub development_version: Option<SolutionVersion>,
    /// Deployment notes.
    pub notes: Option<String>,
    /// Connections and values (`deploymentsettingsjson`).
    pub settings: Option<DeploymentSettings>,
    /// When it is to begin.
    pub scheduled: Option<Timestamp>,
    /// The solution in development, as its maker named it by its id.
    pub solution: Option<Uuid>,
    /// The language that its maker reads (`makerainoteslanguagecode`).
    pub language: Option<String>,
    /// Whether validation was asked for.
    pub validation_asked: bool,
}

/// What was written, sealed.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "stage_run_written")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub run_id: Uuid,
    pub document: String,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// Writes into the columns of a run that its maker has not deployed yet.
pub async fn write(host: &Host, caller: &Caller, id: StageRunId, change: impl FnOnce(&mut Written)) -> Result<()> {
    let run = access::take_own(host, caller, id, AuditAction::Settle).await?;
    require_open(&run)?;
    keep(host, &run, |held, written| {
        require_open(held)?;
        change(written);
        Ok(())
    })
    .await
}

/// Goes on where a run may still be written to.
fn require_open(run: &run::Model) -> Result<()> {
    if !is_before_validation(run.status()) {
        state::next(run.state(), Event::DeployRequested)?;
    }
    Ok(())
}

fn is_before_validation(status: StageRunStatus) -> bool {
    matches!(status, StageRunStatus::NotStarted | StageRunStatus::Started | StageRunStatus::Validating)
}

async fn keep(
    host: &Host,
    run: &run::Model,
    change: impl FnOnce(&run::Model, &mut Written) -> Result<()>,
) -> Result<()> {
    let transaction = host.begin().await?;
    // Held, so that two who write at once do not undo each other, and looked at again: it may have moved on meanwhile.
    let held = run::Entity::find_by_id(run.id).lock_exclusive().one(&transaction).await?;
    let held = held.ok_or_else(|| Error::NotFound("There is no such run, or you may not see it.".to_owned()))?;
    let mut document = written(host, &transaction, [run.id]).await?.remove(&run.id).unwrap_or_default();
    change(&held, &mut document)?;
    let text = serde_json::to_string(&document).map_err(|error| Error::Internal(error.to_string()))?;
    let sealed = host.secrets.seal(&WRITTEN.row(run.id), &Secret::from(text))?;
    Entity::insert(ActiveModel { run_id: Set(run.id), document: Set(sealed) })
        .on_conflict(OnConflict::column(Column::RunId).update_column(Column::Document).to_owned())
        .exec_without_returning(&transaction)
        .await?;
    Ok(transaction.commit().await?)
}

/// What was written into some runs.
pub(crate) async fn written(
    host: &Host,
    connection: &impl ConnectionTrait,
    runs: impl IntoIterator<Item = Uuid>,
) -> Result<HashMap<Uuid, Written>> {
    let runs: Vec<Uuid> = runs.into_iter().collect();
    let mut rows = Vec::new();
    for part in runs.chunks(AT_ONCE) {
        rows.extend(Entity::find().filter(Column::RunId.is_in(part.iter().copied())).all(connection).await?);
    }
    let open = |row: Model| {
        let opened = host.secrets.open(&WRITTEN.row(row.run_id), &row.document)?;
        let document = serde_json::from_str(opened.expose_secret())
            .map_err(|_| Error::Internal(format!("what was written into run {} cannot be read", row.run_id)))?;
        Ok((row.run_id, document))
    };
    rows.into_iter().map(open).collect()
}

/// The platform's `ValidatePackageAsync`. A run begins with pre-flight by itself, so that the first call asks for what is
/// under way or done already; another one has pre-flight run again, and one for a run that failed in it tries it again.
pub async fn validate_package(host: &Host, caller: &Caller, id: StageRunId) -> Result<()> {
    let run = access::take_own(host, caller, id, AuditAction::CheckAgain).await?;
    let before = written(host, &host.database, [run.id]).await?.remove(&run.id).unwrap_or_default();
    keep(host, &run, |_, written| {
        written.validation_asked = true;
        Ok(())
    })
    .await?;
    match run.status() {
        status if is_before_validation(status) => Ok(()),
        StageRunStatus::ValidationSucceeded if !before.validation_asked => Ok(()),
        StageRunStatus::Failed if state::next(run.state(), Event::Retry)?.status == StageRunStatus::NotStarted => {
            // What failed before anybody asked for it is what they asked for.
            if before.validation_asked { retry(host, caller, id).await } else { Ok(()) }
        }
        _ => check_again(host, caller, id).await,
    }
}

/// The platform's `DeployPackageAsync`: deploys with what was written into the run's columns. Further fields:
/// `artifactdevcurrentversion`.
pub async fn deploy_package(host: &Host, caller: &Caller, id: StageRunId) -> Result<()> {
    let run = draft(host, caller, id, AuditAction::Deploy).await?;
    let written = written(host, &host.database, [run.id]).await?.remove(&run.id).unwrap_or_default();
    let mut problems = Vec::new();
    problems.extend(development_problem(host, &run, written.development_version.as_ref()).await?);
    if let Some(settings) = &written.settings {
        if !settings.connection_references.is_empty() {
            collect(&mut problems, save_connections(host, caller, id, &settings.connection_references).await)?;
        }
        if !settings.environment_variables.is_empty() {
            collect(&mut problems, save_variables(host, caller, id, &settings.environment_variables).await)?;
        }
    }
    if !problems.is_empty() {
        forget_secrets(host, &run).await?;
        return Err(Error::Invalid(problems));
    }
    let version = written.version.map_or_else(|| run.version().to_string(), |version| version.to_string());
    let notes = written.notes.unwrap_or(run.notes);
    match written.scheduled.map(whole_minute).filter(|at| *at > host.clock.now()) {
        Some(at) => {
            let zone = Zone::utc();
            let time = LocalTime { time: zone.field(at), time_zone: zone.name().to_owned() };
            deploy_later(host, caller, id, &version, &notes, &time).await
        }
        None => deploy(host, caller, id, &version, &notes).await,
    }
}

/// Forgets what was written for a secret and is no reference into a key vault: it may be the secret itself.
async fn forget_secrets(host: &Host, run: &run::Model) -> Result<()> {
    let secret: Vec<String> = run::read(&run.secret_variables);
    let stays = |setting: &VariableSetting| {
        let is_secret = secret.iter().any(|name| name.eq_ignore_ascii_case(&setting.schema_name));
        !is_secret || preflight::check_secret(setting.value.trim()).is_none()
    };
    keep(host, run, |_, written| {
        if let Some(settings) = &mut written.settings {
            settings.environment_variables.retain(stays);
        }
        Ok(())
    })
    .await
}

/// A schedule is kept to the minute, and nothing begins earlier than it was asked for.
fn whole_minute(at: Timestamp) -> Timestamp {
    const MINUTE: i64 = 60_000;
    if at.0.rem_euclid(MINUTE) == 0 { at } else { Timestamp(at.0 - at.0.rem_euclid(MINUTE)) + Duration::from_mins(1) }
}

/// What is wrong with the version that development is said to have.
async fn development_problem(
    host: &Host,
    run: &run::Model,
    said: Option<&SolutionVersion>,
) -> Result<Option<FieldProblem>> {
    let Some(said) = said.filter(|_| !run.version_is_fixed) else { return Ok(None) };
    let environment = host.environments.open(EnvironmentId(run.source_id)).await?;
    let solution = within(OF_PEOPLE, environment.solution(&run.solution)).await?;
    let Some(has) = solution.map(|solution| solution.summary.version).filter(|has| has != said) else {
        return Ok(None);
    };
    let message = format!("{} has version {has} of {}, not {said}.", run.source_name, run.solution_display_name);
    Ok(Some(FieldProblem::new("artifactdevcurrentversion", message)))
}

fn collect(problems: &mut Vec<FieldProblem>, saved: Result<()>) -> Result<()> {
    match saved {
        Err(Error::Invalid(found)) => {
            problems.extend(found);
            Ok(())
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_schedule_is_kept_to_the_minute_and_never_begins_too_early() {
        for (asked, kept) in [(0, 0), (1, 60_000), (59_999, 60_000), (60_000, 60_000), (60_001, 120_000)] {
            assert_eq!(whole_minute(Timestamp(asked)), Timestamp(kept), "{asked}");
        }
    }
}
