//! Failed attempts to sign in, counted in the database for each account.
//!
//! From the fifth failure on each further one makes the account wait longer, up to five minutes: guessing becomes
//! hopeless, and the holder is never locked out for good.

use super::entity::{Column, Entity, Model};
use crate::{Host, Result};
use sea_orm::{Condition, entity::prelude::*};
use std::time::Duration;

/// Failures in a row that cost nothing.
const FREE: i32 = 4;
/// The wait after the first failure that costs; each further one doubles it.
const FIRST_WAIT: Duration = Duration::from_secs(5);
/// The longest wait.
const LONGEST_WAIT: Duration = Duration::from_mins(5);

/// How long an account waits after so many failures in a row.
fn wait(failures: i32) -> Option<Duration> {
    let doublings = u32::try_from(failures - FREE - 1).ok()?;
    Some(FIRST_WAIT.saturating_mul(2_u32.saturating_pow(doublings)).min(LONGEST_WAIT))
}

/// Counts an attempt as failed before it is known how it goes; false when the account waits, or when another attempt
/// came in between. Whoever passes forgets the count ([`forget`]).
pub(super) async fn count(host: &Host, account: &Model) -> Result<bool> {
    let now = host.now();
    let failures = account.failed_sign_ins.saturating_add(1);
    let blocked_until = wait(failures).map(|wait| (host.clock.now() + wait).0);
    let counted = Entity::update_many()
        .col_expr(Column::FailedSignIns, Expr::value(failures))
        .col_expr(Column::BlockedUntil, Expr::value(blocked_until))
        .filter(Column::Id.eq(account.id))
        .filter(Column::FailedSignIns.eq(account.failed_sign_ins))
        .filter(Condition::any().add(Column::BlockedUntil.is_null()).add(Column::BlockedUntil.lte(now)))
        .exec(&host.database)
        .await?;
    Ok(counted.rows_affected == 1)
}

/// Forgets the failures of an account whose holder has come in.
pub(super) async fn forget(host: &Host, account: &Model) -> Result<()> {
    Entity::update_many()
        .col_expr(Column::FailedSignIns, Expr::value(0))
        .col_expr(Column::BlockedUntil, Expr::value(None::<i64>))
        .filter(Column::Id.eq(account.id))
        .exec(&host.database)
        .await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]
    use super::*;

    #[test]
    fn waits_begin_with_the_fifth_failure_and_grow_to_five_minutes() {
        for (failures, seconds) in [
            (0, None),
            (1, None),
            (4, None),
            (5, Some(5)),
            (6, Some(10)),
            (7, Some(20)),
            (10, Some(160)),
            (11, Some(300)),
            (1000, Some(300)),
            (i32::MAX, Some(300)),
        ] {
            assert_eq!(wait(failures), seconds.map(Duration::from_secs), "{failures}");
        }
    }
}
