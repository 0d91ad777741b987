//! What runs beside the answering of requests.

use crate::slipway::Slipway;
use pipelines::{deployment_environment, session, stage_run};
use std::{future::Future, time::Duration};
use tokio::{sync::broadcast::error::RecvError, time::MissedTickBehavior};
use tokio_util::task::TaskTracker;

/// How often sessions that ended are removed.
const SESSIONS: Duration = Duration::from_hours(1);

/// How often records of environments that wait for validation are looked for without word of them.
const VALIDATION: Duration = Duration::from_secs(10);

/// Starts everything. The tracker is done when all of it has ended after the shutdown.
pub fn start(slipway: &Slipway) -> TaskTracker {
    let tracker = TaskTracker::new();
    tracker.spawn(stage_run::worker::run(slipway.host.clone(), slipway.shutdown.clone()));
    tracker.spawn(validate(slipway.clone()));
    tracker.spawn(until_shutdown(slipway.clone(), remove_ended_sessions(slipway.clone())));
    tracker.close();
    tracker
}

async fn until_shutdown(slipway: Slipway, work: impl Future<Output = ()>) {
    tokio::select! {
        () = slipway.shutdown.cancelled() => {}
        () = work => {}
    }
}

/// Validates new records of environments: at once on word of work, and from time to time without. A validation that has
/// begun is finished before the process ends.
async fn validate(slipway: Slipway) {
    let mut news = slipway.host.news().listen();
    loop {
        if let Err(error) = deployment_environment::validate_pending(&slipway.host).await {
            tracing::error!(?error, "environments could not be validated");
        }
        let word = async {
            loop {
                match news.recv().await {
                    Ok(pipelines::Topic::Run(_)) => {}
                    Ok(_) | Err(RecvError::Lagged(_)) => return,
                    Err(RecvError::Closed) => std::future::pending().await,
                }
            }
        };
        tokio::select! {
            () = slipway.shutdown.cancelled() => return,
            () = word => {}
            () = tokio::time::sleep(VALIDATION) => {}
        }
    }
}

async fn remove_ended_sessions(slipway: Slipway) {
    let mut hour = tokio::time::interval(SESSIONS);
    hour.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        hour.tick().await;
        match session::delete_expired(&slipway.host).await {
            Ok(removed) => tracing::debug!(removed, "removed sessions that had ended"),
            Err(error) => tracing::error!(?error, "sessions that ended could not be removed"),
        }
    }
}
