//! What runs beside the answering of requests.

use crate::slipway::Slipway;
use pipelines::{session, sign_in, stage_run};
use std::time::Duration;
use tokio::time::MissedTickBehavior;
use tokio_util::task::TaskTracker;

/// How often sessions that ended are removed.
const SESSIONS: Duration = Duration::from_hours(1);

/// Starts everything. The tracker is done when all of it has ended after the shutdown.
pub fn start(slipway: &Slipway) -> TaskTracker {
    let tracker = TaskTracker::new();
    tracker.spawn(stage_run::worker::run(slipway.host.clone(), slipway.shutdown.clone()));
    tracker.spawn(remove_ended_sessions(slipway.clone()));
    tracker.close();
    tracker
}

async fn remove_ended_sessions(slipway: Slipway) {
    let mut hour = tokio::time::interval(SESSIONS);
    hour.set_missed_tick_behavior(MissedTickBehavior::Delay);
    while slipway.shutdown.run_until_cancelled(hour.tick()).await.is_some() {
        match session::delete_expired(&slipway.host).await {
            Ok(removed) => tracing::debug!(removed, "removed sessions that had ended"),
            Err(error) => tracing::error!(?error, "sessions that ended could not be removed"),
        }
        match sign_in::delete_expired(&slipway.host).await {
            Ok(removed) => tracing::debug!(removed, "removed what was kept of sign-ins and is over"),
            Err(error) => tracing::error!(?error, "what was kept of sign-ins could not be removed"),
        }
    }
}
