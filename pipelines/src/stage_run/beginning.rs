//! How a run begins: its first row and the first entry of its log, in one transaction that holds the pipeline.

use super::{
    access,
    authority::{self, RunAs},
    entity::{self, ActiveModel, Model},
    event, journal,
};
use crate::{
    Caller, Error, Host, Result, artifact::entity as artifact, audit, deployment_settings::Offered, event as outbox,
    field, pipeline, stage,
};
use model::{
    SolutionVersion, Timestamp,
    audit::AuditAction,
    event::EventName,
    id::{EnvironmentId, PipelineId, StageId, StageRunId},
    pipeline::Stage,
    solution::SolutionSummary,
    stage_run::StageRunStatus,
};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, DatabaseTransaction, EntityTrait};

/// What a run takes along.
pub(super) enum Load {
    /// An export of the source, as this version unless its maker chooses another one.
    Next(SolutionVersion),
    /// The artifact of an earlier stage.
    Artifact(Box<artifact::Model>),
    /// An artifact that the stage has had, even in the place of a newer version.
    Again(Box<artifact::Model>),
    /// The artifact that the stage has, for its settings only.
    Installed(Box<artifact::Model>),
}

impl Load {
    /// The artifact it is; none where there is none yet.
    pub fn artifact(&self) -> Option<&artifact::Model> {
        match self {
            Self::Next(_) => None,
            Self::Artifact(artifact) | Self::Again(artifact) | Self::Installed(artifact) => Some(artifact),
        }
    }

    /// The version it is, or is going to be.
    pub fn version(&self) -> SolutionVersion {
        match self {
            Self::Next(version) => version.clone(),
            Self::Artifact(artifact) | Self::Again(artifact) | Self::Installed(artifact) => artifact.version(),
        }
    }

    /// The columns of a run that takes it along.
    pub fn columns(&self, columns: &mut ActiveModel) {
        let version = self.version();
        columns.version_key = Set(version.sort_key());
        columns.version = Set(version.to_string());
        columns.version_is_fixed = Set(self.artifact().is_some());
        columns.redeployment = Set(matches!(self, Self::Again(_) | Self::Installed(_)));
        columns.settings_only = Set(matches!(self, Self::Installed(_)));
        if let Some(artifact) = self.artifact() {
            columns.artifact_id = Set(Some(artifact.id));
            columns.artifact_sha256 = Set(Some(artifact.managed_sha256.clone()));
            columns.artifact_bytes = Set(Some(artifact.managed_bytes));
        }
    }
}

/// The solution of a run, as its row names it.
pub(super) struct Subject {
    /// Unique name.
    pub unique_name: String,
    /// Name for people.
    pub display_name: String,
    /// Its publisher, as runs keep it.
    pub publisher: Option<String>,
    /// Its version in development.
    pub development_version: String,
}

impl Subject {
    /// A solution as it is in development.
    pub fn of_solution(solution: &SolutionSummary) -> Self {
        Self {
            unique_name: solution.unique_name.clone(),
            display_name: solution.display_name.clone(),
            publisher: Some(entity::write(&solution.publisher)),
            development_version: solution.version.to_string(),
        }
    }

    /// The solution of another run. Development may have lost it since.
    pub fn of_run(run: &Model) -> Self {
        Self {
            unique_name: run.solution.clone(),
            display_name: run.solution_display_name.clone(),
            publisher: run.publisher.clone(),
            development_version: run.development_version.clone(),
        }
    }
}

/// A run to begin.
pub(super) struct Beginning<'a> {
    /// Its pipeline.
    pub pipeline: &'a pipeline::entity::Model,
    /// Its stage.
    pub stage: &'a Stage,
    /// Id and name of the development environment.
    pub source: (EnvironmentId, &'a str),
    /// The solution.
    pub subject: Subject,
    /// The run whose settings are offered, as far as nothing is prepared.
    pub settings: Option<&'a Model>,
    /// What is prepared for the solution at the stage.
    pub prepared: Option<Offered>,
    /// The version the stage has.
    pub before: Option<SolutionVersion>,
    /// What it takes along.
    pub load: &'a Load,
    /// The run it takes back.
    pub rolls_back: Option<StageRunId>,
    /// Deployment notes.
    pub notes: String,
    /// The first entry of its log.
    pub message: String,
}

impl Beginning<'_> {
    /// What the person who begins it does.
    fn action(&self) -> AuditAction {
        match (self.rolls_back, self.load) {
            (Some(_), _) => AuditAction::RollBack,
            (None, Load::Again(_)) => AuditAction::Redeploy,
            (None, Load::Installed(_)) => AuditAction::ApplySettings,
            (None, _) => AuditAction::Request,
        }
    }
}

/// What a run is offered: what is prepared, and else what was used last.
fn offered(before: Option<&Model>, prepared: Option<Offered>) -> Offered {
    let mut offered = Offered {
        settings: before.map(Model::settings).unwrap_or_default(),
        secret_variables: before.map(|run| entity::read(&run.secret_variables)).unwrap_or_default(),
    };
    if let Some(prepared) = prepared {
        offered.settings = offered.settings.overlaid(&prepared.settings);
        offered.secret_variables.extend(prepared.secret_variables);
    }
    offered
}

/// Begins a run. Refused where its pipeline or stage has been changed since they were read.
pub(super) async fn begin(host: &Host, caller: &Caller, beginning: Beginning<'_>) -> Result<StageRunId> {
    let action = beginning.action();
    let Beginning { pipeline, stage, source, subject, settings, prepared, before, load, rolls_back, notes, message } =
        beginning;
    let offered = offered(settings, prepared);
    let now = host.now();
    let run_as = RunAs::of(&host.database, stage).await?;
    let message = match &run_as {
        Some(run_as) => format!("{message} The stage is delegated: it deploys{}.", authority::words(Some(run_as))),
        None => message,
    };
    let mut run = ActiveModel {
        id: Set(host.ids.next()),
        status: Set(StageRunStatus::NotStarted.code()),
        pipeline_id: Set(pipeline.id),
        pipeline_name: Set(pipeline.name.clone()),
        stage_id: Set(stage.id.0),
        stage_name: Set(stage.name.clone()),
        source_id: Set(source.0.0),
        source_name: Set(source.1.to_owned()),
        target_id: Set(stage.target_environment.0),
        target_name: Set(stage.target_name.clone()),
        solution_key: Set(field::key(&subject.unique_name)),
        solution: Set(subject.unique_name),
        solution_display_name: Set(subject.display_name),
        publisher: Set(subject.publisher),
        development_version: Set(subject.development_version),
        previous_version: Set(before.map(|version| version.to_string())),
        requested_by: Set(caller.user.0),
        requested_by_name: Set(caller.name.clone()),
        notes: Set(notes),
        requested: Set(now),
        ended: Set(None),
        error_message: Set(String::new()),
        waiting_for: Set(String::new()),
        findings: Set("[]".to_owned()),
        settings: Set(entity::write(&offered.settings)),
        secret_variables: Set(entity::write(&offered.secret_variables)),
        due: Set(Some(now)),
        last_event: Set(1),
        rolls_back: Set(rolls_back.map(|run| run.0)),
        ..<ActiveModel as sea_orm::ActiveModelTrait>::default()
    };
    load.columns(&mut run);
    authority::keep(run_as.as_ref(), &mut run);
    let transaction = host.begin().await?;
    hold(&transaction, PipelineId(pipeline.id), stage.id, stage.target_environment).await?;
    let run = run.insert(&transaction).await?;
    event::Entity::insert(event::ActiveModel {
        run_id: Set(run.id),
        sequence: Set(1),
        at: Set(now),
        status: Set(run.status),
        message: Set(message),
        is_error: Set(false),
    })
    .exec_without_returning(&transaction)
    .await?;
    Box::pin(outbox::announce(&transaction, &run, Timestamp(now), [EventName::DeploymentRequested])).await?;
    let entry = access::entry(action, &run).set("pipeline", &run.pipeline_name);
    audit::record(host, &transaction, caller, entry).await?;
    transaction.commit().await?;
    journal::tell(host, &run);
    Ok(run.run())
}

/// Holds a pipeline until the transaction ends, so that a run and the deletion of its stage come one after the other.
/// Refused where the pipeline is not in use or the stage no longer deploys into the target.
pub(super) async fn hold(
    transaction: &DatabaseTransaction,
    pipeline: PipelineId,
    stage: StageId,
    target: EnvironmentId,
) -> Result<()> {
    let pipeline = pipeline::lock(transaction, pipeline).await?;
    if !pipeline.active {
        return Err(Error::Refused(format!(
            "The pipeline “{}” is deactivated. Ask an administrator to activate it.",
            pipeline.name
        )));
    }
    let stage = stage::find(transaction, stage).await?.filter(|stage| stage.pipeline.0 == pipeline.id);
    match stage {
        None => Err(Error::Refused(format!("The stage is not part of “{}” any more.", pipeline.name))),
        Some(stage) if stage.target_environment != target => Err(Error::Refused(format!(
            "The stage “{}” deploys into another environment by now. Deploy again.",
            stage.name
        ))),
        Some(_) => Ok(()),
    }
}
