//! *Apply settings*: connections and values for the version a stage has, as a run without an import.

use super::{
    beginning::{self, Beginning, Load, Subject},
    course::Course,
    entity::Model,
    record,
    request::Request,
};
use crate::{
    Caller, Error, Host, Result, access::permit, artifact::entity as artifact, audit::Entry, deployment_settings, field,
};
use model::{
    audit::{AuditAction, AuditSubject},
    id::{EnvironmentId, StageRunId},
};
use sea_orm::EntityTrait;

/// Asks for a run that sets connections and values of the version that a stage has, and imports nothing. It is offered
/// what is prepared, and else what was used last. A run of the same person that waits for its settings is taken up again.
pub async fn apply_settings(host: &Host, caller: &Caller, request: &Request) -> Result<StageRunId> {
    let entry = || Entry::new(AuditAction::ApplySettings, AuditSubject::Run).named(&request.solution);
    let course = Box::pin(Course::of_stage(host, caller, request.stage, request.environment)).await;
    let course = permit(host, caller, course, entry).await?;
    let (stage, _) = course.stage(request.stage).ok_or_else(|| {
        Error::Refused("The stage is not part of its pipeline's chain. Ask an administrator to mend that.".to_owned())
    })?;
    let key = field::key(&request.solution);
    let installed = record::installed(&host.database, stage.id, &key).await?;
    let installed = installed.ok_or_else(|| {
        Error::Refused(format!("Nothing has been deployed to {} yet, so there is nothing to set.", stage.name))
    })?;
    if let Some(obstacle) = obstacle(host, &course, &installed).await? {
        return Err(Error::Refused(obstacle));
    }
    let open = record::open(&host.database, [stage.id], &key).await?;
    let mine = |run: &&Model| run.settings_only && run.requested_by == caller.user.0;
    if let Some(draft) = open.iter().find(mine).filter(|draft| draft.artifact_id == installed.artifact_id) {
        return Ok(draft.run());
    }
    let artifact = match installed.artifact_id {
        Some(id) => artifact::Entity::find_by_id(id).one(&host.database).await?,
        None => None,
    };
    let artifact = artifact.ok_or_else(|| Error::Internal(format!("run {} has no artifact", installed.id)))?;
    let message =
        format!("{} asked to apply settings of {} to {}.", caller.name, installed.solution_display_name, stage.name);
    let beginning = Beginning {
        pipeline: &course.pipeline,
        stage,
        source: (EnvironmentId(installed.source_id), &installed.source_name),
        subject: Subject::of_run(&installed),
        settings: Some(&installed),
        prepared: deployment_settings::offered(host, stage.id, &key).await?,
        before: Some(installed.version()),
        load: &Load::Installed(Box::new(artifact)),
        rolls_back: None,
        notes: String::new(),
        message,
    };
    Box::pin(beginning::begin(host, caller, beginning)).await
}

/// What keeps settings from being applied to a stage; none where they can be.
async fn obstacle(host: &Host, course: &Course, installed: &Model) -> Result<Option<String>> {
    let stage = course.stage(model::id::StageId(installed.stage_id));
    let of_stage = stage.and_then(|(stage, _)| course.obstacle(stage));
    if let Some(obstacle) = course.obstacles.first().cloned().or(of_stage) {
        return Ok(Some(format!("The pipeline “{}” cannot be used yet. {obstacle}", course.pipeline.name)));
    }
    if let Some((stage, _)) = stage
        && stage.target_environment.0 != installed.target_id
    {
        return Ok(Some(format!("Nothing has been deployed to {} through this stage yet.", stage.target_name)));
    }
    let open = record::open(&host.database, [model::id::StageId(installed.stage_id)], &installed.solution_key).await?;
    Ok(open.iter().find(|other| record::DEPLOYING.contains(&other.status())).map(|other| {
        format!(
            "Version {} is being deployed to {} at the moment. Wait until that has ended.",
            other.version, installed.stage_name
        )
    }))
}
