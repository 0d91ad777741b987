//! Somebody who is signed in shows once more that it is they: whoever finds a browser open, or takes its session, does
//! not give themselves a way in that stays.

use super::{Subject, attempt, confirm};
use crate::{Caller, Error, Host, Result, session, user};
use model::Timestamp;
use std::time::Duration;

/// How long ago somebody without a password of Slipway's own signed in for the session they ask in, at most.
const RECENT: Duration = Duration::from_mins(15);

/// Goes on only for somebody who shows that it is they: with their password, at the field `password`, or, where they
/// have none, by having signed in for this very session a short while ago.
pub async fn confirm_themselves(host: &Host, caller: &Caller, password: &str) -> Result<()> {
    caller.require_person()?;
    let account = user::require(&host.database, caller.user).await?;
    if account.password_hash.is_empty() {
        // That the person signed in somewhere else says nothing of who is here.
        return match session::opened(host, caller).await? {
            Some(last) if is_recent(last, host.clock.now()) => Ok(()),
            _ => Err(Error::Refused(
                "You signed in longer than 15 minutes ago. Sign out, sign in again, and repeat this: it shows that it \
                 is you."
                    .to_owned(),
            )),
        };
    }
    if attempt::waits(host, Subject::Password(caller.user)).await?.is_none()
        && confirm(host, &account, password).await?
    {
        return Ok(());
    }
    Err(Error::field("password", "This is not your password."))
}

fn is_recent(last: Timestamp, now: Timestamp) -> bool {
    now.since(last) <= RECENT
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sign_in_is_recent_for_a_quarter_of_an_hour() {
        for (last, now, recent) in [(0, 0, true), (0, 900_000, true), (0, 900_001, false), (0, i64::MAX, false)] {
            assert_eq!(is_recent(Timestamp(last), Timestamp(now)), recent, "{last} {now}");
        }
    }
}
