//! Runs and their steps as programs read them.

use super::of_ids;
use crate::{
    Caller, Host, Result, deployment_environment,
    stage_run::{self, MASK, Written, entity as run, read, step},
};
use model::{
    Finding, Timestamp,
    gate::{Gate, GateStatus},
    id::{ArtifactId, DeploymentEnvironmentId, EnvironmentId, PipelineId, StageId, StageRunId, UserId},
    package::Publisher,
    settings::DeploymentSettings,
    stage_run::{StageRunStatus, Step},
};
use sea_orm::{Order, QueryOrder, QuerySelect, entity::prelude::*, sea_query::NullOrdering};
use std::collections::HashMap;

/// Which runs to read, and in which order.
#[derive(Clone, Debug, Default)]
pub struct RunQuery {
    /// Those with these ids.
    pub ids: Option<Vec<Uuid>>,
    /// Those of these stages.
    pub stages: Option<Vec<Uuid>>,
    /// Those that take along these artifacts.
    pub artifacts: Option<Vec<Uuid>>,
    /// Those that stand here, in the platform's numbers.
    pub statuses: Option<Vec<i32>>,
    /// Those of solutions with these unique names.
    pub solutions: Option<Vec<String>>,
    /// The order, and whether downwards; the latest first where none is given.
    pub order: Option<(RunOrder, bool)>,
    /// How many at most.
    pub limit: Option<u64>,
}

/// What runs are sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RunOrder {
    /// When they were asked for.
    Requested,
    /// When they ended.
    Ended,
}

/// A run.
#[derive(Clone, Debug)]
pub struct RunRow {
    /// Id.
    pub id: StageRunId,
    /// Where it stands.
    pub status: StageRunStatus,
    /// Where it stood when it failed.
    pub failed_at: Option<StageRunStatus>,
    /// Pipeline.
    pub pipeline: PipelineId,
    /// Stage.
    pub stage: StageId,
    /// Name of the stage when it was asked for.
    pub stage_name: String,
    /// The development environment, its record and the name it had.
    pub source: (EnvironmentId, Option<DeploymentEnvironmentId>, String),
    /// The target environment, its record and the name it had.
    pub target: (EnvironmentId, Option<DeploymentEnvironmentId>, String),
    /// Unique name of the solution.
    pub solution: String,
    /// Name of the solution for people.
    pub solution_display_name: String,
    /// Its publisher.
    pub publisher: Option<Publisher>,
    /// The version in development.
    pub development_version: String,
    /// The version it takes along.
    pub version: String,
    /// The version that the target had.
    pub previous_version: Option<String>,
    /// The artifact, once it is stored.
    pub artifact: Option<ArtifactId>,
    /// Who asked for it, and the name they had.
    pub requested_by: (UserId, String),
    /// As whom it deploys, where that is somebody else.
    pub run_as: Option<(UserId, String)>,
    /// Deployment notes.
    pub notes: String,
    /// When it was asked for.
    pub requested: Timestamp,
    /// When it ended.
    pub ended: Option<Timestamp>,
    /// Why it failed.
    pub error_message: String,
    /// What it waits for.
    pub waiting_for: String,
    /// What pre-flight found.
    pub findings: Vec<Finding>,
    /// Settings, with the values of secret variables masked; none where they are not to be shown yet.
    pub settings: Option<DeploymentSettings>,
    /// When it is to begin.
    pub scheduled: Option<Timestamp>,
    /// Whether it may put an older version in the place of a newer one.
    pub redeployment: bool,
    /// How often it was tried without success since something last went well.
    pub attempts: i32,
    /// Where it stands at its gates, in their order.
    pub gates: [Option<GateStatus>; 3],
    /// The solution in development, as its maker named it by its id.
    pub solution_id: Option<Uuid>,
    /// The language that its maker reads.
    pub language: Option<String>,
}

/// A step of a run.
#[derive(Clone, Debug)]
pub struct StepRow {
    /// The run.
    pub run: StageRunId,
    /// The step.
    pub step: Step,
}

/// Runs that a person may see.
pub async fn runs(host: &Host, caller: &Caller, query: &RunQuery) -> Result<Vec<RunRow>> {
    use run::{Column, Entity};
    let mut chosen = Entity::find().filter(stage_run::visible(caller));
    for (column, ids) in
        [(Column::Id, &query.ids), (Column::StageId, &query.stages), (Column::ArtifactId, &query.artifacts)]
    {
        chosen = of_ids(chosen, column, ids.as_deref());
    }
    if let Some(statuses) = &query.statuses {
        chosen = chosen.filter(Column::Status.is_in(statuses.iter().copied()));
    }
    if let Some(solutions) = &query.solutions {
        chosen = chosen.filter(Column::SolutionKey.is_in(solutions.iter().map(|name| crate::field::key(name))));
    }
    let (column, down) = match query.order {
        None => (Column::Requested, true),
        Some((RunOrder::Requested, down)) => (Column::Requested, down),
        Some((RunOrder::Ended, down)) => (Column::Ended, down),
    };
    // What has not ended comes before everything that has.
    let (order, nulls) = if down { (Order::Desc, NullOrdering::Last) } else { (Order::Asc, NullOrdering::First) };
    let chosen = match column {
        Column::Ended => chosen.order_by_with_nulls(column, order.clone(), nulls),
        _ => chosen.order_by(column, order.clone()),
    };
    let models = chosen.order_by(Column::Id, order).limit(query.limit).all(&host.database).await?;
    let records = records(host, &models).await?;
    let mut written = stage_run::written(host, &host.database, models.iter().map(|model| model.id)).await?;
    Ok(models
        .into_iter()
        .map(|model| {
            let written = written.remove(&model.id).unwrap_or_default();
            row(model, caller, &records, written)
        })
        .collect())
}

/// Records of the environments of runs, by environment.
async fn records(host: &Host, runs: &[run::Model]) -> Result<HashMap<Uuid, DeploymentEnvironmentId>> {
    use deployment_environment::entity::{Column, Entity};
    let environments: std::collections::BTreeSet<Uuid> =
        runs.iter().flat_map(|run| [run.source_id, run.target_id]).collect();
    let records = Entity::find()
        .select_only()
        .columns([Column::EnvironmentId, Column::Id])
        .filter(Column::EnvironmentId.is_in(environments))
        .order_by_asc(Column::Active)
        .order_by_asc(Column::Created)
        .into_tuple::<(Uuid, Uuid)>()
        .all(&host.database)
        .await?;
    Ok(records.into_iter().map(|(environment, id)| (environment, DeploymentEnvironmentId(id))).collect())
}

fn row(run: run::Model, caller: &Caller, records: &HashMap<Uuid, DeploymentEnvironmentId>, written: Written) -> RunRow {
    let status = run.status();
    let is_draft = matches!(
        status,
        StageRunStatus::NotStarted
            | StageRunStatus::Started
            | StageRunStatus::Validating
            | StageRunStatus::ValidationSucceeded
    );
    // Which variables are secrets is known once pre-flight has read the package; before, only their writer sees them.
    let is_shown = status == StageRunStatus::ValidationSucceeded || !is_draft || run.requested_by == caller.user.0;
    let settings = written.settings.filter(|_| is_draft).unwrap_or_else(|| run.settings());
    let secret: Vec<String> = read(&run.secret_variables);
    let version = written.version.filter(|_| is_draft).map(|version| version.to_string());
    let notes = written.notes.filter(|_| is_draft);
    let scheduled = written.scheduled.filter(|_| is_draft).or(run.scheduled_for.map(Timestamp));
    RunRow {
        id: run.run(),
        status,
        failed_at: run.failed_at.and_then(StageRunStatus::from_code),
        pipeline: PipelineId(run.pipeline_id),
        stage: StageId(run.stage_id),
        source: (EnvironmentId(run.source_id), records.get(&run.source_id).copied(), run.source_name.clone()),
        target: (EnvironmentId(run.target_id), records.get(&run.target_id).copied(), run.target_name.clone()),
        publisher: run.publisher.as_deref().and_then(|publisher| serde_json::from_str(publisher).ok()),
        artifact: run.artifact_id.map(ArtifactId),
        requested_by: (UserId(run.requested_by), run.requested_by_name.clone()),
        run_as: run.run_as.map(UserId).zip(run.run_as_name.clone()),
        requested: Timestamp(run.requested),
        ended: run.ended.map(Timestamp),
        findings: read(&run.findings),
        settings: is_shown.then(|| masked(settings, &secret)),
        scheduled,
        redeployment: run.redeployment,
        attempts: run.attempts,
        gates: Gate::ALL.map(|gate| run.gate_status(gate)),
        solution_id: written.solution,
        language: written.language,
        version: version.unwrap_or_else(|| run.version.clone()),
        notes: notes.unwrap_or_else(|| run.notes.clone()),
        stage_name: run.stage_name,
        solution: run.solution,
        solution_display_name: run.solution_display_name,
        development_version: run.development_version,
        previous_version: run.previous_version,
        error_message: run.error_message,
        waiting_for: run.waiting_for,
    }
}

fn masked(mut settings: DeploymentSettings, secret: &[String]) -> DeploymentSettings {
    for setting in &mut settings.environment_variables {
        if !setting.value.is_empty() && secret.iter().any(|name| name.eq_ignore_ascii_case(&setting.schema_name)) {
            MASK.clone_into(&mut setting.value);
        }
    }
    settings
}

/// Steps that runs have begun, in their order; of all runs that a person may see, or of some.
pub async fn steps(host: &Host, caller: &Caller, runs: Option<&[Uuid]>, most: u64) -> Result<Vec<StepRow>> {
    let seen = of_ids(run::Entity::find().filter(stage_run::visible(caller)), run::Column::Id, runs)
        .order_by_desc(run::Column::Requested)
        .order_by_desc(run::Column::Id)
        .limit(most)
        .select_only()
        .columns([run::Column::Id, run::Column::Status])
        .into_tuple::<(Uuid, i32)>()
        .all(&host.database)
        .await?;
    let mut rows: HashMap<Uuid, Vec<step::Model>> = HashMap::new();
    let found = step::Entity::find().filter(step::Column::RunId.is_in(seen.iter().map(|(id, _)| *id)));
    for row in found.all(&host.database).await? {
        rows.entry(row.run_id).or_default().push(row);
    }
    let mut steps = Vec::new();
    for (run, status) in seen {
        let status = StageRunStatus::from_code(status).unwrap_or(StageRunStatus::Failed);
        let rows = rows.remove(&run).unwrap_or_default();
        let begun =
            step::views(status, &rows).into_iter().filter(|step| rows.iter().any(|row| row.step == step.step.code()));
        steps.extend(begun.map(|step| StepRow { run: StageRunId(run), step }));
    }
    Ok(steps)
}
