//! Leases: which worker has which run.

use super::{
    super::entity::{Column, Entity, Model},
    LEASE,
};
use crate::{Host, Result};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect, prelude::Uuid,
    sea_query::Expr,
};

/// Claims runs that are due and that nobody has, the longest due first.
pub(super) async fn claim(host: &Host, owner: Uuid, most: usize) -> Result<Vec<Model>> {
    let now = host.clock.now();
    let due = Condition::all().add(Column::Due.lte(now.0)).add(free(now.0));
    let ids: Vec<Uuid> = Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(due.clone())
        .order_by_asc(Column::Due)
        .order_by_asc(Column::Id)
        .limit(u64::try_from(most).unwrap_or(u64::MAX))
        .into_tuple()
        .all(&host.database)
        .await?;
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
    Ok(claimed)
}

/// Keeps the runs that a worker has.
pub(super) async fn renew(host: &Host, owner: Uuid) -> Result<()> {
    let until = host.clock.now() + LEASE;
    Entity::update_many()
        .col_expr(Column::LeaseUntil, Expr::value(until.0))
        .filter(Column::Due.is_not_null())
        .filter(Column::LeaseOwner.eq(owner))
        .exec(&host.database)
        .await?;
    Ok(())
}

fn free(now: i64) -> Condition {
    Condition::any().add(Column::LeaseUntil.is_null()).add(Column::LeaseUntil.lt(now))
}
