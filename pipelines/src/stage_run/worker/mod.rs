//! The worker: takes runs up and brings them to their end.
//!
//! A run is claimed with a lease and worked on by one task. Every write is guarded by the lease's token, so that a
//! worker that was paused or cut off writes nothing once another one has the run. Each step can be done again from its
//! beginning without doing anything twice; so whatever a killed worker leaves behind is simply taken up by the next.

mod check;
mod claim;
mod gate;
mod hold;
mod import;
mod prepare;
mod reconfigure;
mod rewrite;
mod trouble;

use super::{
    entity::Model,
    journal::{Change, Guard, Lease},
    state::Event,
};
use crate::{Host, Result, Topic, deployment_environment};
use model::{
    Timestamp,
    id::StageRunId,
    stage_run::{StageRunStatus, StepStatus, SubOperation},
};
use std::{collections::HashMap, time::Duration};
use tokio::{
    sync::broadcast::error::RecvError,
    task::{Id, JoinHandle, JoinSet},
    time::MissedTickBehavior,
};
use tokio_util::{sync::CancellationToken, task::AbortOnDropHandle};
use trouble::Trouble;
use uuid::Uuid;

/// Runs worked on at once. Most of their time they wait for an environment.
const AT_ONCE: usize = 16;

/// How long a run stays with a worker that no longer says anything.
const LEASE: Duration = Duration::from_secs(15);

/// How often a worker says that it is still there.
const RENEW_EVERY: Duration = Duration::from_secs(5);

/// How often a worker looks for runs whose time has come, also when nobody tells it of work.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Works until `shutdown`; then lets the steps that are running finish, and leaves the runs to the next worker. Any
/// number of workers may run at once, in one process or in several.
pub async fn run(host: Host, shutdown: CancellationToken) {
    let worker = Worker { owner: host.ids.next(), host, shutdown };
    // A worker that is no more says nothing more.
    let _renewing = AbortOnDropHandle::new(tokio::spawn(worker.clone().renew()));
    worker.work().await;
}

#[derive(Clone)]
struct Worker {
    host: Host,
    owner: Uuid,
    shutdown: CancellationToken,
}

impl Worker {
    async fn work(&self) {
        let mut news = self.host.news().listen();
        let mut look = tokio::time::interval(LOOK_EVERY);
        look.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut tasks = JoinSet::new();
        let mut runs: HashMap<Id, Claimed> = HashMap::new();
        let mut validating: Option<JoinHandle<()>> = None;
        let mut more = false;
        loop {
            let validate = tokio::select! {
                biased;
                () = self.shutdown.cancelled() => break,
                Some(ended) = tasks.join_next_with_id(), if !tasks.is_empty() => {
                    self.ended(ended, &mut runs).await;
                    if !more {
                        continue;
                    }
                    false
                }
                topic = news.recv() => match topic {
                    Ok(Topic::Work) => false,
                    Ok(Topic::Environment(_)) | Err(RecvError::Lagged(_)) => true,
                    Ok(Topic::Run(_) | Topic::Person(_)) => continue,
                    Err(RecvError::Closed) => break,
                },
                _ = look.tick() => true,
            };
            if validate && validating.as_ref().is_none_or(JoinHandle::is_finished) {
                validating = Some(tokio::spawn(validate_environments(self.host.clone())));
            }
            let free = AT_ONCE.saturating_sub(tasks.len());
            more = free == 0;
            if more {
                continue;
            }
            match claim::claim(&self.host, self.owner, free).await {
                Ok(claimed) => {
                    more = claimed.len() == free;
                    for run in claimed {
                        let claimed = Claimed { run: run.run(), token: run.lease_token };
                        let task = tasks.spawn(Work::new(self, &run).bring(run));
                        runs.insert(task.id(), claimed);
                    }
                }
                Err(error) => tracing::error!(error = &error as &dyn std::error::Error, "no runs could be claimed"),
            }
        }
        while let Some(ended) = tasks.join_next_with_id().await {
            self.ended(ended, &mut runs).await;
        }
        if let Some(validating) = validating {
            // It only reads, or writes what it found out; nothing is lost when it does not come to its end.
            validating.abort();
        }
    }

    /// A task that panicked leaves its run to be tried again, a limited number of times.
    async fn ended(&self, ended: Result<(Id, ()), tokio::task::JoinError>, runs: &mut HashMap<Id, Claimed>) {
        let id = match &ended {
            Ok((id, ())) => *id,
            Err(error) => error.id(),
        };
        let Some(claimed) = runs.remove(&id) else { return };
        let Err(error) = ended else { return };
        tracing::error!(run = %claimed.run, error = &error as &dyn std::error::Error, "the work on a run broke off");
        let lease = Lease { owner: self.owner, token: claimed.token };
        let work = Work { host: self.host.clone(), lease, shutdown: self.shutdown.clone() };
        work.broke_off(claimed.run).await;
    }

    async fn renew(self) {
        let mut time = tokio::time::interval(RENEW_EVERY);
        time.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            time.tick().await;
            if let Err(error) = claim::renew(&self.host, self.owner).await {
                tracing::warn!(error = &error as &dyn std::error::Error, "the leases of runs could not be renewed");
            }
        }
    }
}

#[derive(Clone, Copy)]
struct Claimed {
    run: StageRunId,
    token: i64,
}

async fn validate_environments(host: Host) {
    if let Err(error) = deployment_environment::validate_pending(&host).await {
        tracing::error!(error = &error as &dyn std::error::Error, "environments could not be validated");
    }
}

/// What a step of the work comes to.
enum Step {
    /// The run goes on from here.
    Goes(Box<Model>),
    /// There is nothing more to do for now, or somebody else has the run.
    Rests,
}

impl Step {
    /// The run goes on where the change could be written, and rests where somebody else has it by now.
    fn after(written: Option<Model>) -> Self {
        written.map_or(Self::Rests, |run| Self::Goes(Box::new(run)))
    }
}

/// The work on one run.
#[derive(Clone)]
struct Work {
    host: Host,
    lease: Lease,
    shutdown: CancellationToken,
}

impl Work {
    fn new(worker: &Worker, run: &Model) -> Self {
        let lease = Lease { owner: worker.owner, token: run.lease_token };
        Self { host: worker.host.clone(), lease, shutdown: worker.shutdown.clone() }
    }

    /// Takes a run on until it rests.
    async fn bring(self, mut run: Model) {
        loop {
            let done =
                if self.shutdown.is_cancelled() { self.leave(&run).await } else { Box::pin(self.step(&run)).await };
            match done {
                Ok(Step::Goes(further)) => run = *further,
                Ok(Step::Rests) => return,
                Err(trouble) => return self.meet(&run, trouble).await,
            }
        }
    }

    async fn step(&self, run: &Model) -> Result<Step, Trouble> {
        match run.status() {
            StageRunStatus::NotStarted => self.begin(run).await,
            StageRunStatus::Started => Box::pin(self.export(run)).await,
            StageRunStatus::Validating => Box::pin(self.validate(run)).await,
            StageRunStatus::PreDeployInProgress => Box::pin(self.prepare(run)).await,
            StageRunStatus::Scheduled => self.look_at_time(run).await,
            StageRunStatus::PreDeploySucceeded => Box::pin(self.take_turn(run)).await,
            StageRunStatus::Deploying if run.settings_only => Box::pin(self.reconfigure(run)).await,
            StageRunStatus::Deploying => Box::pin(self.import(run)).await,
            StageRunStatus::Succeeded
            | StageRunStatus::Failed
            | StageRunStatus::Canceled
            | StageRunStatus::ValidationSucceeded => self.leave(run).await,
        }
    }

    async fn begin(&self, run: &Model) -> Result<Step, Trouble> {
        let step = SubOperation::ExecutingPreStep;
        let change = self.change(run).advance(Event::Claimed)?.step(step, StepStatus::Started, self.now(), "");
        self.write(change).await
    }

    /// Leaves a run to the next worker, or to nobody where there is nothing to do.
    async fn leave(&self, run: &Model) -> Result<Step, Trouble> {
        let due = if run.status().is_final() || run.status() == StageRunStatus::ValidationSucceeded {
            None
        } else {
            run.due.map(Timestamp)
        };
        self.write(self.change(run).due(due)).await?;
        Ok(Step::Rests)
    }

    fn now(&self) -> Timestamp {
        self.host.clock.now()
    }

    fn change(&self, run: &Model) -> Change {
        Change::of(run, self.now())
    }

    async fn write(&self, change: Change) -> Result<Step, Trouble> {
        Ok(Step::after(change.commit(&self.host, Guard::Lease(self.lease)).await?))
    }
}
