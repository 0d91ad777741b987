//! *Apply settings*: connections and values for the version a stage has, as a run without an import.

use super::{
    beginning::{self, Beginning, Load, Subject},
    course::Course,
    entity::Model,
    record,
    request::Request,
};
use crate::{Caller, Error, Host, Result, access::permit, audit::Entry, deployment_settings, field};
use model::{
    audit::{AuditAction, AuditSubject},
    id::{EnvironmentId, StageRunId},
};

/// Asks for a run that sets connections and values of the version that a stage has, and imports nothing. It is offered
/// what is prepared, and else what was used last. A run of the same person that waits for its settings is taken up again.
pub async fn apply_settings(host: &Host, caller: &Caller, request: &Request) -> Result<StageRunId> {
    let entry = || Entry::new(AuditAction::ApplySettings, AuditSubject::Run).named(&request.solution);
    let course = Box::pin(Course::of_stage(host, caller, request.stage, request.environment)).await;
    let course = permit(host, caller, course, entry).await?;
    let (stage, _) = course.require_stage(request.stage)?;
    let key = field::key(&request.solution);
    let installed = record::installed(&host.database, stage.id, &key).await?;
    // What went into another target says nothing about the one that the stage has now.
    let installed = installed.filter(|installed| installed.target_id == stage.target_environment.0);
    let installed = installed.ok_or_else(|| {
        Error::Refused(format!("Nothing has been deployed to {} yet, so there is nothing to set.", stage.name))
    })?;
    let open = record::open(&host.database, [stage.id], &key).await?;
    if let Some(obstacle) = course.unusable(stage.id).or_else(|| record::deploying(&open)) {
        return Err(Error::Refused(obstacle));
    }
    let mine = |run: &&Model| run.settings_only && run.requested_by == caller.user.0;
    if let Some(draft) = open.iter().find(mine).filter(|draft| draft.artifact_id == installed.artifact_id) {
        return Ok(draft.run());
    }
    let artifact = record::artifact(&host.database, &installed).await?;
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
