//! Leases: which worker sends which delivery.

use super::OF_ONE;
use crate::{
    Host, Result,
    webhook::{
        delivery::entity::{Column, Entity},
        entity as webhook,
    },
};
use model::webhook::DeliveryStatus;
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect,
    prelude::Uuid,
    sea_query::{Alias, Expr, Query, SelectStatement},
};
use std::{collections::HashMap, time::Duration};

/// How long a delivery stays with a worker that no longer says anything: longer than any call takes.
pub(super) const LEASE: Duration = Duration::from_mins(1);
/// Deliveries among which is chosen.
const CANDIDATES: u64 = 200;

/// A delivery that a worker has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Claimed {
    pub id: Uuid,
    pub webhook: Uuid,
    pub event: String,
    pub body: String,
    pub tries: i32,
    pub tries_before: i32,
    pub owner: Uuid,
    pub token: i64,
}

/// Claims deliveries that are due and that nobody has, the longest due first. `under_way` are the webhooks of the calls
/// that this worker makes at the moment.
pub(super) async fn claim(host: &Host, owner: Uuid, most: usize, under_way: &[Uuid]) -> Result<Vec<Claimed>> {
    if most == 0 {
        return Ok(Vec::new());
    }
    let now = host.clock.now();
    let free = Condition::any().add(Column::LeaseUntil.is_null()).add(Column::LeaseUntil.lt(now.0));
    let due = Condition::all().add(Column::Due.lte(now.0)).add(free);
    let active = Query::select()
        .column(webhook::Column::Id)
        .from(webhook::Entity)
        .and_where(Expr::col((webhook::Entity, webhook::Column::Active)).eq(true))
        .to_owned();
    let candidates: Vec<(Uuid, Uuid, Option<Uuid>)> = Entity::find()
        .select_only()
        .columns([Column::Id, Column::WebhookId, Column::RunId])
        .filter(due.clone())
        .filter(Column::WebhookId.in_subquery(active))
        .filter(Column::WebhookId.is_not_in(full(under_way)))
        .filter(Expr::exists(earlier()).not())
        .order_by_asc(Column::Due)
        .order_by_asc(Column::RunId)
        .order_by_asc(Column::Number)
        .order_by_asc(Column::Id)
        .limit(CANDIDATES)
        .into_tuple()
        .all(&host.database)
        .await?;
    let ids = pick(candidates.into_iter().map(|(id, webhook, _)| (id, webhook)), under_way, most);
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    // Another worker may have been faster with some of them; then the condition no longer holds.
    let claimed = Entity::update_many()
        .col_expr(Column::LeaseOwner, Expr::value(owner))
        .col_expr(Column::LeaseToken, Expr::col(Column::LeaseToken).add(1))
        .col_expr(Column::LeaseUntil, Expr::value((now + LEASE).0))
        .filter(Column::Id.is_in(ids))
        .filter(due)
        .exec_with_returning(&host.database)
        .await?;
    let claimed = claimed.into_iter().map(|row| Claimed {
        id: row.id,
        webhook: row.webhook_id,
        event: row.event,
        body: row.body,
        tries: row.tries,
        tries_before: row.tries_before,
        owner,
        token: row.lease_token,
    });
    Ok(claimed.collect())
}

/// An earlier event of the same run that the same webhook was not sent yet: receivers get them in order. One that failed
/// holds up nothing.
fn earlier() -> SelectStatement {
    let earlier = Alias::new("earlier");
    let of = |column: Column| Expr::col((earlier.clone(), column));
    Query::select()
        .expr(Expr::value(1))
        .from_as(Entity, earlier.clone())
        .and_where(of(Column::WebhookId).equals((Entity, Column::WebhookId)))
        .and_where(of(Column::RunId).equals((Entity, Column::RunId)))
        .and_where(of(Column::Number).lt(Expr::col((Entity, Column::Number))))
        .and_where(of(Column::Status).eq(DeliveryStatus::Waiting.code()))
        .and_where(of(Column::Tries).eq(0))
        .to_owned()
}

/// Calls of each webhook.
fn calls(under_way: &[Uuid]) -> HashMap<Uuid, usize> {
    let mut calls: HashMap<Uuid, usize> = HashMap::new();
    for webhook in under_way {
        *calls.entry(*webhook).or_default() += 1;
    }
    calls
}

/// Webhooks that have as many calls under way as one may have: however much waits for them, it hides nothing of others.
fn full(under_way: &[Uuid]) -> Vec<Uuid> {
    calls(under_way).into_iter().filter(|(_, calls)| *calls >= OF_ONE).map(|(webhook, _)| webhook).collect()
}

/// At most so many deliveries, and not too many of one webhook; whoever has the fewest calls goes first, and among equals
/// what is longest due.
fn pick(candidates: impl Iterator<Item = (Uuid, Uuid)>, under_way: &[Uuid], most: usize) -> Vec<Uuid> {
    let mut busy = calls(under_way);
    let mut ranked: Vec<(usize, Uuid)> = candidates
        .filter_map(|(id, webhook)| {
            let calls = busy.entry(webhook).or_default();
            *calls += 1;
            (*calls <= OF_ONE).then_some((*calls, id))
        })
        .collect();
    ranked.sort_by_key(|(calls, _)| *calls);
    ranked.into_iter().map(|(_, id)| id).take(most).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_webhook_does_not_take_every_place() {
        let [slow, quick] = [1, 2].map(Uuid::from_u128);
        let candidates = || (0..10).map(|id| (Uuid::from_u128(id), if id < 9 { slow } else { quick }));
        let ids = |numbers: &[u128]| numbers.iter().map(|id| Uuid::from_u128(*id)).collect::<Vec<_>>();
        assert_eq!(pick(candidates(), &[], 16), ids(&[0, 9, 1, 2, 3]));
        assert_eq!(pick(candidates(), &[slow, slow, slow], 16), ids(&[9, 0]));
        assert_eq!(pick(candidates(), &[slow, slow, slow, slow, quick], 16), ids(&[9]));
        assert_eq!(pick(candidates(), &[], 2), ids(&[0, 9]));
        assert_eq!(full(&[slow, slow, slow, slow, quick]), [slow]);
    }
}
