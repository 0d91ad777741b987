//! The outbox of events: what happened to a run is written in the transaction in which it happened, and told to others
//! later. Nothing is lost with a process, and nothing is told of what was never committed.

pub(crate) mod entity;
mod facts;

pub(crate) use facts::Facts;

use crate::{Result, stage_run::entity::Model as Run};
use entity::{ActiveModel, Column, Entity};
use model::{Timestamp, event::EventName};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

/// Writes what has just happened to a run, in order. `run` is as it is now, and held by the transaction of `connection`.
/// A run that comes to its import a second time, because its target was busy, has begun it only once.
pub(crate) async fn announce(
    connection: &impl ConnectionTrait,
    run: &Run,
    at: Timestamp,
    names: impl IntoIterator<Item = EventName>,
) -> Result<()> {
    let mut names = names.into_iter().peekable();
    if names.peek().is_none() {
        return Ok(());
    }
    let last: Option<(i64, String)> = Entity::find()
        .select_only()
        .columns([Column::Number, Column::Name])
        .filter(Column::RunId.eq(run.id))
        .order_by_desc(Column::Number)
        .into_tuple()
        .one(connection)
        .await?;
    let (mut number, mut before) = last.map_or((0, None), |(number, name)| (number, EventName::from_name(&name)));
    let facts = facts::write(run)?;
    let mut rows = Vec::new();
    for name in names {
        if before == Some(EventName::DeploymentStarted) && name == EventName::DeploymentStarted {
            continue;
        }
        (number, before) = (number + 1, Some(name));
        rows.push(ActiveModel {
            run_id: Set(run.id),
            number: Set(number),
            name: Set(name.name().to_owned()),
            at: Set(at.0),
            pipeline_id: Set(run.pipeline_id),
            facts: Set(facts.clone()),
            dispatched: Set(None),
        });
    }
    if !rows.is_empty() {
        Entity::insert_many(rows).exec_without_returning(connection).await?;
    }
    Ok(())
}
