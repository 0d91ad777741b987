//! One call, and what is written of it.

use super::claim::{Claimed, LEASE};
use crate::{
    Host, Result,
    secret::Secret,
    webhook::{
        delivery::entity::{Column, Entity, attempt},
        find,
        pause::pause,
        signature,
    },
};
use async_trait::async_trait;
use model::{Timestamp, id::WebhookId, webhook::DeliveryStatus};
use sea_orm::{ActiveValue::Set, EntityTrait, QueryFilter, entity::prelude::*};
use std::time::{Duration, Instant};

/// How long a call may take, from the look-up of the name to the end of the answer.
const DEADLINE: Duration = Duration::from_secs(15);
/// Characters of an answer that are kept.
const LONGEST_ANSWER: usize = 2_000;

/// A call to make.
#[derive(Clone, Debug)]
pub struct Call {
    /// Where to. May hold what gives access: it is not for logs.
    pub url: Secret,
    /// Headers with their values.
    pub headers: Vec<(&'static str, String)>,
    /// The body: JSON.
    pub body: String,
}

/// What came of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It was answered.
    Status {
        /// The status.
        status: u16,
        /// How the body begins.
        body: String,
    },
    /// There was no answer, for a reason in a sentence.
    None(String),
}

/// Makes calls. It follows no redirect, and connects only to where [`super::super::reach::Reach`] lets it.
#[async_trait]
pub trait Sender: Send + Sync {
    /// Makes a call and reads how the answer begins.
    async fn send(&self, call: &Call) -> Answer;
}

/// Sends a delivery and writes down what came of it, unless somebody else has it by now.
pub(super) async fn send(host: &Host, sender: &dyn Sender, claimed: Claimed) -> Result<()> {
    let webhook = find(&host.database, WebhookId(claimed.webhook)).await?;
    let at = host.clock.now();
    let (id, seconds) = (claimed.id.to_string(), at.0.div_euclid(1_000));
    if !is_held(host, &claimed).await? {
        return Ok(());
    }
    let call = || {
        Ok::<_, crate::Error>(Call {
            url: webhook.address(host)?,
            headers: vec![
                ("content-type", "application/json".to_owned()),
                ("webhook-id", id.clone()),
                ("webhook-timestamp", seconds.to_string()),
                ("webhook-event", claimed.event.clone()),
                ("webhook-signature", signature::sign(&webhook.secret(host)?, &id, seconds, &claimed.body)?),
            ],
            body: claimed.body.clone(),
        })
    };
    let call = match call() {
        Ok(call) => call,
        // It counts as a try, so that it is seen and ends some day, and does not hold up what comes after it.
        Err(error) => {
            tracing::error!(webhook = %webhook.id, error = &error as &dyn std::error::Error, "a delivery cannot be signed");
            let message = "The address or the secret of the webhook cannot be read. Enter both anew.";
            let answer = Answer::None(message.to_owned());
            return write(host, &claimed, &answer, (at, Duration::ZERO), rand::random()).await;
        }
    };
    let began = Instant::now();
    let answer = tokio::time::timeout(DEADLINE, sender.send(&call)).await;
    let answer =
        answer.unwrap_or_else(|_| Answer::None(format!("There was no answer within {} seconds.", DEADLINE.as_secs())));
    let chance = rand::random::<f64>();
    write(host, &claimed, &answer, (at, began.elapsed()), chance).await
}

/// Whether the lease still stands, with time enough for a call. A process may have been paused since the claim.
async fn is_held(host: &Host, claimed: &Claimed) -> Result<bool> {
    let enough = host.clock.now() + DEADLINE;
    Ok(mine(claimed).filter(Column::LeaseUntil.gte(enough.0)).count(&host.database).await? > 0)
}

fn mine(claimed: &Claimed) -> sea_orm::Select<Entity> {
    Entity::find_by_id(claimed.id)
        .filter(Column::LeaseOwner.eq(claimed.owner))
        .filter(Column::LeaseToken.eq(claimed.token))
}

async fn write(
    host: &Host,
    claimed: &Claimed,
    answer: &Answer,
    (at, took): (Timestamp, Duration),
    chance: f64,
) -> Result<()> {
    let tries = claimed.tries + 1;
    let now = host.clock.now();
    let error = failure(answer);
    let since_asked = u32::try_from(tries - claimed.tries_before).unwrap_or(u32::MAX);
    let (status, due) = match (&error, pause(since_asked, chance)) {
        (None, _) => (DeliveryStatus::Delivered, None),
        (Some(_), Some(pause)) => (DeliveryStatus::Waiting, Some(now + pause)),
        (Some(_), None) => (DeliveryStatus::GivenUp, None),
    };
    let (answer_status, body) = match answer {
        Answer::Status { status, body } => (Some(i32::from(*status)), body.as_str()),
        Answer::None(_) => (None, ""),
    };
    let outcome = match answer_status {
        Some(status) => format!("Answered {status}"),
        None => "No answer".to_owned(),
    };
    let transaction = host.begin().await?;
    let written = Entity::update_many()
        .col_expr(Column::Status, Expr::value(status.code()))
        .col_expr(Column::Tries, Expr::value(tries))
        .col_expr(Column::Outcome, Expr::value(outcome))
        .col_expr(Column::Due, Expr::value(due.map(|due| due.0)))
        .col_expr(Column::Ended, Expr::value(due.is_none().then_some(now.0)))
        .col_expr(Column::LeaseOwner, Expr::value(Option::<Uuid>::None))
        .col_expr(Column::LeaseUntil, Expr::value(Option::<i64>::None))
        .filter(Column::Id.eq(claimed.id))
        .filter(Column::LeaseOwner.eq(claimed.owner))
        .filter(Column::LeaseToken.eq(claimed.token))
        .exec(&transaction)
        .await?;
    if written.rows_affected == 0 {
        // Somebody else has it, or it was deleted with its webhook.
        return Ok(transaction.rollback().await?);
    }
    attempt::Entity::insert(attempt::ActiveModel {
        delivery_id: Set(claimed.id),
        number: Set(tries),
        at: Set(at.0),
        milliseconds: Set(i64::try_from(took.as_millis()).unwrap_or(i64::MAX)),
        answer_status: Set(answer_status),
        answer: Set(cut(body)),
        error: Set(cut(&error.unwrap_or_default())),
    })
    .exec_without_returning(&transaction)
    .await?;
    Ok(transaction.commit().await?)
}

/// Why an answer is not a success; none where it is one.
fn failure(answer: &Answer) -> Option<String> {
    match answer {
        Answer::Status { status: 200..=299, .. } => None,
        Answer::Status { status: 300..=399, .. } => {
            Some("The receiver leads elsewhere, and Slipway does not follow. Enter the address itself.".to_owned())
        }
        Answer::Status { status, .. } => Some(format!("The receiver answered {status}.")),
        Answer::None(reason) => Some(reason.clone()),
    }
}

/// Answers come from anybody: PostgreSQL keeps no NUL, and nobody reads a megabyte.
fn cut(text: &str) -> String {
    text.chars().filter(|character| *character != '\0').take(LONGEST_ANSWER).collect()
}

/// A claim outlives its call.
const _: () = assert!(DEADLINE.as_secs() * 2 < LEASE.as_secs());

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn only_an_answer_of_success_is_one() {
        for (status, expected) in [(200, true), (204, true), (299, true), (302, false), (404, false), (503, false)] {
            let answer = Answer::Status { status, body: String::new() };
            assert_eq!(failure(&answer).is_none(), expected, "{status}");
        }
        assert_eq!(failure(&Answer::None("Nobody there.".to_owned())).unwrap(), "Nobody there.");
    }

    #[test]
    fn what_is_kept_of_an_answer_is_short_and_has_no_nul() {
        assert_eq!(cut("a\0b"), "ab");
        assert_eq!(cut(&"x".repeat(10_000)).len(), LONGEST_ANSWER);
    }
}
