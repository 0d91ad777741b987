//! Whether the process lives and is ready, for whoever watches over it.

use crate::slipway::Slipway;
use axum::extract::State;
use http::StatusCode;
use std::time::Duration;

/// How long the database may take to answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// The process answers.
pub async fn live() -> &'static str {
    "live\n"
}

/// The process takes requests and its database answers.
pub async fn ready(State(slipway): State<Slipway>) -> (StatusCode, &'static str) {
    if slipway.shutdown.is_cancelled() {
        return (StatusCode::SERVICE_UNAVAILABLE, "shutting down\n");
    }
    match tokio::time::timeout(PATIENCE, slipway.database.ping()).await {
        Ok(Ok(())) => (StatusCode::OK, "ready\n"),
        Ok(Err(error)) => {
            tracing::error!(%error, "the database does not answer");
            (StatusCode::SERVICE_UNAVAILABLE, "the database does not answer\n")
        }
        Err(_) => (StatusCode::SERVICE_UNAVAILABLE, "the database takes too long to answer\n"),
    }
}
