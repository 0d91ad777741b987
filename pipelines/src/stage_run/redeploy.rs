//! *Redeploy*: an older version once more, and the way back to the version before.

use super::{
    access,
    beginning::{self, Beginning, Load, Subject},
    course::Course,
    entity::{Column, Entity, Model},
    record,
};
use crate::{
    Caller, Error, Host, Result,
    access::permit,
    artifact::{entity as artifact, progression},
    preflight,
};
use model::{
    Component, ComponentType, SolutionVersion,
    audit::AuditAction,
    id::{ArtifactId, EnvironmentId, StageId, StageRunId},
    stage_run::{RollBack, StageRunStatus},
};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

/// Asks for a run that brings its stage, once more, the version that a run has brought it, where the pipeline allows
/// redeployments of older versions. Pre-flight and the wizard show what leaves the target with it. A redeployment of the
/// same person that waits for its settings is taken up again.
pub async fn redeploy(host: &Host, caller: &Caller, id: StageRunId) -> Result<StageRunId> {
    let run = access::find(host, caller, id).await?;
    permit(host, caller, Ok(()), || access::entry(AuditAction::Redeploy, &run)).await?;
    let course = Course::of_stage(host, caller, StageId(run.stage_id), EnvironmentId(run.source_id)).await?;
    if let Some(obstacle) = obstacle(host, &course, &run).await? {
        return Err(Error::Refused(obstacle));
    }
    let open = record::open(&host.database, [StageId(run.stage_id)], &run.solution_key).await?;
    let mine = open.iter().find(|open| {
        let is_one = open.redeployment && !open.settings_only && open.rolls_back.is_none();
        let same = is_one && open.artifact_id == run.artifact_id;
        same && open.requested_by == caller.user.0
    });
    if let Some(draft) = mine {
        return Ok(draft.run());
    }
    let message = format!(
        "{} asked to redeploy version {} of {} to {}.",
        caller.name, run.version, run.solution_display_name, run.stage_name
    );
    again(host, caller, &course, &run, None, message).await
}

/// As [`redeploy`], for the artifact that some run has brought the stage.
pub async fn redeploy_artifact(
    host: &Host,
    caller: &Caller,
    stage: StageId,
    artifact: ArtifactId,
) -> Result<StageRunId> {
    let brought = Entity::find()
        .filter(access::visible(caller))
        .filter(Column::StageId.eq(stage.0))
        .filter(Column::ArtifactId.eq(artifact.0))
        .filter(Column::Status.eq(StageRunStatus::Succeeded.code()))
        .order_by_desc(Column::Ended)
        .limit(1)
        .one(&host.database)
        .await?;
    let brought = brought.ok_or_else(|| {
        Error::Refused(
            "This artifact has not been deployed to the stage with success, so it cannot be redeployed there."
                .to_owned(),
        )
    })?;
    redeploy(host, caller, brought.run()).await
}

/// Goes back from what a run did to the version that the target had before: asks for a run that needs no settings of
/// anybody and is deployed as soon as pre-flight has found nothing against it. Refused, with the reason, where that is
/// not safe: see [`RollBack::obstacle`].
pub async fn roll_back(host: &Host, caller: &Caller, id: StageRunId) -> Result<StageRunId> {
    let run = access::find(host, caller, id).await?;
    permit(host, caller, Ok(()), || access::entry(AuditAction::RollBack, &run)).await?;
    let course = Course::of_stage(host, caller, StageId(run.stage_id), EnvironmentId(run.source_id)).await?;
    let (back, before) = way_back(host, &course, &run).await?.ok_or_else(|| {
        Error::Refused(format!("This run has not changed {}, so there is nothing to take back.", run.target_name))
    })?;
    if let Some(obstacle) = back.obstacle {
        return Err(Error::Refused(obstacle));
    }
    let before = before.ok_or_else(|| Error::Internal(format!("run {id} has no way back")))?;
    let message = format!(
        "{} asked to roll {} back from version {} to version {} in {}.",
        caller.name, run.solution_display_name, run.version, before.version, run.stage_name
    );
    again(host, caller, &course, &before, Some(&run), message).await
}

/// What redeploying a run's version would need and has not got; none where it can be done.
pub(super) async fn obstacle(host: &Host, course: &Course, run: &Model) -> Result<Option<String>> {
    if run.status() != StageRunStatus::Succeeded {
        return Ok(Some("Only a version that was deployed with success can be redeployed.".to_owned()));
    }
    standing_obstacle(host, course, run).await
}

/// What keeps any older version from being deployed to the stage of a run, and this one in particular.
async fn standing_obstacle(host: &Host, course: &Course, run: &Model) -> Result<Option<String>> {
    let pipeline = &course.pipeline;
    if !pipeline.redeployment {
        return Ok(Some(format!(
            "In the pipeline “{}”, only higher solution versions can be deployed. An administrator can allow \
             redeployments of older versions.",
            pipeline.name
        )));
    }
    let stage = StageId(run.stage_id);
    let open = record::open(&host.database, [stage], &run.solution_key).await?;
    if let Some(obstacle) = course.unusable(stage).or_else(|| record::deploying(&open)) {
        return Ok(Some(obstacle));
    }
    let Some(artifact) = run.artifact_id else {
        return Ok(Some(format!("Slipway has no artifact of version {}.", run.version)));
    };
    let block = progression::block(&host.database, artifact).await?;
    Ok(block.map(|block| progression::sentence(&run.version, &block)))
}

/// The way back from what a run did, and the run that brought the version before. None for a run that has not changed
/// its target.
pub(super) async fn way_back(host: &Host, course: &Course, run: &Model) -> Result<Option<(RollBack, Option<Model>)>> {
    let importing = run.status() == StageRunStatus::Failed && run.state().failed_at == Some(StageRunStatus::Deploying);
    let is_over = run.status() == StageRunStatus::Succeeded || importing;
    if !is_over || run.settings_only {
        return Ok(None);
    }
    let (solution, target) = (&run.solution_display_name, &run.target_name);
    let closed = |to: Option<SolutionVersion>, obstacle: String| {
        Ok(Some((RollBack { to, removed: Vec::new(), obstacle: Some(obstacle) }, None)))
    };
    let Some(to) = run.previous_version.as_deref().map(artifact::version) else {
        return closed(
            None,
            format!(
                "There was no version of {solution} in {target} before, so there is none to go back to. To take it \
                 away, uninstall it there."
            ),
        );
    };
    if let Some(later) = later(&host.database, run).await? {
        return closed(
            Some(to),
            format!("{target} has got version {} since. Roll back from the run that brought it.", later.version),
        );
    }
    let Some(before) = brought(&host.database, run, &to).await? else {
        return closed(
            Some(to.clone()),
            format!("Version {to} did not come to {target} through this stage, so Slipway has no artifact of it."),
        );
    };
    if let Some(obstacle) = standing_obstacle(host, course, &before).await? {
        return closed(Some(to), obstacle);
    }
    let removed = leaves(host, run, &before).await?;
    let data: Vec<_> = removed.iter().filter(|component| holds_data(component)).collect();
    let obstacle = data.first().map(|first| {
        let more = match data.len() {
            1 => String::new(),
            others => format!(" and {} more", others - 1),
        };
        format!(
            "Version {to} does not have {} “{}”{more}, and the data in it would be deleted for ever. Save the data, then \
             redeploy version {to} from its own run, where everything that leaves is shown.",
            first.kind.label().to_lowercase(),
            first.name
        )
    });
    Ok(Some((RollBack { to: Some(to), removed, obstacle }, Some(before))))
}

/// Whether rows of data go with a component.
fn holds_data(component: &Component) -> bool {
    matches!(component.kind, ComponentType::ENTITY | ComponentType::ATTRIBUTE)
}

/// What a run brought that the version before does not have.
async fn leaves(host: &Host, run: &Model, before: &Model) -> Result<Vec<Component>> {
    let (Some(now), Some(then)) = (run.package(), before.package()) else { return Ok(Vec::new()) };
    let (now, then) = (host.packages.facts(&now).await?, host.packages.facts(&then).await?);
    Ok(preflight::missing_in(&then, &now.components).cloned().collect())
}

/// The run after this one that brought its stage a version.
async fn later(connection: &impl ConnectionTrait, run: &Model) -> Result<Option<Model>> {
    let brought = record::brought(connection, StageId(run.stage_id), &run.solution_key).await?;
    Ok(brought.filter(|brought| brought.id != run.id && brought.ended > run.ended))
}

/// The last run that brought the stage of a run a version.
async fn brought(connection: &impl ConnectionTrait, run: &Model, to: &SolutionVersion) -> Result<Option<Model>> {
    let brought = Entity::find()
        .filter(Column::StageId.eq(run.stage_id))
        .filter(Column::SolutionKey.eq(&run.solution_key))
        .filter(Column::Status.eq(StageRunStatus::Succeeded.code()))
        .filter(Column::VersionKey.eq(to.sort_key()))
        .filter(Column::Id.ne(run.id))
        .order_by_desc(Column::Ended)
        .limit(1)
        .one(connection)
        .await?;
    Ok(brought)
}

async fn again(
    host: &Host,
    caller: &Caller,
    course: &Course,
    run: &Model,
    rolls_back: Option<&Model>,
    message: String,
) -> Result<StageRunId> {
    let (stage, _) = course.stage(StageId(run.stage_id)).ok_or_else(|| {
        Error::Refused(format!("The stage “{}” is not part of its pipeline any more.", run.stage_name))
    })?;
    let artifact = record::artifact(&host.database, run).await?;
    let before = record::installed(&host.database, stage.id, &run.solution_key).await?;
    let notes = rolls_back.map(|from| format!("Rolled back from version {}.", from.version)).unwrap_or_default();
    let beginning = Beginning {
        pipeline: &course.pipeline,
        stage,
        source: (EnvironmentId(run.source_id), &run.source_name),
        subject: Subject::of_run(run),
        // What this version was deployed with fits it best.
        prepared: None,
        settings: Some(run),
        before: before.as_ref().map(Model::version),
        load: &Load::Again(Box::new(artifact)),
        rolls_back: rolls_back.map(Model::run),
        notes,
        message,
    };
    Box::pin(beginning::begin(host, caller, beginning)).await
}
