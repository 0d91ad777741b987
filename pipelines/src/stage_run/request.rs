//! Asking for a run.

use super::{
    beginning::{self, Beginning, Load, Subject},
    course::Course,
    entity::Model,
    journal::{Change, Guard},
    numbering::{self, Taken},
    patience::{OF_PEOPLE, within},
    record,
    state::Event,
};
use crate::{
    Caller, Error, Host, Result,
    access::permit,
    artifact::{entity as artifact, progression},
    audit::Entry,
    deployment_environment, deployment_settings, field,
};
use model::{
    SolutionVersion,
    audit::{AuditAction, AuditSubject},
    environment::{EnvironmentChoice, EnvironmentType},
    id::{EnvironmentId, PipelineId, StageId, StageRunId},
    pipeline::Stage,
    solution::SolutionSummary,
    stage_run::{StageRunStatus, SubOperation},
};
use sea_orm::ActiveValue::Set;

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
    asked(host, caller, request, true).await
}

/// As [`request`], but a run of its own in any case: whoever creates a record expects one that was not there.
pub async fn request_anew(host: &Host, caller: &Caller, request: &Request) -> Result<StageRunId> {
    asked(host, caller, request, false).await
}

async fn asked(host: &Host, caller: &Caller, request: &Request, takes_up: bool) -> Result<StageRunId> {
    let entry = || Entry::new(AuditAction::Request, AuditSubject::Run).named(&request.solution);
    permit(host, caller, Ok(()), entry).await?;
    let source = deployment_environment::require_choice(host, caller, request.environment).await?;
    let course = Box::pin(Course::of_stage(host, caller, request.stage, request.environment)).await?;
    let solution = deployable(host, &source, &request.solution).await?;
    let (stage, previous) = course.require_stage(request.stage)?;
    let key = field::key(&solution.unique_name);
    let open = record::open(&host.database, [stage.id], &key).await?;
    if let Some(obstacle) = course.unusable(stage.id).or_else(|| record::deploying(&open)) {
        return Err(Error::Refused(obstacle));
    }
    let before = record::installed(&host.database, stage.id, &key).await?;
    let load = match previous {
        Some(previous) => Load::Artifact(Box::new(earlier(host, previous, before.as_ref(), &key).await?)),
        None => Load::Next(next_version(host, &course, before.as_ref(), &solution).await?),
    };
    let draft = open.into_iter().find(|run| {
        let mine = run.requested_by == caller.user.0;
        let same = run.source_id == source.id.0 && run.target_id == stage.target_environment.0;
        takes_up && mine && same && !run.redeployment
    });
    if let Some(draft) = draft {
        return take_up(host, draft, &solution, &load).await;
    }
    let message = format!("{} asked for {} in {}.", caller.name, solution.display_name, stage.name);
    let beginning = Beginning {
        pipeline: &course.pipeline,
        stage,
        source: (source.id, &source.name),
        subject: Subject::of_solution(&solution),
        settings: before.as_ref(),
        prepared: deployment_settings::offered(host, stage.id, &key).await?,
        before: before.as_ref().map(Model::version),
        load: &load,
        rolls_back: None,
        notes: String::new(),
        message,
    };
    Box::pin(beginning::begin(host, caller, beginning)).await
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
    let artifact = record::artifact(&host.database, &succeeded).await?;
    progression::require_open(&host.database, &artifact).await?;
    Ok(artifact)
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
    let artifact = load.artifact().map(|artifact| artifact.id);
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
    let mut change = change.advance(Event::CheckAgain)?.forget_steps_from(SubOperation::ExecutingPreStep).say(why);
    change.columns.findings = Set("[]".to_owned());
    // What is exported anew is not what the step before the export let through.
    change.columns.pre_export_step_status = Set(None);
    Ok(change)
}
