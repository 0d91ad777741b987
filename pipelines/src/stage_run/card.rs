//! A pipeline as a maker sees it for one solution: a card for each stage.

use super::{
    course::Course,
    entity::Model,
    numbering,
    numbering::Taken,
    patience::{OF_PEOPLE, within},
    record,
};
use crate::{
    Caller, Error, Host, Result,
    artifact::{entity::version, progression},
    deployment_environment, drift, field, pipeline, user,
};
use model::{
    SolutionVersion, Timestamp,
    environment::EnvironmentType,
    id::{ArtifactId, EnvironmentId, PipelineId, StageRunId},
    pipeline::{EndedRun, OpenRun, SolutionPipeline, Stage, StageCard},
    stage_run::StageRunStatus,
};
use sea_orm::{
    ColumnTrait, EntityTrait, QueryFilter, QueryOrder,
    sea_query::{Expr, ExprTrait, Query},
};

/// Active pipelines that start from a development environment, by name. That of somebody else's personal pipeline says
/// whose it is: several may have the same name.
pub async fn pipelines_for(
    host: &Host,
    caller: &Caller,
    environment: EnvironmentId,
) -> Result<Vec<(PipelineId, String)>> {
    use crate::deployment_environment::entity as record;
    use pipeline::{entity, link};
    let source = deployment_environment::require_choice(host, caller, environment).await?;
    let linked = Query::select()
        .column((link::Entity, link::Column::PipelineId))
        .from(link::Entity)
        .inner_join(
            record::Entity,
            Expr::col((record::Entity, record::Column::Id))
                .equals((link::Entity, link::Column::DeploymentEnvironmentId)),
        )
        .and_where(Expr::col((record::Entity, record::Column::EnvironmentId)).eq(source.id.0))
        .to_owned();
    let rows = entity::Entity::find()
        .filter(entity::Column::Active.eq(true))
        .filter(pipeline::standing::readable(caller))
        .filter(entity::Column::Id.in_subquery(linked))
        .find_also_related(user::entity::Entity)
        .order_by_asc(entity::Column::NameKey)
        .all(&host.database)
        .await?;
    let choice = |(pipeline, owner): (entity::Model, Option<user::entity::Model>)| {
        let name = match owner {
            Some(owner) if pipeline.personal && owner.id != caller.user.0 => {
                format!("{} (personal, of {})", pipeline.name, owner.display_name)
            }
            _ => pipeline.name,
        };
        (PipelineId(pipeline.id), name)
    };
    Ok(rows.into_iter().map(choice).collect())
}

/// A pipeline as a maker sees it for one solution of a development environment.
pub async fn solution_pipeline(
    host: &Host,
    caller: &Caller,
    environment: EnvironmentId,
    solution: &str,
    pipeline: PipelineId,
) -> Result<SolutionPipeline> {
    let source = deployment_environment::require_choice(host, caller, environment).await?;
    let course = Course::find(host, caller, pipeline, environment).await?;
    let opened = host.environments.open(environment).await?;
    let Some(solution) = within(OF_PEOPLE, opened.solution(solution)).await? else {
        return Err(Error::NotFound(format!("{} has no solution “{solution}”.", source.name)));
    };
    let solution = solution.summary;
    let key = field::key(&solution.unique_name);
    let stages = || course.stages.iter().map(|stage| stage.id);
    let milestones = record::milestones(&host.database, stages(), &key).await?;
    let open = record::open(&host.database, stages(), &key).await?;
    let artifact = record::highest_artifact(&host.database, pipeline, &key).await?;

    let drifts = drift::latest(host, stages(), &key).await?;
    let blocks = progression::blocks(&host.database, milestones.iter().filter_map(|run| run.artifact_id)).await?;

    let mut cards: Vec<StageCard> = Vec::with_capacity(course.stages.len());
    for stage in &course.stages {
        let here = Here {
            installed: installed(&milestones, stage),
            open: open.iter().filter(|run| run.stage_id == stage.id.0).collect(),
        };
        let before = stage.previous.and_then(|previous| course.stages.iter().find(|stage| stage.id == previous));
        let (next, taken_along, next_artifact) = match before {
            None => {
                let mut taken = Vec::new();
                let installed = here.installed.map(|run| (stage.name.clone(), run.version()));
                taken.extend(installed.map(|(place, version)| Taken::Installed { place, version }));
                taken.extend(artifact.as_ref().map(|artifact| Taken::Stored(artifact.version())));
                (Some(numbering::next(&solution.version, &taken)), None, None)
            }
            Some(before) => {
                let succeeded = installed(&milestones, before);
                let version = succeeded.map(Model::version);
                (version.clone(), Some((before, version)), succeeded.and_then(|run| run.artifact_id))
            }
        };
        let first = cards.first().and_then(|card| card.next.as_ref());
        let block = match next_artifact {
            Some(artifact) => blocks.iter().find(|(blocked, _)| *blocked == artifact).map(|(_, block)| block),
            None => None,
        };
        let block = block.zip(taken_along.as_ref().and_then(|(_, version)| version.as_ref()));
        let obstacle = obstacle(&Situation {
            block: block.map(|(block, version)| progression::sentence(version.as_str(), block)),
            from_development: source.kind == EnvironmentType::Development,
            managed: solution.managed,
            of_pipeline: course.obstacles.first().map(String::as_str),
            of_target: course.obstacle(stage),
            deploying: here.open.iter().map(|run| run.status()).find(|status| record::DEPLOYING.contains(status)),
            installed: here.installed.map(Model::version),
            before: taken_along.map(|(before, version)| Before {
                stage: &before.name,
                succeeded: version,
                first_version: first.unwrap_or(&solution.version).clone(),
            }),
        });
        cards.push(StageCard {
            stage: stage.clone(),
            installed: here.installed.map(Model::version),
            last: last(&milestones, stage),
            open: here.open.iter().map(|run| open_run(run, caller)).collect(),
            next,
            artifact: next_artifact.map(ArtifactId),
            obstacle,
            drift: current(&milestones, stage).and_then(|run| {
                let mut drifts = drifts.iter();
                let of_run = drifts.find(|(of, since, _)| *of == stage.id && since.0 == run.id);
                of_run.map(|(_, _, check)| check.clone())
            }),
        });
    }
    Ok(SolutionPipeline {
        id: pipeline,
        name: course.pipeline.name,
        description: course.pipeline.description,
        editable: course.pipeline.personal && course.may_write,
        source,
        development_version: solution.version,
        obstacles: course.obstacles,
        stages: cards,
    })
}

struct Here<'a> {
    installed: Option<&'a Model>,
    open: Vec<&'a Model>,
}

/// The run that brought a stage the version it has.
fn installed<'a>(milestones: &'a [Model], stage: &Stage) -> Option<&'a Model> {
    succeeded(milestones, stage).filter(|run| !run.settings_only).max_by_key(|run| (run.ended, &run.version_key))
}

/// The run that says what a stage has, settings included.
fn current<'a>(milestones: &'a [Model], stage: &Stage) -> Option<&'a Model> {
    succeeded(milestones, stage).max_by_key(|run| (run.ended, &run.version_key))
}

fn succeeded<'a>(milestones: &'a [Model], stage: &Stage) -> impl Iterator<Item = &'a Model> {
    let of_stage = milestones.iter().filter(|run| run.stage_id == stage.id.0);
    of_stage.filter(|run| run.status() == StageRunStatus::Succeeded)
}

fn last(milestones: &[Model], stage: &Stage) -> Option<EndedRun> {
    let of_stage = milestones.iter().filter(|run| run.stage_id == stage.id.0);
    let last = of_stage.filter_map(|run| Some((run.ended?, run))).max_by_key(|(ended, _)| *ended);
    last.map(|(ended, run)| EndedRun {
        id: StageRunId(run.id),
        status: run.status(),
        ended: Timestamp(ended),
        version: run.version(),
    })
}

fn open_run(run: &Model, caller: &Caller) -> OpenRun {
    let mine = run.requested_by == caller.user.0;
    let status = run.status();
    OpenRun {
        id: StageRunId(run.id),
        status,
        version: version(&run.version),
        requested_by: run.requested_by_name.clone(),
        waiting_for: run.waiting_for.clone(),
        waits_for_me: mine && status == StageRunStatus::ValidationSucceeded,
        cancellable: status.is_cancellable() && (mine || caller.is_administrator()),
    }
}

/// What *Deploy here* depends on.
struct Situation<'a> {
    /// Why the version must not go on.
    block: Option<String>,
    from_development: bool,
    managed: bool,
    of_pipeline: Option<&'a str>,
    of_target: Option<String>,
    /// Where a run stands that is deploying there.
    deploying: Option<StageRunStatus>,
    installed: Option<SolutionVersion>,
    before: Option<Before<'a>>,
}

/// The stage before.
struct Before<'a> {
    stage: &'a str,
    succeeded: Option<SolutionVersion>,
    /// The version that the first stage would get next.
    first_version: SolutionVersion,
}

/// Why *Deploy here* is not possible; none when it is.
fn obstacle(situation: &Situation<'_>) -> Option<String> {
    if !situation.from_development {
        return Some("Deployments start from a development environment.".to_owned());
    }
    if situation.managed {
        return Some("Only unmanaged solutions can be deployed.".to_owned());
    }
    if let Some(obstacle) = situation.of_pipeline.or(situation.of_target.as_deref()) {
        return Some(obstacle.to_owned());
    }
    match situation.deploying {
        None => {}
        Some(StageRunStatus::Scheduled) => {
            return Some("A deployment is scheduled here. Cancel it to deploy another version first.".to_owned());
        }
        Some(_) => return Some("A deployment is running here.".to_owned()),
    }
    if let Some(block) = &situation.block {
        return Some(block.clone());
    }
    let before = situation.before.as_ref()?;
    match (&before.succeeded, &situation.installed) {
        (None, _) => Some(format!("Version {} must be deployed to {} first.", before.first_version, before.stage)),
        (Some(succeeded), Some(installed)) if installed >= succeeded => {
            Some(format!("Nothing newer than {installed} has been deployed to {}.", before.stage))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    fn version(text: &str) -> SolutionVersion {
        text.parse().unwrap()
    }

    fn first_stage() -> Situation<'static> {
        Situation {
            block: None,
            from_development: true,
            managed: false,
            of_pipeline: None,
            of_target: None,
            deploying: None,
            installed: None,
            before: None,
        }
    }

    fn after_test(succeeded: Option<&str>, installed: Option<&str>) -> Situation<'static> {
        let before = Before { stage: "Test", succeeded: succeeded.map(version), first_version: version("1.0.0.4") };
        Situation { before: Some(before), installed: installed.map(version), ..first_stage() }
    }

    #[test]
    fn a_stage_can_be_deployed_to_or_says_why_not() {
        for (situation, expected) in [
            (first_stage(), None),
            (Situation { installed: Some(version("9.0")), ..first_stage() }, None),
            (
                Situation { deploying: Some(StageRunStatus::Deploying), ..first_stage() },
                Some("A deployment is running here."),
            ),
            (
                Situation { deploying: Some(StageRunStatus::Scheduled), ..first_stage() },
                Some("A deployment is scheduled here. Cancel it to deploy another version first."),
            ),
            (Situation { managed: true, ..first_stage() }, Some("Only unmanaged solutions can be deployed.")),
            (
                Situation { from_development: false, ..first_stage() },
                Some("Deployments start from a development environment."),
            ),
            (Situation { of_pipeline: Some("Add a stage."), ..first_stage() }, Some("Add a stage.")),
            (Situation { of_target: Some("It failed.".to_owned()), ..first_stage() }, Some("It failed.")),
            (after_test(None, None), Some("Version 1.0.0.4 must be deployed to Test first.")),
            (Situation { block: Some("Blocked.".to_owned()), ..after_test(Some("1.0.0.3"), None) }, Some("Blocked.")),
            (after_test(Some("1.0.0.3"), None), None),
            (after_test(Some("1.0.0.3"), Some("1.0.0.2")), None),
            (
                after_test(Some("1.0.0.3"), Some("1.0.0.3")),
                Some("Nothing newer than 1.0.0.3 has been deployed to Test."),
            ),
        ] {
            assert_eq!(obstacle(&situation).as_deref(), expected);
        }
    }
}
