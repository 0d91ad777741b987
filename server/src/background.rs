//! What runs beside the answering of requests.

use crate::slipway::Slipway;
use pipelines::{
    drift, session, sign_in, stage_run,
    webhook::{self, Sender},
};
use std::{sync::Arc, time::Duration};
use tokio::time::MissedTickBehavior;
use tokio_util::task::TaskTracker;

/// How often is removed what is over: sessions, sign-ins, rights given by providers, deliveries.
const OVER: Duration = Duration::from_hours(1);

/// How often it is asked which targets are to be looked at again.
const DRIFT: Duration = Duration::from_mins(10);

/// Starts everything. Webhooks are called through the sender. The tracker is done when all of it has ended after the
/// shutdown.
pub fn start(slipway: &Slipway, sender: Arc<dyn Sender>) -> TaskTracker {
    let tracker = TaskTracker::new();
    tracker.spawn(stage_run::worker::run(slipway.host.clone(), slipway.shutdown.clone()));
    tracker.spawn(webhook::worker::run(slipway.host.clone(), sender, slipway.shutdown.clone()));
    tracker.spawn(remove_what_is_over(slipway.clone()));
    if let Some(every) = slipway.drift {
        tracker.spawn(look_for_drift(slipway.clone(), every));
    }
    tracker.close();
    tracker
}

async fn remove_what_is_over(slipway: Slipway) {
    let mut hour = tokio::time::interval(OVER);
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
        match sign_in::let_rights_lapse(&slipway.host, &slipway.providers.lasting()).await {
            Ok(0) => {}
            Ok(lapsed) => tracing::info!(lapsed, "took back rights of people who did not sign in with their provider"),
            Err(error) => tracing::error!(?error, "rights given by providers could not be taken back"),
        }
        match webhook::worker::prune(&slipway.host).await {
            Ok(removed) => tracing::debug!(removed, "removed old events and deliveries"),
            Err(error) => tracing::error!(?error, "old events and deliveries could not be removed"),
        }
    }
}

async fn look_for_drift(slipway: Slipway, every: Duration) {
    let mut look = tokio::time::interval(DRIFT);
    look.set_missed_tick_behavior(MissedTickBehavior::Delay);
    while slipway.shutdown.run_until_cancelled(look.tick()).await.is_some() {
        // Looking only reads: what it is in the middle of is looked at again by whoever comes next.
        let looked = slipway.shutdown.run_until_cancelled(drift::look_where_due(&slipway.host, every)).await;
        match looked {
            None => return,
            Some(Ok(0)) => {}
            Some(Ok(looked)) => tracing::info!(looked, "looked at targets for drift"),
            Some(Err(error)) => tracing::error!(?error, "targets could not be looked at for drift"),
        }
    }
}
