//! Writing to a run: status, columns, steps and log go into one transaction, or none of them does.

use super::{
    access, announced,
    entity::{self, ActiveModel, Column, Entity, Model},
    event, operation,
    state::{self, Event, Refusal, State},
    step,
};
use crate::{Caller, Host, Result, Topic, audit, event as outbox};
use model::{
    Timestamp,
    audit::AuditAction,
    gate::{Gate, GateStatus},
    id::StageRunId,
    stage_run::{StageRunStatus, StepStatus, SubOperation},
};
use sea_orm::{
    ActiveValue::{self, Set},
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter,
    sea_query::{Expr, ExprTrait, OnConflict},
};
use uuid::Uuid;

/// The right to work on a run: nobody else may while the token stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Lease {
    /// The worker.
    pub owner: Uuid,
    /// The token it was given with the run.
    pub token: i64,
}

/// What has to be true still for a change to be written.
#[derive(Clone, Copy, Debug)]
pub(super) enum Guard {
    /// The worker still has the run.
    Lease(Lease),
    /// The run still stands where it stood when somebody decided on the change.
    Status(StageRunStatus),
    /// Nothing: what is written holds wherever the run stands.
    None,
}

impl Guard {
    fn condition(self) -> Condition {
        match self {
            Self::Lease(lease) => {
                Condition::all().add(Column::LeaseOwner.eq(lease.owner)).add(Column::LeaseToken.eq(lease.token))
            }
            Self::Status(status) => Condition::all().add(Column::Status.eq(status.code())),
            Self::None => Condition::all(),
        }
    }
}

/// A change of a run, put together and then written at once.
#[derive(Debug)]
pub(super) struct Change {
    run: StageRunId,
    at: Timestamp,
    state: State,
    /// Columns that change along.
    pub columns: ActiveModel,
    steps: Vec<step::Model>,
    forget_steps: Option<SubOperation>,
    raise_token: bool,
    log: Vec<(String, bool)>,
    /// What it went through, each with where it stood then.
    transitions: Vec<(Event, StageRunStatus)>,
}

impl Change {
    /// A change of a run at a moment.
    pub fn of(run: &Model, at: Timestamp) -> Self {
        Self {
            run: run.run(),
            at,
            state: run.state(),
            columns: ActiveModel::default(),
            steps: Vec::new(),
            forget_steps: None,
            raise_token: false,
            log: Vec::new(),
            transitions: Vec::new(),
        }
    }

    /// Takes the run on, as the state machine has it, and hands it over to whoever is to do something with it next.
    pub fn advance(mut self, event: Event) -> Result<Self, Refusal> {
        self.state = state::next(self.state, event)?;
        self.transitions.push((event, self.state.status));
        self.columns.status = Set(self.state.status.code());
        self.columns.failed_at = Set(self.state.failed_at.map(StageRunStatus::code));
        self.columns.waiting_for = Set(String::new());
        self.columns.attempts = Set(0);
        if event == Event::Retry {
            self.columns.ended = Set(None);
            self.columns.error_message = Set(String::new());
        }
        match self.state.status {
            StageRunStatus::NotStarted | StageRunStatus::PreDeployInProgress => {
                let now = self.at;
                self = self.due(Some(now));
            }
            StageRunStatus::ValidationSucceeded => self = self.due(None),
            status if status.is_final() => {
                self.columns.ended = Set(Some(self.at.0));
                self.columns.queued = Set(None);
                self = self.due(None);
            }
            _ => {}
        }
        Ok(self)
    }

    /// When it happens.
    pub fn at(&self) -> Timestamp {
        self.at
    }

    /// Where the run is going to stand.
    pub fn status(&self) -> StageRunStatus {
        self.state.status
    }

    /// Gives the run back: the worker takes it up again at a moment, or not before somebody says so.
    pub fn due(mut self, due: Option<Timestamp>) -> Self {
        self.columns.due = Set(due.map(|due| due.0));
        self.columns.lease_owner = Set(None);
        self.columns.lease_until = Set(None);
        self
    }

    /// Takes the run away from a worker that may be in the middle of something.
    pub fn take_away(mut self) -> Self {
        self.raise_token = true;
        self
    }

    /// Adds an entry to the log.
    pub fn say(mut self, message: impl Into<String>) -> Self {
        self.log.push((message.into(), false));
        self
    }

    /// Adds an entry about something gone wrong to the log.
    pub fn complain(mut self, message: impl Into<String>) -> Self {
        self.log.push((message.into(), true));
        self
    }

    /// Sets a step. `since` is when it began, unless that was written down before.
    pub fn step(mut self, step: SubOperation, status: StepStatus, since: Timestamp, detail: impl Into<String>) -> Self {
        let ended = matches!(status, StepStatus::Succeeded | StepStatus::Failed | StepStatus::Canceled);
        self.steps.retain(|other| other.step != step.code());
        self.steps.push(step::Model {
            run_id: self.run.0,
            step: step.code(),
            status: status.code(),
            started: Some(since.0),
            ended: ended.then_some(self.at.0),
            detail: detail.into(),
            progress: (step == SubOperation::DeployingArtifact && status == StepStatus::Succeeded).then_some(100),
        });
        self
    }

    /// Begins a step and those after it anew.
    pub fn forget_steps_from(mut self, step: SubOperation) -> Self {
        self.forget_steps = Some(step);
        self
    }

    /// Writes the change where the guard still holds, and gives the run as it is now; none where it does not.
    pub async fn write(self, connection: &impl ConnectionTrait, guard: Guard) -> Result<Option<Model>> {
        let entries = i64::try_from(self.log.len()).unwrap_or(i64::MAX);
        let events = announced::of(&gates(&self.columns), &self.transitions);
        let mut update = Entity::update_many()
            .set(self.columns)
            .col_expr(Column::LastEvent, Expr::col(Column::LastEvent).add(entries))
            .filter(Column::Id.eq(self.run.0))
            .filter(guard.condition());
        if self.raise_token {
            update = update.col_expr(Column::LeaseToken, Expr::col(Column::LeaseToken).add(1));
        }
        let Some(run) = update.exec_with_returning(connection).await?.pop() else { return Ok(None) };

        if let Some(first) = self.forget_steps {
            step::Entity::delete_many()
                .filter(step::Column::RunId.eq(run.id))
                .filter(step::Column::Step.gte(first.code()))
                .exec(connection)
                .await?;
        }
        write_steps(connection, self.steps).await?;
        if run.status() == StageRunStatus::Canceled {
            cancel_steps(connection, &run, self.at).await?;
        }
        let first = run.last_event - entries + 1;
        let log = self.log.into_iter().zip(first..).map(|((message, is_error), sequence)| event::ActiveModel {
            run_id: Set(run.id),
            sequence: Set(sequence),
            at: Set(self.at.0),
            status: Set(run.status),
            message: Set(message),
            is_error: Set(is_error),
        });
        if entries > 0 {
            event::Entity::insert_many(log).exec_without_returning(connection).await?;
        }
        Box::pin(outbox::announce(connection, &run, self.at, events)).await?;
        if run.status().is_final() {
            operation::give_back(connection, &run, self.at).await?;
        }
        Ok(Some(run))
    }

    /// As [`Change::commit`], for what a person decided: it goes into the audit log along with the change.
    pub async fn commit_as(
        self,
        host: &Host,
        caller: &Caller,
        action: AuditAction,
        guard: Guard,
    ) -> Result<Option<Model>> {
        let transaction = host.begin().await?;
        let written = self.write(&transaction, guard).await?;
        if let Some(run) = &written {
            audit::record(host, &transaction, caller, access::entry(action, run)).await?;
        }
        transaction.commit().await?;
        if let Some(run) = &written {
            tell(host, run);
        }
        Ok(written)
    }

    /// Writes the change in a transaction of its own and tells who listens.
    pub async fn commit(self, host: &Host, guard: Guard) -> Result<Option<Model>> {
        let transaction = host.begin().await?;
        let written = self.write(&transaction, guard).await?;
        transaction.commit().await?;
        if let Some(run) = &written {
            tell(host, run);
        }
        Ok(written)
    }
}

/// The gates whose status a change sets.
fn gates(columns: &ActiveModel) -> Vec<(Gate, GateStatus)> {
    let set = |gate, column: &ActiveValue<Option<i32>>| match column {
        Set(code) => code.and_then(GateStatus::from_code).map(|status| (gate, status)),
        _ => None,
    };
    let gates = [
        set(Gate::PreExportStep, &columns.pre_export_step_status),
        set(Gate::Approval, &columns.approval_status),
        set(Gate::PreDeploymentStep, &columns.pre_deployment_step_status),
    ];
    gates.into_iter().flatten().collect()
}

/// Adds an entry to the log of a run, wherever it stands. There may be no such run any more.
pub(crate) async fn say(host: &Host, run: Uuid, message: String) -> Result<()> {
    if let Some(run) = Entity::find_by_id(run).one(&host.database).await? {
        Change::of(&run, host.clock.now()).say(message).commit(host, Guard::None).await?;
    }
    Ok(())
}

/// Tells who listens that a run has changed. The end of a run may let the next one at its target go on.
pub(super) fn tell(host: &Host, run: &Model) {
    host.news().tell(Topic::Run(run.run()));
    if run.due.is_some() || run.ended.is_some() {
        host.news().tell(Topic::Work);
    }
}

async fn write_steps(connection: &impl ConnectionTrait, steps: Vec<step::Model>) -> Result<()> {
    if steps.is_empty() {
        return Ok(());
    }
    let first_began = Expr::cust("COALESCE(stage_run_step.started, excluded.started)");
    let or_change = OnConflict::columns([step::Column::RunId, step::Column::Step])
        .update_columns([step::Column::Status, step::Column::Ended, step::Column::Detail, step::Column::Progress])
        .value(step::Column::Started, first_began)
        .to_owned();
    let steps = steps.into_iter().map(|step| step::ActiveModel {
        run_id: Set(step.run_id),
        step: Set(step.step),
        status: Set(step.status),
        started: Set(step.started),
        ended: Set(step.ended),
        detail: Set(step.detail),
        progress: Set(step.progress),
    });
    step::Entity::insert_many(steps).on_conflict(or_change).exec_without_returning(connection).await?;
    Ok(())
}

async fn cancel_steps(connection: &impl ConnectionTrait, run: &Model, at: Timestamp) -> Result<()> {
    let unfinished = [StepStatus::NotStarted, StepStatus::Started, StepStatus::Pending].map(StepStatus::code);
    step::Entity::update_many()
        .col_expr(step::Column::Status, Expr::value(StepStatus::Canceled.code()))
        .col_expr(step::Column::Ended, Expr::value(at.0))
        .filter(step::Column::RunId.eq(run.id))
        .filter(step::Column::Status.is_in(unfinished))
        .exec(connection)
        .await?;
    Ok(())
}

/// Writes how far a step is, without an entry in the log: a percentage is news for a moment only. False when the lease
/// has gone.
pub(super) async fn write_progress(
    host: &Host,
    run: StageRunId,
    lease: Lease,
    step: SubOperation,
    percent: u8,
    detail: &str,
) -> Result<bool> {
    let held = sea_orm::sea_query::Query::select()
        .expr(Expr::value(1))
        .from(entity::Entity)
        .and_where(Column::Id.eq(run.0))
        .cond_where(Guard::Lease(lease).condition())
        .to_owned();
    let written = step::Entity::update_many()
        .col_expr(step::Column::Progress, Expr::value(i32::from(Ord::min(percent, 100))))
        .col_expr(step::Column::Detail, Expr::value(detail))
        .filter(step::Column::RunId.eq(run.0))
        .filter(step::Column::Step.eq(step.code()))
        .filter(Expr::exists(held))
        .exec(&host.database)
        .await?;
    if written.rows_affected > 0 {
        host.news().tell(Topic::Run(run));
    }
    Ok(written.rows_affected > 0)
}
