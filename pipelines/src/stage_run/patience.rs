//! How long is waited for an environment's answer, so that one that hangs keeps nobody for ever.

use environment::EnvironmentError;
use std::{future::Future, time::Duration};

/// While a person waits for a page.
pub(crate) const OF_PEOPLE: Duration = Duration::from_secs(10);

/// While the worker waits for something that is quick: a question, a small change.
pub(super) const FOR_ANSWERS: Duration = Duration::from_mins(1);

/// While the worker waits for a package to be written, read or sent.
pub(super) const FOR_PACKAGES: Duration = Duration::from_mins(30);

/// Waits for an answer, but not for ever.
pub(crate) async fn within<T>(
    patience: Duration,
    answer: impl Future<Output = Result<T, EnvironmentError>>,
) -> Result<T, EnvironmentError> {
    tokio::time::timeout(patience, answer).await.unwrap_or_else(|_| {
        let reason = format!("It did not answer within {} seconds.", patience.as_secs());
        Err(EnvironmentError::Unreachable { reason, retry_after: None })
    })
}
