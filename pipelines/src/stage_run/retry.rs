//! *Retry*: a failed run goes on from the step that failed.

use super::{
    access, approval, beginning,
    entity::Model,
    journal::{Change, Guard},
    operation, record,
    state::{self, Event},
    step,
};
use crate::{Caller, Error, Host, Result, access::permit, audit};
use model::{
    audit::AuditAction,
    id::{EnvironmentId, PipelineId, StageId, StageRunId},
    stage_run::{StageRunStatus, StepStatus, SubOperation},
};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};

/// Has a failed run tried again from the step that failed, for whoever asked for it and for administrators. What had
/// succeeded stays as it is: pre-flight is not repeated for a run that failed later, the artifact stays the same, and an
/// import whose end was never seen is found again rather than begun anew.
pub async fn retry(host: &Host, caller: &Caller, id: StageRunId) -> Result<()> {
    let run = access::find(host, caller, id).await?;
    let decision = match access::require_pipeline(host, caller, &run).await {
        Ok(()) => obstacle(&host.database, caller, &run).await?.map_or(Ok(()), Err),
        refused => refused,
    };
    permit(host, caller, decision, || access::entry(AuditAction::Retry, &run)).await?;
    let transaction = host.begin().await?;
    let stage = StageId(run.stage_id);
    beginning::hold(&transaction, PipelineId(run.pipeline_id), stage, EnvironmentId(run.target_id)).await?;
    let now = host.clock.now();
    let mut change = Change::of(&run, now).advance(Event::Retry)?;
    let first = if change.status() == StageRunStatus::NotStarted {
        change.columns.findings = Set("[]".to_owned());
        change.columns.pre_export_step_status = Set(None);
        SubOperation::ExecutingPreStep
    } else {
        operation::join(&mut change.columns, now);
        failed_step(&transaction, &run).await?
    };
    // An administrator let this go on outside of the windows, and that did not come to a good end.
    change.columns.window_override = Set(None);
    approval::ask_again(&transaction, &run, &mut change.columns).await?;
    let message = format!("{} had the run tried again from “{}”.", caller.name, first.label());
    let written =
        change.forget_steps_from(first).say(message).write(&transaction, Guard::Status(StageRunStatus::Failed)).await?;
    let Some(run) = written else { return Err(Error::Changed("The run".to_owned())) };
    audit::record(host, &transaction, caller, access::entry(AuditAction::Retry, &run)).await?;
    transaction.commit().await?;
    super::journal::tell(host, &run);
    Ok(())
}

/// Why a failed run cannot be retried by a person; none where it can.
pub(super) async fn obstacle(connection: &impl ConnectionTrait, caller: &Caller, run: &Model) -> Result<Option<Error>> {
    if run.requested_by != caller.user.0 && !caller.is_administrator() {
        return Ok(Some(Error::Forbidden(format!(
            "Only {}, who asked for this run, or an administrator can retry it.",
            run.requested_by_name
        ))));
    }
    if let Err(refusal) = state::next(run.state(), Event::Retry) {
        return Ok(Some(refusal.into()));
    }
    let stage = StageId(run.stage_id);
    let open = record::open(connection, [stage], &run.solution_key).await?;
    if let Some(obstacle) = record::deploying(&open) {
        return Ok(Some(Error::Refused(obstacle)));
    }
    let installed = record::installed(connection, stage, &run.solution_key).await?;
    let Some(installed) = installed.filter(|installed| installed.ended > run.ended) else { return Ok(None) };
    if !run.redeployment && installed.version_key < run.version_key {
        return Ok(None);
    }
    Ok(Some(Error::Refused(format!(
        "{} has got version {} since this run failed. Deploy again instead.",
        run.stage_name, installed.version
    ))))
}

/// The step that a run failed at after its maker pressed *Deploy*. The look into the target finds out that the import
/// did not do what it said, so it is the import that is done again.
async fn failed_step(connection: &impl ConnectionTrait, run: &Model) -> Result<SubOperation> {
    let preparing = SubOperation::RetrievingArtifact;
    let failed = step::Entity::find()
        .filter(step::Column::RunId.eq(run.id))
        .filter(step::Column::Status.eq(StepStatus::Failed.code()))
        .filter(step::Column::Step.gte(preparing.code()))
        .one(connection)
        .await?;
    let failed = failed.and_then(|row| SubOperation::from_code(row.step)).unwrap_or(preparing);
    Ok(failed.min(SubOperation::DeployingArtifact))
}
