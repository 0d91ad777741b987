//! Drift: where a target differs from what was last deployed there through a stage. Looked at when somebody asks and by
//! itself from time to time, and kept, so that the card of the stage shows it.

mod entity;
mod rule;
mod schedule;

pub use schedule::look_where_due;

use crate::{
    Caller, Error, Host, Result, access,
    audit::Entry,
    comparison,
    deployment_settings::{Destination, destination_of},
    field,
    stage_run::{self, OF_PEOPLE, installed, within},
};
use entity::{ActiveModel, Column, Entity, Model};
use model::{
    Component, SolutionVersion, Timestamp,
    audit::{AuditAction, AuditSubject},
    drift::{Drift, DriftCheck},
    id::{EnvironmentId, StageId, StageRunId},
    pipeline::Stage,
    stage_run::ChangeKind,
};
use rule::{Deployed, Found, drifts};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QuerySelect, sea_query::OnConflict};
use std::collections::BTreeMap;

/// Differences that are kept of one look; the rest is counted.
const MOST_DRIFTS: usize = 500;
/// Looks that are gathered at once.
const MOST_FOUND: u64 = 20_000;

/// What is known of a solution at a stage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StageDrift {
    /// Name of the pipeline.
    pub pipeline_name: String,
    /// The stage.
    pub stage: Stage,
    /// Name of the solution for people.
    pub solution: String,
    /// The run that last succeeded there, and its version; none where nothing has been deployed.
    pub deployed: Option<(StageRunId, SolutionVersion)>,
    /// What was found when somebody last looked, if nothing has been deployed since.
    pub check: Option<DriftCheck>,
}

/// What was found when somebody last looked, for whoever may deploy through the pipeline.
pub async fn get(host: &Host, caller: &Caller, destination: &Destination) -> Result<StageDrift> {
    let (pipeline_name, stage, solution) = destination_of(host, caller, destination).await?;
    let key = field::key(&solution.unique_name);
    let run = installed(&host.database, stage.id, &key).await?;
    let row = Entity::find_by_id((stage.id.0, key)).one(&host.database).await?;
    let row = row.filter(|row| run.as_ref().is_some_and(|run| run.id == row.run_id));
    Ok(StageDrift {
        pipeline_name,
        stage,
        solution: solution.display_name,
        deployed: run.map(|run| (run.run(), run.version())),
        check: row.map(Model::check),
    })
}

/// Looks at the target and keeps what is found, for whoever may deploy through the pipeline.
pub async fn check(host: &Host, caller: &Caller, destination: &Destination) -> Result<()> {
    let entry = || {
        let entry = Entry::new(AuditAction::Validate, AuditSubject::Stage).of(destination.stage, "");
        entry.set("solution", &destination.solution)
    };
    let opened = destination_of(host, caller, destination).await;
    let (_, stage, solution) = access::permit(host, caller, opened, entry).await?;
    let key = field::key(&solution.unique_name);
    let nothing = || Error::Refused(format!("Nothing has been deployed to {} yet.", stage.name));
    let run = installed(&host.database, stage.id, &key).await?.ok_or_else(nothing)?;
    look_and_keep(host, &run).await
}

/// Looks at the target of a run that says what its stage has, and keeps what is found.
async fn look_and_keep(host: &Host, run: &stage_run::entity::Model) -> Result<()> {
    let mut found = look(host, EnvironmentId(run.target_id), run).await?;
    let omitted = found.len().saturating_sub(MOST_DRIFTS);
    found.truncate(MOST_DRIFTS);
    let kept = DriftCheck { checked: host.clock.now(), drifts: found, omitted };
    let row = ActiveModel {
        stage_id: Set(run.stage_id),
        solution_key: Set(run.solution_key.clone()),
        run_id: Set(run.id),
        checked: Set(kept.checked.0),
        drifts: Set(stage_run::entity::write(&kept)),
    };
    let latest = OnConflict::columns([Column::StageId, Column::SolutionKey])
        .update_columns([Column::RunId, Column::Checked, Column::Drifts])
        .to_owned();
    Entity::insert(row).on_conflict(latest).exec_without_returning(&host.database).await?;
    Ok(())
}

/// What was last found for a solution at some stages, each with the run it was compared with.
pub(crate) async fn latest(
    host: &Host,
    stages: impl IntoIterator<Item = StageId>,
    solution_key: &str,
) -> Result<Vec<(StageId, StageRunId, DriftCheck)>> {
    let rows = Entity::find()
        .filter(Column::StageId.is_in(stages.into_iter().map(|stage| stage.0)))
        .filter(Column::SolutionKey.eq(solution_key))
        .all(&host.database)
        .await?;
    Ok(rows.into_iter().map(|row| (StageId(row.stage_id), StageRunId(row.run_id), row.check())).collect())
}

/// What was last found in a target, in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Finding {
    /// The run that the target was compared with; what was found says nothing of what came after it.
    pub run: StageRunId,
    /// In words.
    pub summary: String,
    /// Whether there was anything.
    pub drifted: bool,
}

/// What was last found anywhere, by stage and solution.
pub(crate) async fn found(host: &Host) -> Result<BTreeMap<(StageId, String), Finding>> {
    let rows = Entity::find().limit(MOST_FOUND).all(&host.database).await?;
    Ok(rows
        .into_iter()
        .map(|row| {
            let place = (StageId(row.stage_id), row.solution_key.clone());
            let run = StageRunId(row.run_id);
            let check = row.check();
            (place, Finding { run, summary: check.summary(), drifted: !check.drifts.is_empty() })
        })
        .collect())
}

impl Model {
    fn check(self) -> DriftCheck {
        let kept: DriftCheck = stage_run::entity::read(&self.drifts);
        DriftCheck { checked: Timestamp(self.checked), ..kept }
    }
}

/// Where the target differs from what a run brought.
async fn look(host: &Host, target: EnvironmentId, run: &stage_run::entity::Model) -> Result<Vec<Drift>> {
    let missing = || Error::Refused(format!("Slipway has no artifact of version {} any more.", run.version));
    let package = run.package().ok_or_else(missing)?;
    let mut facts = host.packages.facts(&package).await?.as_ref().clone();
    facts.version = run.version();
    let target = host.environments.open(target).await?;
    let staged = within(OF_PEOPLE, target.stage(&package)).await?;
    let mut changed: Vec<Component> = Vec::new();
    if staged.previous.is_some()
        && let Some(there) = within(OF_PEOPLE, target.installed_package(&run.solution)).await?
        && there.sha256 != package.sha256
    {
        let compared = comparison::of_packages(host, &package, &there).await?;
        let other = compared.components.iter().filter(|compared| compared.change == ChangeKind::Changed);
        changed.extend(other.map(|compared| compared.component.clone()));
    }
    let settings = run.settings();
    let found = Found { solution: staged.previous.as_ref(), changed: &changed, overlaid: &staged.overlaid };
    Ok(drifts(Deployed { package: &facts, settings: &settings }, found))
}
