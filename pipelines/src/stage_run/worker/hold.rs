//! Waiting for a time: the one that was chosen for the run, and the next one at which its stage may be deployed to.

use super::{Step, Work, trouble::Trouble};
use crate::{
    Error, Topic,
    deployment_window::Closed,
    stage_run::{
        entity::Model,
        journal::{Change, Guard},
        operation, schedule,
        state::Event,
    },
};
use model::stage_run::{StepStatus, SubOperation};
use sea_orm::{ActiveValue::Set, DatabaseTransaction};
use std::time::Duration;

/// When a run looks again that waits for a window which never comes.
const LOOK_AGAIN: Duration = Duration::from_hours(24);

impl Work {
    /// Holds a run back that stands where its target's queue begins, and lets others go on there meanwhile.
    pub(super) async fn hold_back(
        &self,
        transaction: DatabaseTransaction,
        run: &Model,
        closed: Closed,
    ) -> Result<Step, Trouble> {
        let now = self.now();
        let mut change = self.wait_until(self.change(run).advance(Event::TooEarly)?, run, closed);
        change.columns.queued = Set(None);
        let Some(run) = change.write(&transaction, Guard::Lease(self.lease)).await? else {
            transaction.rollback().await.map_err(Error::from)?;
            return Ok(Step::Rests);
        };
        operation::give_back(&transaction, &run, now).await?;
        transaction.commit().await.map_err(Error::from)?;
        self.host.news().tell(Topic::Run(run.run()));
        self.host.news().tell(Topic::Work);
        Ok(Step::Rests)
    }

    /// Goes on when the time of a run has come.
    pub(super) async fn look_at_time(&self, run: &Model) -> Result<Step, Trouble> {
        let now = self.now();
        if let Some(closed) = schedule::too_early(&self.host.database, run, now).await? {
            self.write(self.wait_until(self.change(run), run, closed)).await?;
            // Whoever let this run go first need not wait for it.
            operation::wake_first(&self.host.database, run.target_id, now).await?;
            self.host.news().tell(Topic::Work);
            return Ok(Step::Rests);
        }
        let mut change = self.change(run).advance(Event::TimeCame)?.say("Its time has come.");
        change.columns.queued = Set(Some(now.0));
        change.columns.queue_place = Set(run.queue_place.or(Some(now.0)));
        self.write(change).await
    }

    /// Says once what a run waits for, and gives it back until then.
    fn wait_until(&self, mut change: Change, run: &Model, closed: Closed) -> Change {
        let now = self.now();
        let Closed { until, sentence } = closed;
        if run.waiting_for != sentence {
            change = change.say(&sentence).step(SubOperation::DeployingArtifact, StepStatus::Pending, now, &sentence);
        }
        change.columns.waiting_for = Set(sentence);
        if let Some(scheduled) = run.scheduled_for.filter(|scheduled| *scheduled > now.0) {
            change.columns.queue_place = Set(Some(scheduled));
        }
        change.due(Some(until.unwrap_or(now + LOOK_AGAIN)))
    }
}
