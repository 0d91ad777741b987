//! Answers to runs that wait at a gate: approvals by people, and steps that something outside of Slipway completes.

pub(crate) mod entity;

use super::{
    access,
    entity::{ActiveModel, Column as RunColumn, Entity as RunEntity, Model as Run},
    journal::{self, Change, Guard},
    look,
    patience::OF_PEOPLE,
    state::Event,
};
use crate::{Caller, Error, Host, Result, access::permit, audit, comparison, gate};
use entity::{Column, Entity};
use model::{
    Timestamp,
    audit::AuditAction,
    comparison::Comparison,
    gate::{ApprovalRequest, Gate, GateStatus, Gates, Waiting},
    id::{EnvironmentId, StageId, StageRunId},
    stage_run::{StageRunStatus, StepStatus, SubOperation},
};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, Select,
    sea_query::{Expr, ExprTrait, Query},
};

/// Characters of a comment.
const LONGEST_COMMENT: usize = 2_000;
/// Requests that an inbox shows at once, oldest first.
const MOST_REQUESTS: u64 = 200;

/// What a run waits for, and what the person who looks can do about it.
pub async fn waiting(host: &Host, caller: &Caller, id: StageRunId) -> Result<Waiting> {
    let run = access::find(host, caller, id).await?;
    let gate = run.waits_at();
    let gates = gate::of(&host.database, StageId(run.stage_id)).await?;
    let said = said(&host.database, &run).await?;
    let mine = match gate {
        None => false,
        Some(Gate::Approval) => obstacle(caller, &run, &gates, &said).is_none(),
        Some(_) => caller.is_administrator(),
    };
    Ok(Waiting {
        gate,
        deadline: gate.and(run.gate_deadline).map(Timestamp),
        approvals: said.into_iter().map(entity::Model::approval).collect(),
        needed: gates.approvals_needed,
        mine,
    })
}

/// What a run is going to change in its target, as its approvers look at it, or a sentence why that cannot be told: the
/// page of the run is worth more than this part of it. Nothing while it has no package yet, and for settings only.
pub async fn what_will_change(
    host: &Host,
    caller: &Caller,
    id: StageRunId,
) -> Result<Option<Result<Comparison, String>>> {
    let run = access::find(host, caller, id).await?;
    if run.settings_only || run.package().or_else(|| run.staged()).is_none() {
        return Ok(None);
    }
    Ok(Some(match look::at(host, &run, OF_PEOPLE).await {
        Ok(look) => comparison::told(host, EnvironmentId(run.target_id), &look).await,
        Err(error) => Err(comparison::untold(&error)),
    }))
}

/// Runs that wait for the approval of a person, oldest first, at most 200.
pub async fn inbox(host: &Host, caller: &Caller) -> Result<Vec<ApprovalRequest>> {
    let runs = pending(caller)
        .order_by_asc(RunColumn::Requested)
        .order_by_asc(RunColumn::Id)
        .limit(MOST_REQUESTS)
        .all(&host.database)
        .await?;
    let request = |run: Run| ApprovalRequest {
        run: run.run(),
        version: run.version(),
        solution: run.solution_display_name,
        pipeline: run.pipeline_name,
        stage: run.stage_name,
        target: run.target_name,
        requested_by: run.requested_by_name,
        notes: run.notes,
        requested: Timestamp(run.requested),
        deadline: run.gate_deadline.map(Timestamp),
    };
    Ok(runs.into_iter().map(request).collect())
}

/// How many runs wait for the approval of a person.
pub async fn pending_count(host: &Host, caller: &Caller) -> Result<u64> {
    Ok(pending(caller).count(&host.database).await?)
}

/// Runs that wait for the approval of a person who has not answered yet and may.
fn pending(caller: &Caller) -> Select<RunEntity> {
    use gate::entity as of_stage;
    let answered = Query::select()
        .expr(Expr::value(1))
        .from(Entity)
        .and_where(Expr::col((Entity, Column::RunId)).equals((RunEntity, RunColumn::Id)))
        .and_where(Expr::col((Entity, Column::PersonId)).eq(caller.user.0))
        .to_owned();
    let own_allowed = Query::select()
        .column(of_stage::Column::StageId)
        .from(of_stage::Entity)
        .and_where(Expr::col(of_stage::Column::RequesterMayApprove).eq(true))
        .to_owned();
    RunEntity::find()
        .filter(RunColumn::ApprovalStatus.eq(GateStatus::Pending.code()))
        .filter(RunColumn::Status.eq(StageRunStatus::PreDeployInProgress.code()))
        .filter(Expr::col((RunEntity, RunColumn::StageId)).in_subquery(gate::approver::stages_of(caller)))
        .filter(Expr::exists(answered).not())
        .filter(
            Condition::any()
                .add(RunColumn::RequestedBy.ne(caller.user.0))
                .add(Expr::col((RunEntity, RunColumn::StageId)).in_subquery(own_allowed)),
        )
}

/// The platform's `UpdateApprovalStatus`: approves (20) or rejects (30) a run, with a comment that its maker sees. A run
/// goes on as soon as enough have approved, and fails as soon as one rejects it. For approvers of its stage.
///
/// Fields: `status`, `comment`.
pub async fn update_approval_status(
    host: &Host,
    caller: &Caller,
    id: StageRunId,
    status: i32,
    comment: &str,
) -> Result<()> {
    let status = gate::status(status)?;
    let approved = status == GateStatus::Completed;
    let comment = check_comment(comment)?;
    if !approved && comment.is_empty() {
        return Err(Error::field("comment", "Say why, so that its maker knows what to mend."));
    }
    let seen = access::find(host, caller, id).await?;
    let action = answer(status);
    let gates = gate::of(&host.database, StageId(seen.stage_id)).await?;
    permit(host, caller, approves(caller, &seen, &gates), || access::entry(action, &seen)).await?;
    let transaction = host.begin().await?;
    let run = lock(&transaction, id).await?;
    require_waiting(&run, Gate::Approval)?;
    // Once more with the run held: somebody may have changed the gates.
    let gates = gate::of(&transaction, StageId(run.stage_id)).await?;
    let said = said(&transaction, &run).await?;
    if let Some(obstacle) = obstacle(caller, &run, &gates, &said) {
        return Err(obstacle);
    }
    let now = host.clock.now();
    Entity::insert(entity::ActiveModel {
        run_id: Set(run.id),
        person_id: Set(caller.user.0),
        person_name: Set(caller.name.clone()),
        approved: Set(approved),
        comment: Set(comment.clone()),
        at: Set(now.0),
    })
    .exec_without_returning(&transaction)
    .await?;
    let given = said.iter().filter(|said| said.approved).count() + usize::from(approved);
    let missing = usize::try_from(gates.approvals_needed).unwrap_or(usize::MAX).saturating_sub(given);
    let done = if approved { "approved" } else { "rejected" };
    let why = because(&comment);
    let message = format!("{} {done} the deployment to {}{why}", caller.name, run.stage_name);
    let change = Change::of(&run, now);
    let change = match (approved, missing) {
        (false, _) => refuse(change, &run, Gate::Approval, &message)?,
        (true, 0) => pass(change.say(message), Gate::Approval),
        (true, missing) => {
            let people =
                if missing == 1 { "1 more approval is".to_owned() } else { format!("{missing} more approvals are") };
            change.say(format!("{message} {people} needed."))
        }
    };
    finish(host, caller, transaction, change, (run.status(), action)).await
}

/// What the audit log says of an answer.
fn answer(status: GateStatus) -> AuditAction {
    if status == GateStatus::Completed { AuditAction::Approve } else { AuditAction::Reject }
}

/// The platform's `UpdatePreExportStepStatus`: completes (20) or rejects (30) the pre-export step. For administrators, as
/// whom flows and scripts answer. Fields: `status`, `comment`.
pub async fn update_pre_export_step_status(
    host: &Host,
    caller: &Caller,
    id: StageRunId,
    status: i32,
    comments: &str,
) -> Result<()> {
    answer_step(host, caller, id, Gate::PreExportStep, status, comments).await
}

/// The platform's `UpdatePreDeploymentStepStatus`: completes (20) or rejects (30) the pre-deployment step; as
/// [`update_pre_export_step_status`].
pub async fn update_pre_deployment_step_status(
    host: &Host,
    caller: &Caller,
    id: StageRunId,
    status: i32,
    comments: &str,
) -> Result<()> {
    answer_step(host, caller, id, Gate::PreDeploymentStep, status, comments).await
}

async fn answer_step(
    host: &Host,
    caller: &Caller,
    id: StageRunId,
    gate: Gate,
    status: i32,
    comments: &str,
) -> Result<()> {
    let status = gate::status(status)?;
    let (run, action) = (access::find(host, caller, id).await?, answer(status));
    permit(host, caller, caller.require_administrator(), || access::entry(action, &run)).await?;
    let comment = check_comment(comments)?;
    let transaction = host.begin().await?;
    let run = lock(&transaction, id).await?;
    require_waiting(&run, gate)?;
    let change = Change::of(&run, host.clock.now());
    let why = because(&comment);
    let change = if status == GateStatus::Completed {
        pass(change.say(format!("The {} was completed by {}{why}", gate.label(), caller.name)), gate)
    } else {
        refuse(change, &run, gate, &format!("The {} failed{why}", gate.label()))?
    };
    finish(host, caller, transaction, change, (run.status(), action)).await
}

/// Lets a run go on from a gate.
fn pass(change: Change, gate: Gate) -> Change {
    let now = change.at();
    let mut change = change.take_away().due(Some(now));
    set_status(&mut change.columns, gate, Some(GateStatus::Completed));
    change.columns.gate_deadline = Set(None);
    change.columns.waiting_for = Set(String::new());
    change
}

/// Fails a run at a gate.
pub(super) fn refuse(change: Change, run: &Run, gate: Gate, message: &str) -> Result<Change, super::state::Refusal> {
    let now = change.at();
    let step = step_of(gate);
    let mut change = change.advance(Event::Failed)?.take_away().complain(message);
    set_status(&mut change.columns, gate, Some(GateStatus::Rejected));
    change.columns.gate_deadline = Set(None);
    change.columns.error_message = Set(format!("{message} {}", remedy(run, gate)));
    Ok(change.step(step, StepStatus::Failed, now, message))
}

fn remedy(run: &Run, gate: Gate) -> String {
    match gate {
        Gate::Approval => {
            format!("Talk to the approvers of {}, then retry to ask again, or deploy a new version.", run.stage_name)
        }
        Gate::PreExportStep | Gate::PreDeploymentStep => "Mend what it names, then retry.".to_owned(),
    }
}

/// The step of a run at which it waits for a gate.
pub(super) fn step_of(gate: Gate) -> SubOperation {
    match gate {
        Gate::PreExportStep => SubOperation::ExecutingPreStep,
        Gate::Approval | Gate::PreDeploymentStep => SubOperation::DeployingArtifact,
    }
}

/// Sets the status of a gate.
pub(super) fn set_status(columns: &mut ActiveModel, gate: Gate, status: Option<GateStatus>) {
    let code = Set(status.map(GateStatus::code));
    match gate {
        Gate::PreExportStep => columns.pre_export_step_status = code,
        Gate::Approval => columns.approval_status = code,
        Gate::PreDeploymentStep => columns.pre_deployment_step_status = code,
    }
}

/// Has a run that is retried come anew to every gate that it did not pass. What was passed stays passed: the same
/// artifact goes to the same target.
pub(super) async fn ask_again(connection: &impl ConnectionTrait, run: &Run, columns: &mut ActiveModel) -> Result<()> {
    for gate in Gate::ALL {
        if run.gate_status(gate) != Some(GateStatus::Completed) {
            set_status(columns, gate, None);
        }
    }
    columns.gate_deadline = Set(None);
    if run.gate_status(Gate::Approval) != Some(GateStatus::Completed) {
        Entity::delete_many().filter(Column::RunId.eq(run.id)).exec(connection).await?;
    }
    Ok(())
}

async fn finish(
    host: &Host,
    caller: &Caller,
    transaction: sea_orm::DatabaseTransaction,
    change: Change,
    (status, action): (StageRunStatus, AuditAction),
) -> Result<()> {
    let Some(run) = change.write(&transaction, Guard::Status(status)).await? else {
        return Err(Error::Changed("The run".to_owned()));
    };
    audit::record(host, &transaction, caller, access::entry(action, &run)).await?;
    transaction.commit().await?;
    journal::tell(host, &run);
    Ok(())
}

async fn lock(transaction: &sea_orm::DatabaseTransaction, id: StageRunId) -> Result<Run> {
    let run = RunEntity::find_by_id(id.0).lock_exclusive().one(transaction).await?;
    run.ok_or_else(|| Error::NotFound("There is no such run, or you may not see it.".to_owned()))
}

async fn said(connection: &impl ConnectionTrait, run: &Run) -> Result<Vec<entity::Model>> {
    let said = Entity::find()
        .filter(Column::RunId.eq(run.id))
        .order_by_asc(Column::At)
        .order_by_asc(Column::PersonId)
        .all(connection)
        .await?;
    Ok(said)
}

fn require_waiting(run: &Run, gate: Gate) -> Result<()> {
    if run.waits_at() == Some(gate) {
        return Ok(());
    }
    Err(Error::Refused(format!("This run does not wait for its {} any more, or not yet.", gate.label())))
}

/// Why a person cannot answer; none where they can.
fn obstacle(caller: &Caller, run: &Run, gates: &Gates, said: &[entity::Model]) -> Option<Error> {
    let answered = said.iter().any(|said| said.person_id == caller.user.0);
    let again = answered.then(|| Error::Refused("You have answered already.".to_owned()));
    approves(caller, run, gates).err().or(again)
}

/// Whether a person is one of those who approve a run.
fn approves(caller: &Caller, run: &Run, gates: &Gates) -> Result<()> {
    if !gate::approves(caller, &gates.approvers) {
        return Err(Error::Forbidden(format!("Only the approvers of {} can answer.", run.stage_name)));
    }
    if run.requested_by == caller.user.0 && !gates.requester_may_approve {
        return Err(Error::Forbidden("Whoever asked for a deployment cannot approve it here.".to_owned()));
    }
    Ok(())
}

fn check_comment(comment: &str) -> Result<String> {
    let comment = comment.trim().replace('\0', "");
    if comment.chars().count() > LONGEST_COMMENT {
        return Err(Error::field("comment", format!("Use at most {LONGEST_COMMENT} characters for the comment.")));
    }
    Ok(comment)
}

/// The end of a sentence with a comment.
fn because(comment: &str) -> String {
    match comment {
        "" => ".".to_owned(),
        comment if comment.ends_with(['.', '!', '?']) => format!(": {comment}"),
        comment => format!(": {comment}."),
    }
}
