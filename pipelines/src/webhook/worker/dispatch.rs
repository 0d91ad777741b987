//! From the outbox to deliveries.

use crate::{
    Error, Host, Result,
    event::{
        Facts,
        entity::{Column as EventColumn, Entity as Events, Model as Event},
    },
    webhook::{
        delivery::{self, entity as deliveries},
        entity::{self as webhook, Model as Webhook},
        payload::Told,
    },
};
use model::{Timestamp, event::EventName, id::DeliveryId};
use sea_orm::{
    ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    prelude::Uuid,
    sea_query::{Condition, Expr, OnConflict},
};

/// Events that are looked at in one go.
const EVENTS: u64 = 100;
/// Deliveries written in one statement: SQLite binds at most 32,766 values, and each has 16.
const ROWS: usize = 1_000;

/// Writes a delivery for each webhook that an event concerns, once for each event, whoever else does the same.
pub(super) async fn dispatch(host: &Host) -> Result<()> {
    while some(host).await? {}
    Ok(())
}

/// Dispatches some events. False when there were no more than those.
async fn some(host: &Host) -> Result<bool> {
    let keys: Vec<(Uuid, i64)> = Events::find()
        .select_only()
        .columns([EventColumn::RunId, EventColumn::Number])
        .filter(EventColumn::Dispatched.is_null())
        .order_by_asc(EventColumn::At)
        .order_by_asc(EventColumn::RunId)
        .order_by_asc(EventColumn::Number)
        .limit(EVENTS)
        .into_tuple()
        .all(&host.database)
        .await?;
    if keys.is_empty() {
        return Ok(false);
    }
    let more = keys.len() as u64 == EVENTS;
    let one = |(run, number): (Uuid, i64)| {
        Condition::all().add(EventColumn::RunId.eq(run)).add(EventColumn::Number.eq(number))
    };
    let these = keys.into_iter().map(one).fold(Condition::any(), Condition::add);
    let transaction = host.begin().await?;
    // Another worker may have been faster with some of them; then the condition no longer holds.
    let mut events = Events::update_many()
        .col_expr(EventColumn::Dispatched, Expr::value(host.now()))
        .filter(these)
        .filter(EventColumn::Dispatched.is_null())
        .exec_with_returning(&transaction)
        .await?;
    events.sort_by_key(|event| (event.at, event.run_id, event.number));
    let webhooks = webhook::Entity::find().filter(webhook::Column::Active.eq(true)).all(&transaction).await?;
    let mut rows = Vec::new();
    for event in &events {
        match of_event(host, event, &webhooks) {
            Ok(deliveries) => rows.extend(deliveries),
            // What cannot be read now cannot be read later; the others are not to wait for it.
            Err(error) => {
                let error = &error as &dyn std::error::Error;
                tracing::error!(run = %event.run_id, number = event.number, error, "an event cannot be told");
            }
        }
    }
    while !rows.is_empty() {
        let some: Vec<_> = rows.drain(..rows.len().min(ROWS)).collect();
        deliveries::Entity::insert_many(some)
            .on_conflict(OnConflict::new().do_nothing().to_owned())
            .exec_without_returning(&transaction)
            .await?;
    }
    transaction.commit().await?;
    Ok(more)
}

fn of_event(host: &Host, event: &Event, webhooks: &[Webhook]) -> Result<Vec<deliveries::ActiveModel>> {
    let name = EventName::from_name(&event.name)
        .ok_or_else(|| Error::Internal(format!("{} is no event of this release", event.name)))?;
    let mut concerned = webhooks.iter().filter(|webhook| webhook.is_told(name, event.pipeline_id)).peekable();
    if concerned.peek().is_none() {
        return Ok(Vec::new());
    }
    let facts = Facts::read(&event.facts)?;
    let told = Told {
        event: Some(name),
        number: event.number,
        at: Timestamp(event.at),
        facts: &facts,
        public_url: &host.outgoing.public_url,
    };
    let row =
        |webhook: &Webhook| delivery::new(DeliveryId(host.ids.next()), webhook.id, &told, told.body(webhook.form()));
    Ok(concerned.map(row).collect())
}
