//! Failed attempts, counted in the database, so that guessing is slow whoever guesses and at what.
//!
//! Each further failure makes its subject wait longer, up to five minutes. Counted are the name that is tried, whether
//! anybody has it or not, and the address that tries. A browser in which the person signed in before is counted by
//! itself: a stranger who keeps a name waiting does not keep its holder out of the browsers they use.

use crate::{Host, Result};
use model::{Timestamp, id::UserId};
use sea_orm::{ActiveValue::Set, QuerySelect, entity::prelude::*, sea_query::OnConflict};
use sha2::{Digest, Sha256};
use std::{net::IpAddr, time::Duration};

/// The wait after the first failure that costs; each further one doubles it.
const FIRST_WAIT: Duration = Duration::from_secs(5);
/// The longest wait.
const LONGEST_WAIT: Duration = Duration::from_mins(5);
/// How long failures are remembered after the last one.
const MEMORY: Duration = Duration::from_hours(24);

/// What failures are counted for.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Subject<'a> {
    /// A name to sign in with, in lower case.
    Name(&'a str),
    /// A network address that signs in.
    Address(IpAddr),
    /// A browser that is known, by the hash of its token.
    Browser(&'a str),
    /// Somebody who is signed in and confirms it with their password.
    Password(UserId),
    /// A network address that sends tokens of programs.
    Tokens(IpAddr),
}

impl Subject<'_> {
    /// Failures in a row that cost nothing. Many people may share an address.
    fn free(self) -> i32 {
        match self {
            Self::Name(_) | Self::Browser(_) | Self::Password(_) => 4,
            Self::Address(_) | Self::Tokens(_) => 29,
        }
    }

    /// What it is kept under. A hash, so that nobody reads which names were tried, some of which are passwords.
    fn key(self) -> String {
        let text = match self {
            Self::Name(name) => format!("name {name}"),
            Self::Address(address) => format!("address {}", network(address)),
            Self::Browser(hash) => format!("browser {hash}"),
            Self::Password(user) => format!("password {user}"),
            Self::Tokens(address) => format!("tokens {}", network(address)),
        };
        hex::encode(Sha256::digest(text))
    }
}

/// What one customer of a network provider has: an IPv4 address, or the first half of an IPv6 address.
pub(super) fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6((address.to_bits() & !u128::from(u64::MAX)).into()),
        address @ IpAddr::V4(_) => address,
    }
}

/// How long a subject waits after so many failures in a row.
fn wait(failures: i32, free: i32) -> Option<Duration> {
    let doublings = u32::try_from(failures.checked_sub(free)?.checked_sub(1)?).ok()?;
    Some(FIRST_WAIT.saturating_mul(2_u32.saturating_pow(doublings)).min(LONGEST_WAIT))
}

/// An attempt that was counted as failed before it is known how it goes.
#[derive(Debug)]
pub(crate) struct Counted {
    key: String,
    failures: i32,
}

/// Why an attempt does not count.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Waits {
    /// Until when the subject waits.
    pub(crate) until: Timestamp,
}

/// Counts an attempt as failed, so that many at once are slowed down as well. Whoever passes forgets the count
/// ([`forget`], [`take_back`]).
pub(crate) async fn count(host: &Host, subject: Subject<'_>) -> Result<std::result::Result<Counted, Waits>> {
    let (key, now) = (subject.key(), host.now());
    let transaction = host.begin().await?;
    let first =
        ActiveModel { subject: Set(key.clone()), failures: Set(0), blocked_until: Set(None), last_failed: Set(now) };
    Entity::insert(first)
        .on_conflict(OnConflict::column(Column::Subject).do_nothing().to_owned())
        .exec_without_returning(&transaction)
        .await?;
    let Some(row) = Entity::find_by_id(key.as_str()).lock_exclusive().one(&transaction).await? else {
        // Removed by the hourly sweep between two statements: the next attempt counts.
        return Ok(Err(Waits { until: Timestamp(now) }));
    };
    if let Some(until) = row.blocked_until.filter(|until| *until > now) {
        return Ok(Err(Waits { until: Timestamp(until) }));
    }
    let before = if Timestamp(now).since(Timestamp(row.last_failed)) < MEMORY { row.failures } else { 0 };
    let failures = before.saturating_add(1);
    let blocked_until = wait(failures, subject.free()).map(|wait| (Timestamp(now) + wait).0);
    Entity::update_many()
        .col_expr(Column::Failures, Expr::value(failures))
        .col_expr(Column::BlockedUntil, Expr::value(blocked_until))
        .col_expr(Column::LastFailed, Expr::value(now))
        .filter(Column::Subject.eq(key.as_str()))
        .exec(&transaction)
        .await?;
    transaction.commit().await?;
    Ok(Ok(Counted { key, failures }))
}

/// Until when a subject waits, if it does. Counts nothing.
pub(crate) async fn waits(host: &Host, subject: Subject<'_>) -> Result<Option<Timestamp>> {
    let row = Entity::find_by_id(subject.key()).one(&host.database).await?;
    Ok(row.and_then(|row| row.blocked_until).filter(|until| *until > host.now()).map(Timestamp))
}

/// Forgets the failures of a subject that has passed.
pub(crate) async fn forget(connection: &impl ConnectionTrait, subject: Subject<'_>) -> Result<()> {
    Entity::delete_by_id(subject.key()).exec(connection).await?;
    Ok(())
}

/// Takes one attempt back that was no failure, and keeps the others: signing in to an account of one's own does not
/// make guessing at others free again.
pub(crate) async fn take_back(host: &Host, counted: &Counted) -> Result<()> {
    Entity::update_many()
        .col_expr(Column::Failures, Expr::value(counted.failures - 1))
        .col_expr(Column::BlockedUntil, Expr::value(None::<i64>))
        .filter(Column::Subject.eq(counted.key.as_str()))
        .filter(Column::Failures.eq(counted.failures))
        .exec(&host.database)
        .await?;
    Ok(())
}

/// Removes what is not remembered any more, and tells how much that was.
pub(crate) async fn delete_forgotten(host: &Host) -> Result<u64> {
    let oldest = host.now().saturating_sub(i64::try_from(MEMORY.as_millis()).unwrap_or(i64::MAX));
    let deleted = Entity::delete_many().filter(Column::LastFailed.lte(oldest)).exec(&host.database).await?;
    Ok(deleted.rows_affected)
}

/// Failures of a subject.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "sign_in_attempt")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub subject: String,
    pub failures: i32,
    pub blocked_until: Option<i64>,
    pub last_failed: i64,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]
    use super::*;

    #[test]
    fn waits_begin_after_the_free_failures_and_grow_to_five_minutes() {
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
            assert_eq!(wait(failures, 4), seconds.map(Duration::from_secs), "{failures}");
        }
        assert_eq!(wait(29, Subject::Tokens([127, 0, 0, 1].into()).free()), None);
        assert_eq!(wait(30, Subject::Tokens([127, 0, 0, 1].into()).free()), Some(FIRST_WAIT));
    }

    #[test]
    fn an_address_is_counted_for_the_network_of_its_customer() {
        for (one, other, same) in [
            ("192.0.2.1", "192.0.2.1", true),
            ("192.0.2.1", "192.0.2.2", false),
            ("192.0.2.1", "::ffff:192.0.2.1", true),
            ("2001:db8::1", "2001:db8::ffff:2", true),
            ("2001:db8::1", "2001:db8:0:1::1", false),
        ] {
            let key = |text: &str| Subject::Address(text.parse().unwrap()).key();
            assert_eq!(key(one) == key(other), same, "{one} {other}");
        }
        assert_ne!(Subject::Address([127, 0, 0, 1].into()).key(), Subject::Tokens([127, 0, 0, 1].into()).key());
    }
}
