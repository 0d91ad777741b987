//! The worker of webhooks: decides whom an event concerns, sends, and writes down what came of it.
//!
//! Several may work at once, in one process or in several. A delivery is claimed with a lease and a token that only
//! grows; nobody else sends it while the lease holds, and who lost it writes nothing. Where a worker dies between
//! sending and writing, the next one sends again: receivers know a repetition by its id.

mod claim;
mod dispatch;
mod prune;
pub(super) mod sending;

pub use prune::prune;

use super::Sender;
use crate::Host;
use claim::Claimed;
use std::{collections::HashMap, error::Error, sync::Arc, time::Duration};
use tokio::{
    task::{Id, JoinSet},
    time::MissedTickBehavior,
};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// Calls at once.
const AT_ONCE: usize = 16;
/// Calls to one webhook at once: one that does not answer must not hold up the others.
const OF_ONE: usize = 4;
/// How often a worker looks for events and for deliveries whose time has come.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Works until `shutdown`, then waits for the calls that are under way.
pub async fn run(host: Host, sender: Arc<dyn Sender>, shutdown: CancellationToken) {
    let owner = host.ids.next();
    let mut look = tokio::time::interval(LOOK_EVERY);
    look.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut calls = JoinSet::new();
    let mut under_way: HashMap<Id, Uuid> = HashMap::new();
    loop {
        tokio::select! {
            biased;
            () = shutdown.cancelled() => break,
            Some(ended) = calls.join_next_with_id(), if !calls.is_empty() => forget(&ended, &mut under_way),
            _ = look.tick() => {
                if let Err(error) = dispatch::dispatch(&host).await {
                    tracing::error!(error = &error as &dyn Error, "events could not be handed to webhooks");
                }
            }
        }
        let webhooks: Vec<_> = under_way.values().copied().collect();
        match claim::claim(&host, owner, AT_ONCE.saturating_sub(calls.len()), &webhooks).await {
            Ok(claimed) => {
                for delivery in claimed {
                    let webhook = delivery.webhook;
                    let task = calls.spawn(bring(host.clone(), sender.clone(), delivery));
                    under_way.insert(task.id(), webhook);
                }
            }
            Err(error) => tracing::error!(error = &error as &dyn Error, "no deliveries could be claimed"),
        }
    }
    while let Some(ended) = calls.join_next_with_id().await {
        forget(&ended, &mut under_way);
    }
}

fn forget(ended: &Result<(Id, ()), tokio::task::JoinError>, under_way: &mut HashMap<Id, Uuid>) {
    let id = match ended {
        Ok((id, ())) => *id,
        Err(error) => {
            tracing::error!(error = error as &dyn Error, "a delivery broke off");
            error.id()
        }
    };
    under_way.remove(&id);
}

/// Sends a delivery. Where what came of it cannot be written, the lease runs out and it is sent again.
async fn bring(host: Host, sender: Arc<dyn Sender>, claimed: Claimed) {
    let id = claimed.id;
    if let Err(error) = sending::send(&host, sender.as_ref(), claimed).await {
        tracing::error!(delivery = %id, error = &error as &dyn Error, "a delivery could not be sent");
    }
}
