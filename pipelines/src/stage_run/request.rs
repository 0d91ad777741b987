//! Asking for a run.

use super::{
    course::Course,
    entity::{self, ActiveModel, Model},
    event,
    journal::{self, Change, Guard},
    numbering::{self, Taken},
    patience::{OF_PEOPLE, within},
    record,
    state::Event,
};
use crate::{Caller, Error, Host, Result, artifact::entity as artifact, deployment_environment, field};
use model::{
    SolutionVersion,
    environment::{EnvironmentChoice, EnvironmentType},
    id::{EnvironmentId, PipelineId, StageId, StageRunId},
    pipeline::Stage,
    solution::SolutionSummary,
    stage_run::StageRunStatus,
};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, EntityTrait};

/// What to deploy, from where, to which stage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// The development environment.
    pub environment: EnvironmentId,
    /// Unique name of the solution.
    pub solution: String,
    /// The stage.
    pub stage: StageId,
}

/// Asks for a run, which starts with pre-flight. A run of the same person for the same solution and stage that waits
/// for its settings is taken up again instead of beginning a second one, with what was entered so far; where the
/// solution has changed since, pre-flight runs again on it.
pub async fn request(host: &Host, caller: &Caller, request: &Request) -> Result<StageRunId> {
    let source = deployment_environment::require_choice(host, caller, request.environment).await?;
    let course = Course::of_stage(host, caller, request.stage, request.environment).await?;
    let solution = deployable(host, &source, &request.solution).await?;
    let (stage, previous) = course.stage(request.stage).ok_or_else(|| {
        Error::Refused("The stage is not part of its pipeline's chain. Ask an administrator to mend that.".to_owned())
    })?;
    if let Some(obstacle) = course.obstacles.first().cloned().or_else(|| course.obstacle(stage)) {
        return Err(Error::Refused(format!("The pipeline “{}” cannot be used yet. {obstacle}", course.pipeline.name)));
    }
    let key = field::key(&solution.unique_name);
    let open = record::open(&host.database, [stage.id], &key).await?;
    if let Some(running) = open.iter().find(|run| record::DEPLOYING.contains(&run.status())) {
        return Err(Error::Refused(format!(
            "Version {} is being deployed to {} at the moment. Wait until that has ended.",
            running.version, stage.name
        )));
    }
    let before = record::installed(&host.database, stage.id, &key).await?;
    let load = match previous {
        Some(previous) => Load::Artifact(Box::new(earlier(host, previous, before.as_ref(), &key).await?)),
        None => Load::Next(next_version(host, &course, before.as_ref(), &solution).await?),
    };
    let draft = open.into_iter().find(|run| {
        let mine = run.requested_by == caller.user.0;
        mine && run.source_id == source.id.0 && run.target_id == stage.target_environment.0
    });
    if let Some(draft) = draft {
        return take_up(host, draft, &solution, &load).await;
    }
    let wish = Wish { course: &course, source: &source, stage, solution: &solution, before };
    begin(host, caller, wish, &load).await
}

/// What a run takes along.
enum Load {
    /// An export of the source, as this version unless its maker chooses another one.
    Next(SolutionVersion),
    /// The artifact of an earlier stage.
    Artifact(Box<artifact::Model>),
}

impl Load {
    fn version(&self) -> SolutionVersion {
        match self {
            Self::Next(version) => version.clone(),
            Self::Artifact(artifact) => artifact.version(),
        }
    }

    fn columns(&self, columns: &mut ActiveModel) {
        let version = self.version();
        columns.version_key = Set(version.sort_key());
        columns.version = Set(version.to_string());
        columns.version_is_fixed = Set(matches!(self, Self::Artifact(_)));
        if let Self::Artifact(artifact) = self {
            columns.artifact_id = Set(Some(artifact.id));
            columns.artifact_sha256 = Set(Some(artifact.managed_sha256.clone()));
            columns.artifact_bytes = Set(Some(artifact.managed_bytes));
        }
    }
}

async fn deployable(host: &Host, source: &EnvironmentChoice, unique_name: &str) -> Result<SolutionSummary> {
    if source.kind != EnvironmentType::Development {
        return Err(Error::Refused(format!(
            "{} is a target environment. Deployments start from a development environment.",
            source.name
        )));
    }
    let environment = host.environments.open(source.id).await?;
    let solution = within(OF_PEOPLE, environment.solution(unique_name))
        .await?
        .ok_or_else(|| Error::NotFound(format!("{} has no solution “{unique_name}”.", source.name)))?;
    if solution.summary.managed {
        return Err(Error::Refused(format!(
            "“{}” is a managed solution in {}. Only unmanaged solutions can be deployed.",
            solution.summary.display_name, source.name
        )));
    }
    Ok(solution.summary)
}

/// The artifact that last succeeded in the stage before. `installed` is the run that brought the stage its own version.
async fn earlier(
    host: &Host,
    previous: &Stage,
    installed: Option<&Model>,
    solution_key: &str,
) -> Result<artifact::Model> {
    let Some(succeeded) = record::installed(&host.database, previous.id, solution_key).await? else {
        return Err(Error::Refused(format!(
            "A version has to be deployed to {} first, and none has been yet.",
            previous.name
        )));
    };
    if let Some(installed) = installed.filter(|installed| installed.version_key >= succeeded.version_key) {
        return Err(Error::Refused(format!(
            "Nothing newer than {} has been deployed to {}.",
            installed.version, previous.name
        )));
    }
    let artifact = match succeeded.artifact_id {
        Some(id) => artifact::Entity::find_by_id(id).one(&host.database).await?,
        None => None,
    };
    artifact.ok_or_else(|| Error::Internal(format!("Run {} succeeded without an artifact.", succeeded.id)))
}

/// The next version after what development, the stage and the pipeline have.
async fn next_version(
    host: &Host,
    course: &Course,
    installed: Option<&Model>,
    solution: &SolutionSummary,
) -> Result<SolutionVersion> {
    let installed = installed.map(|run| Taken::Installed { place: run.stage_name.clone(), version: run.version() });
    let (pipeline, key) = (PipelineId(course.pipeline.id), field::key(&solution.unique_name));
    let artifact = record::highest_artifact(&host.database, pipeline, &key).await?;
    let stored = artifact.map(|artifact| Taken::Stored(artifact.version()));
    let taken: Vec<_> = installed.into_iter().chain(stored).collect();
    Ok(numbering::next(&solution.version, &taken))
}

/// Takes up a run again that waits for its settings.
async fn take_up(host: &Host, draft: Model, solution: &SolutionSummary, load: &Load) -> Result<StageRunId> {
    let artifact = match load {
        Load::Artifact(artifact) => Some(artifact.id),
        Load::Next(_) => None,
    };
    let same = match artifact {
        Some(_) => draft.artifact_id == artifact,
        None => {
            draft.development_version == solution.version.to_string()
                && draft.staged_at.is_some_and(|staged| solution.modified.0 <= staged)
        }
    };
    if same || draft.status() != StageRunStatus::ValidationSucceeded {
        return Ok(draft.run());
    }
    let mut change = again(Change::of(&draft, host.clock.now()), "The solution has changed. Pre-flight runs again.")?;
    if draft.version_key <= load.version().sort_key() || artifact.is_some() {
        load.columns(&mut change.columns);
    }
    change.columns.development_version = Set(solution.version.to_string());
    // Whoever was faster has taken the run further; it is the same run all the same.
    change.commit(host, Guard::Status(StageRunStatus::ValidationSucceeded)).await?;
    Ok(draft.run())
}

/// Sends a run through pre-flight again.
pub(super) fn again(change: Change, why: &str) -> Result<Change> {
    let mut change = change.advance(Event::CheckAgain)?.forget_steps().say(why);
    change.columns.findings = Set("[]".to_owned());
    Ok(change)
}

/// What a new run is asked for.
struct Wish<'a> {
    course: &'a Course,
    source: &'a EnvironmentChoice,
    stage: &'a Stage,
    solution: &'a SolutionSummary,
    /// The run that brought the stage what it has; its settings are offered first.
    before: Option<Model>,
}

async fn begin(host: &Host, caller: &Caller, wish: Wish<'_>, load: &Load) -> Result<StageRunId> {
    let Wish { course, source, stage, solution, before } = wish;
    let now = host.now();
    let key = field::key(&solution.unique_name);
    let mut run = ActiveModel {
        id: Set(host.ids.next()),
        status: Set(StageRunStatus::NotStarted.code()),
        pipeline_id: Set(course.pipeline.id),
        pipeline_name: Set(course.pipeline.name.clone()),
        stage_id: Set(stage.id.0),
        stage_name: Set(stage.name.clone()),
        source_id: Set(source.id.0),
        source_name: Set(source.name.clone()),
        target_id: Set(stage.target_environment.0),
        target_name: Set(stage.target_name.clone()),
        solution: Set(solution.unique_name.clone()),
        solution_key: Set(key),
        solution_display_name: Set(solution.display_name.clone()),
        publisher: Set(Some(entity::write(&solution.publisher))),
        development_version: Set(solution.version.to_string()),
        previous_version: Set(before.as_ref().map(|before| before.version.clone())),
        requested_by: Set(caller.user.0),
        requested_by_name: Set(caller.name.clone()),
        notes: Set(String::new()),
        requested: Set(now),
        ended: Set(None),
        error_message: Set(String::new()),
        waiting_for: Set(String::new()),
        findings: Set("[]".to_owned()),
        settings: Set(before.as_ref().map_or_else(|| "{}".to_owned(), |before| before.settings.clone())),
        secret_variables: Set(before.map_or_else(|| "[]".to_owned(), |before| before.secret_variables)),
        due: Set(Some(now)),
        last_event: Set(1),
        ..<ActiveModel as sea_orm::ActiveModelTrait>::default()
    };
    load.columns(&mut run);
    let transaction = host.begin().await?;
    let run = run.insert(&transaction).await?;
    let message = format!("{} asked for {} in {}.", caller.name, solution.display_name, stage.name);
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
    transaction.commit().await?;
    journal::tell(host, &run);
    Ok(run.run())
}
