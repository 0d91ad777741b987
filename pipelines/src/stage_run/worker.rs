//! The worker: takes up runs and brings them to their end.

use crate::Host;
use tokio_util::sync::CancellationToken;

/// Works until `shutdown`.
pub async fn run(_host: Host, shutdown: CancellationToken) {
    shutdown.cancelled().await;
}
