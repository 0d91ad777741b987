//! New ids, passed in so that tests are exact.

use std::sync::atomic::{AtomicU64, Ordering};
use uuid::Uuid;

/// Makes ids that have not been used before.
pub trait Ids: Send + Sync {
    /// A new id.
    fn next(&self) -> Uuid;
}

/// Random ids that begin with the time, so that new rows stand together in an index (UUID version 7).
#[derive(Clone, Copy, Debug, Default)]
pub struct RandomIds;

impl Ids for RandomIds {
    #[allow(clippy::disallowed_methods, reason = "these are the ids that everything else takes")]
    fn next(&self) -> Uuid {
        Uuid::now_v7()
    }
}

/// Ids that count from one, for tests.
#[derive(Debug, Default)]
pub struct CountingIds(AtomicU64);

impl Ids for CountingIds {
    fn next(&self) -> Uuid {
        Uuid::from_u128(u128::from(self.0.fetch_add(1, Ordering::SeqCst) + 1))
    }
}
