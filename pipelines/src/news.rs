//! Word that something changed, for pages that are being looked at and for the worker.

use model::id::{DeploymentEnvironmentId, StageRunId, UserId};
use tokio::sync::broadcast;

/// What changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Topic {
    /// A run: its state, its steps or its log.
    Run(StageRunId),
    /// The record of an environment.
    Environment(DeploymentEnvironmentId),
    /// What a person may do, or the sessions and tokens they do it with.
    Person(UserId),
    /// There may be work for the worker.
    Work,
}

/// Carries word within this process. It is a wake-up only: whoever is woken reads the database, and a message that is
/// lost costs time, never truth.
#[derive(Clone, Debug)]
pub struct News(broadcast::Sender<Topic>);

impl News {
    /// A carrier without listeners.
    pub fn new() -> Self {
        Self(broadcast::channel(1024).0)
    }

    /// Tells everybody who listens.
    pub fn tell(&self, topic: Topic) {
        // No listener is no error.
        let _ = self.0.send(topic);
    }

    /// Listens from now on.
    pub fn listen(&self) -> broadcast::Receiver<Topic> {
        self.0.subscribe()
    }
}

impl Default for News {
    fn default() -> Self {
        Self::new()
    }
}
