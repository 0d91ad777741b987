//! Gates of stages: approvals by people, and steps that something outside of Slipway completes.

use crate::{
    Caller, Error, Host, Result, access,
    audit::{self, Entry},
    field::Fields,
    pipeline, stage, team, user,
};
use model::{
    audit::{AuditAction, AuditSubject},
    gate::{Approver, Gates},
    id::StageId,
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, sea_query::OnConflict,
};
use std::collections::HashMap;

pub(crate) mod approver;
pub(crate) mod entity;

use entity::{ActiveModel, Column, Entity};

/// The longest that a run waits at a gate: 90 days.
const LONGEST_DEADLINE: u32 = 24 * 90;
/// Approvers that a stage has at most.
const MOST_APPROVERS: usize = 50;

/// The gates of a stage. Administrators only.
pub async fn get(host: &Host, caller: &Caller, stage: StageId) -> Result<Gates> {
    caller.require_administrator()?;
    of(&host.database, stage).await
}

/// Changes the gates of a stage, for runs that come to them from then on. Administrators only.
///
/// Fields: `pre_export`, `approvers`, `needed`, `deadline`.
pub async fn save(host: &Host, caller: &Caller, id: StageId, gates: &Gates) -> Result<()> {
    let changed = || Entry::new(AuditAction::Update, AuditSubject::Stage).of(id, "");
    access::configure(host, caller, changed).await?;
    let transaction = host.begin().await?;
    let stage = stage::find(&transaction, id).await?.ok_or_else(stage::not_found)?;
    pipeline::lock(&transaction, stage.pipeline).await?;
    let mut fields = Fields::new();
    if gates.pre_export_step_required && stage.previous.is_some() {
        fields.problem("pre_export", "Only the first stage exports, so only it can have a pre-export step.");
    }
    let (people, teams) = ids(&gates.approvers);
    let known = user::entity::Entity::find()
        .filter(user::entity::Column::Id.is_in(people.clone()))
        .filter(user::entity::Column::Enabled.eq(true))
        .count(&transaction)
        .await?
        + team::entity::Entity::find()
            .filter(team::entity::Column::Id.is_in(teams.clone()))
            .count(&transaction)
            .await?;
    if known != u64::try_from(gates.approvers.len()).unwrap_or(u64::MAX) {
        fields.problem("approvers", "Choose people and teams from the list.");
    }
    if gates.approvers.len() > MOST_APPROVERS {
        fields.problem("approvers", format!("Choose at most {MOST_APPROVERS} approvers. A team counts as one."));
    }
    if gates.approvals_needed > 0 && gates.approvers.is_empty() {
        fields.problem("approvers", "Choose who approves, or enter 0 below.");
    }
    let enough =
        !teams.is_empty() || usize::try_from(gates.approvals_needed).is_ok_and(|needed| needed <= people.len());
    if !gates.approvers.is_empty() && (gates.approvals_needed == 0 || !enough) {
        fields.problem("needed", "Enter how many have to approve: at least 1, and not more than there are approvers.");
    }
    if gates.deadline_hours == 0 || gates.deadline_hours > LONGEST_DEADLINE {
        fields.problem("deadline", format!("Enter 1 to {LONGEST_DEADLINE} hours."));
    }
    fields.finish()?;
    let before = of(&transaction, id).await?;
    Entity::insert(ActiveModel {
        stage_id: Set(id.0),
        pre_export_step_required: Set(gates.pre_export_step_required),
        pre_deployment_step_required: Set(gates.pre_deployment_step_required),
        approvals_needed: Set(i32::try_from(gates.approvals_needed).unwrap_or(i32::MAX)),
        requester_may_approve: Set(gates.requester_may_approve),
        deadline_hours: Set(i32::try_from(gates.deadline_hours).unwrap_or(i32::MAX)),
    })
    .on_conflict(
        OnConflict::column(Column::StageId)
            .update_columns([
                Column::PreExportStepRequired,
                Column::PreDeploymentStepRequired,
                Column::ApprovalsNeeded,
                Column::RequesterMayApprove,
                Column::DeadlineHours,
            ])
            .to_owned(),
    )
    .exec_without_returning(&transaction)
    .await?;
    approver::Entity::delete_many().filter(approver::Column::StageId.eq(id.0)).exec(&transaction).await?;
    let rows = gates.approvers.iter().map(|approver| {
        let (approver_id, is_team) = match approver {
            Approver::Person(person) => (person.0, false),
            Approver::Team(team) => (team.0, true),
        };
        approver::ActiveModel { stage_id: Set(id.0), approver_id: Set(approver_id), is_team: Set(is_team) }
    });
    if !gates.approvers.is_empty() {
        approver::Entity::insert_many(rows).exec_without_returning(&transaction).await?;
    }
    pipeline::touch(host, &transaction, stage.pipeline).await?;
    let document = |gates: &Gates| serde_json::to_string(gates).unwrap_or_default();
    let entry = Entry::new(AuditAction::Update, AuditSubject::Stage).of(id, &stage.name);
    let entry = entry.field("gates", document(&before), document(gates));
    audit::record(host, &transaction, caller, entry).await?;
    Ok(transaction.commit().await?)
}

/// The gates of a stage, whoever asks.
pub(crate) async fn of(connection: &impl ConnectionTrait, stage: StageId) -> Result<Gates> {
    let Some(row) = Entity::find_by_id(stage.0).one(connection).await? else { return Ok(Gates::default()) };
    let approvers = approver::Entity::find().filter(approver::Column::StageId.eq(stage.0)).all(connection).await?;
    Ok(row.gates(approvers.iter().map(approver::Model::approver).collect()))
}

/// The gates of some stages that have any, whoever asks.
pub(crate) async fn of_all(
    connection: &impl ConnectionTrait,
    stages: impl IntoIterator<Item = StageId>,
) -> Result<HashMap<StageId, Gates>> {
    let stages: Vec<_> = stages.into_iter().map(|stage| stage.0).collect();
    let rows = Entity::find().filter(Column::StageId.is_in(stages.clone())).all(connection).await?;
    let mut approvers: HashMap<_, Vec<Approver>> = HashMap::new();
    for row in approver::Entity::find().filter(approver::Column::StageId.is_in(stages)).all(connection).await? {
        approvers.entry(row.stage_id).or_default().push(row.approver());
    }
    let gates = rows.into_iter().map(|row| {
        let approvers = approvers.remove(&row.stage_id).unwrap_or_default();
        (StageId(row.stage_id), row.gates(approvers))
    });
    Ok(gates.collect())
}

/// Whether a person is among some approvers.
pub(crate) fn approves(caller: &Caller, approvers: &[Approver]) -> bool {
    approvers.iter().any(|approver| match approver {
        Approver::Person(person) => *person == caller.user,
        Approver::Team(team) => caller.teams.contains(team),
    })
}

fn ids(approvers: &[Approver]) -> (Vec<uuid::Uuid>, Vec<uuid::Uuid>) {
    let (mut people, mut teams) = (Vec::new(), Vec::new());
    for approver in approvers {
        match approver {
            Approver::Person(person) => people.push(person.0),
            Approver::Team(team) => teams.push(team.0),
        }
    }
    (people, teams)
}

/// The refusal of an answer that is neither of the two there are.
pub(crate) fn status(code: i32) -> Result<model::gate::GateStatus> {
    use model::gate::GateStatus;
    match GateStatus::from_code(code) {
        Some(status @ (GateStatus::Completed | GateStatus::Rejected)) => Ok(status),
        _ => Err(Error::field("status", "Answer with 20 (completed) or 30 (rejected).")),
    }
}
