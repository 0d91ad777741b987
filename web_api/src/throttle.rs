//! The platform's service-protection limits, for each user: requests in a span of time, and requests at once.

use crate::error::ApiError;
use environment::Clock;
use model::{ErrorCode, Timestamp};
use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use uuid::Uuid;

/// `Number of requests exceeded the limit`.
const TOO_MANY: ErrorCode = ErrorCode(0x8007_2322);
/// `Number of concurrent requests exceeded the limit`.
const TOO_MANY_AT_ONCE: ErrorCode = ErrorCode(0x8007_2326);

/// Users remembered; whoever has not asked for longest is forgotten first.
const MOST_USERS: usize = 1000;

/// How much one user may ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Requests within the span.
    pub requests: usize,
    /// The span.
    pub span: Duration,
    /// Requests at once.
    pub at_once: usize,
}

impl Default for Limits {
    /// The platform's own.
    fn default() -> Self {
        Self { requests: 6000, span: Duration::from_mins(5), at_once: 52 }
    }
}

/// Counts requests.
pub struct Throttle {
    limits: Limits,
    clock: Arc<dyn Clock>,
    users: Mutex<HashMap<Uuid, User>>,
}

#[derive(Default)]
struct User {
    began: VecDeque<Timestamp>,
    running: usize,
}

/// A request that was let in, until it is dropped.
pub(crate) struct Permit {
    throttle: Arc<Throttle>,
    user: Uuid,
    /// Requests left in the span.
    pub(crate) left: usize,
}

impl Throttle {
    /// With limits for each user.
    pub fn new(limits: Limits, clock: Arc<dyn Clock>) -> Self {
        Self { limits, clock, users: Mutex::default() }
    }

    /// Lets a user's request in, or says how long to wait.
    pub(crate) fn admit(self: &Arc<Self>, user: Uuid) -> Result<Permit, ApiError> {
        let now = self.clock.now();
        let Limits { requests, span, at_once } = self.limits;
        let mut users = self.users.lock().unwrap_or_else(PoisonError::into_inner);
        if users.len() >= MOST_USERS && !users.contains_key(&user) {
            users.retain(|_, user| user.running > 0 || user.began.back().is_some_and(|last| now.since(*last) < span));
        }
        let entry = users.entry(user).or_default();
        while entry.began.front().is_some_and(|first| now.since(*first) >= span) {
            entry.began.pop_front();
        }
        if entry.running >= at_once {
            let message = format!("Number of concurrent requests exceeded the limit of {at_once}.");
            return Err(ApiError::throttled(TOO_MANY_AT_ONCE, message, 1));
        }
        if entry.began.len() >= requests {
            let first = entry.began.front().copied().unwrap_or(now);
            let wait = span.saturating_sub(now.since(first)).as_secs() + 1;
            let message = format!(
                "Number of requests exceeded the limit of {requests} over time window of {} seconds.",
                span.as_secs()
            );
            return Err(ApiError::throttled(TOO_MANY, message, wait));
        }
        entry.began.push_back(now);
        entry.running += 1;
        Ok(Permit { throttle: Arc::clone(self), user, left: requests - entry.began.len() })
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        let mut users = self.throttle.users.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(user) = users.get_mut(&self.user) {
            user.running = user.running.saturating_sub(1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use environment::clock::SetClock;

    #[test]
    fn a_user_who_asks_too_much_is_told_how_long_to_wait_and_others_are_not_concerned() {
        let clock = Arc::new(SetClock::at(Timestamp(0)));
        let limits = Limits { requests: 3, span: Duration::from_mins(5), at_once: 2 };
        let throttle = Arc::new(Throttle::new(limits, clock.clone()));
        let (ada, bob) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let first = throttle.admit(ada).unwrap();
        let second = throttle.admit(ada).unwrap();
        let refused = throttle.admit(ada).err().unwrap();
        assert_eq!((refused.status.as_u16(), refused.code), (429, TOO_MANY_AT_ONCE));
        drop((first, second));
        clock.advance(Duration::from_secs(100));
        drop(throttle.admit(ada).unwrap());
        let refused = throttle.admit(ada).err().unwrap();
        assert_eq!((refused.code, refused.retry_after), (TOO_MANY, Some(201)));
        assert!(throttle.admit(bob).is_ok());
        clock.advance(Duration::from_secs(200));
        assert!(throttle.admit(ada).is_ok());
    }
}
