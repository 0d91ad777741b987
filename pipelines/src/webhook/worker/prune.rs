//! Forgetting what was told long ago.

use crate::{
    Host, Result,
    event::entity as event,
    webhook::delivery::entity::{Column, Entity},
};
use sea_orm::{
    ColumnTrait, EntityTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect,
    prelude::Uuid,
    sea_query::{Condition, Expr},
};
use std::time::Duration;

/// How long deliveries are kept that have come to an end.
const DELIVERIES: Duration = Duration::from_hours(24 * 30);
/// How long events are kept that everybody was told of.
const EVENTS: Duration = Duration::from_hours(24 * 7);
/// Rows that are removed in one go, so that nobody waits for long.
const ROWS: u64 = 500;

/// Removes old events and deliveries, and tells how many there were. Nothing that still waits is removed.
pub async fn prune(host: &Host) -> Result<u64> {
    let mut removed = 0;
    let before = |age: Duration| host.now() - i64::try_from(age.as_millis()).unwrap_or(i64::MAX);
    loop {
        let old: Vec<Uuid> = Entity::find()
            .select_only()
            .column(Column::Id)
            .filter(Column::Ended.lt(before(DELIVERIES)))
            .order_by_asc(Column::Ended)
            .limit(ROWS)
            .into_tuple()
            .all(&host.database)
            .await?;
        let some = old.len() as u64;
        if some > 0 {
            let gone = Entity::delete_many()
                .filter(Column::Id.is_in(old))
                // Somebody may have had one of them sent again just now.
                .filter(Column::Ended.lt(before(DELIVERIES)))
                .exec(&host.database)
                .await?;
            removed += gone.rows_affected;
        }
        if some < ROWS {
            break;
        }
    }
    loop {
        let old: Vec<(Uuid, i64)> = event::Entity::find()
            .select_only()
            .columns([event::Column::RunId, event::Column::Number])
            .filter(event::Column::Dispatched.lt(before(EVENTS)))
            // The last one of a run tells the number of the next.
            .filter(Expr::exists(later()))
            .order_by_asc(event::Column::Dispatched)
            .limit(ROWS)
            .into_tuple()
            .all(&host.database)
            .await?;
        let some = old.len() as u64;
        if some == 0 {
            return Ok(removed);
        }
        let one = |(run, number): (Uuid, i64)| {
            Condition::all().add(event::Column::RunId.eq(run)).add(event::Column::Number.eq(number))
        };
        let these = old.into_iter().map(one).fold(Condition::any(), Condition::add);
        removed += event::Entity::delete_many().filter(these).exec(&host.database).await?.rows_affected;
        if some < ROWS {
            return Ok(removed);
        }
    }
}

/// A later event of the same run.
fn later() -> sea_orm::sea_query::SelectStatement {
    let later = sea_orm::sea_query::Alias::new("later");
    sea_orm::sea_query::Query::select()
        .expr(Expr::value(1))
        .from_as(event::Entity, later.clone())
        .and_where(Expr::col((later.clone(), event::Column::RunId)).equals((event::Entity, event::Column::RunId)))
        .and_where(Expr::col((later, event::Column::Number)).gt(Expr::col((event::Entity, event::Column::Number))))
        .to_owned()
}
