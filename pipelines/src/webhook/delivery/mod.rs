//! Deliveries: one event on its way to one webhook, with everything that was tried.

pub(super) mod entity;

use super::{
    find,
    payload::{self, Told},
};
use crate::{
    Caller, Error, Host, Result, access,
    audit::{self, Entry},
};
use entity::{
    ActiveModel, Column, Entity, Model,
    attempt::{Column as TryColumn, Entity as Tries},
};
use model::{
    audit::{AuditAction, AuditSubject},
    id::{DeliveryId, WebhookId},
    page::Page,
    webhook::{Delivery, DeliveryStatus, DeliveryTry},
};
use sea_orm::{ActiveValue::Set, ExprTrait, QueryOrder, QuerySelect, entity::prelude::*};

/// Deliveries on a page.
const PAGE: u64 = 50;
/// Tries that are shown; the latest ones.
const MOST_TRIES: u64 = 50;

/// A delivery with what was sent and what was answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inspection {
    /// The delivery.
    pub delivery: Delivery,
    /// Name of its webhook.
    pub webhook: String,
    /// Scheme and host of the address.
    pub origin: String,
    /// What is sent.
    pub body: String,
    /// The latest tries, newest first.
    pub tries: Vec<DeliveryTry>,
}

/// Deliveries of a webhook, newest first. Administrators only.
pub async fn deliveries(host: &Host, caller: &Caller, webhook: WebhookId, page: u64) -> Result<Page<Delivery>> {
    caller.require_administrator()?;
    let number = page.clamp(1, 1_000_000);
    let before = (number - 1) * PAGE;
    let mut rows = Entity::find()
        .filter(Column::WebhookId.eq(webhook.0))
        .order_by_desc(Column::Created)
        .order_by_desc(Column::RunId)
        .order_by_desc(Column::Number)
        .offset(before)
        .limit(PAGE + 1)
        .all(&host.database)
        .await?;
    let shown = usize::try_from(PAGE).unwrap_or(usize::MAX);
    let more = rows.len() > shown;
    rows.truncate(shown);
    let total = before + rows.len() as u64;
    Ok(Page { rows: rows.into_iter().map(Model::view).collect(), number, size: PAGE, total, more })
}

/// One delivery with its tries. Administrators only.
pub async fn inspect(host: &Host, caller: &Caller, id: DeliveryId) -> Result<Inspection> {
    caller.require_administrator()?;
    let row = find_delivery(&host.database, id).await?;
    let webhook = find(&host.database, WebhookId(row.webhook_id)).await?;
    let tries = Tries::find()
        .filter(TryColumn::DeliveryId.eq(id.0))
        .order_by_desc(TryColumn::Number)
        .limit(MOST_TRIES)
        .all(&host.database)
        .await?;
    Ok(Inspection {
        body: row.body.clone(),
        delivery: row.view(),
        webhook: webhook.name,
        origin: webhook.origin,
        tries: tries.into_iter().map(entity::attempt::Model::view).collect(),
    })
}

/// Has a delivery sent once more, with as many tries as a new one. It keeps its id. Administrators only.
pub async fn send_again(host: &Host, caller: &Caller, id: DeliveryId) -> Result<()> {
    let entry = || Entry::new(AuditAction::Send, AuditSubject::Webhook);
    access::configure(host, caller, entry).await?;
    let transaction = host.begin().await?;
    let row = find_delivery(&transaction, id).await?;
    let webhook = find(&transaction, WebhookId(row.webhook_id)).await?;
    require_active(webhook.active)?;
    let now = host.now();
    let sent = Entity::update_many()
        .col_expr(Column::Status, Expr::value(DeliveryStatus::Waiting.code()))
        .col_expr(Column::TriesBefore, Expr::col(Column::Tries))
        .col_expr(Column::Due, Expr::value(now))
        .col_expr(Column::Ended, Expr::value(Option::<i64>::None))
        .filter(Column::Id.eq(id.0))
        // Whoever sends it at the moment writes down what comes of that first.
        .filter(Column::LeaseUntil.is_null().or(Column::LeaseUntil.lt(now)))
        .exec(&transaction)
        .await?;
    if sent.rows_affected == 0 {
        return Err(Error::Refused("This delivery is being sent at the moment.".to_owned()));
    }
    let entry = entry().of(webhook.id, &webhook.name).set("event", &row.event).set("delivery", id);
    audit::record(host, &transaction, caller, entry).await?;
    Ok(transaction.commit().await?)
}

/// Sends a test to a webhook. Administrators only.
pub async fn send_test(host: &Host, caller: &Caller, id: WebhookId) -> Result<DeliveryId> {
    let entry = || Entry::new(AuditAction::Send, AuditSubject::Webhook);
    access::configure(host, caller, entry).await?;
    let transaction = host.begin().await?;
    let webhook = find(&transaction, id).await?;
    require_active(webhook.active)?;
    let (facts, at) = (payload::sample(), host.clock.now());
    let told = Told { event: None, number: 0, at, facts: &facts, public_url: &host.outgoing.public_url };
    let delivery = DeliveryId(host.ids.next());
    let row = new(delivery, webhook.id, &told, told.body(webhook.form()));
    Entity::insert(row).exec_without_returning(&transaction).await?;
    let entry = entry().of(webhook.id, &webhook.name).set("event", told.name()).set("delivery", delivery);
    audit::record(host, &transaction, caller, entry).await?;
    transaction.commit().await?;
    Ok(delivery)
}

/// A delivery that is due at once.
pub(super) fn new(id: DeliveryId, webhook: Uuid, told: &Told<'_>, body: String) -> ActiveModel {
    let of_run = told.event.is_some();
    ActiveModel {
        id: Set(id.0),
        webhook_id: Set(webhook),
        run_id: Set(of_run.then_some(told.facts.run)),
        number: Set(of_run.then_some(told.number)),
        event: Set(told.name().to_owned()),
        body: Set(body),
        status: Set(DeliveryStatus::Waiting.code()),
        tries: Set(0),
        tries_before: Set(0),
        outcome: Set(String::new()),
        created: Set(told.at.0),
        ended: Set(None),
        due: Set(Some(told.at.0)),
        lease_owner: Set(None),
        lease_token: Set(0),
        lease_until: Set(None),
    }
}

fn require_active(active: bool) -> Result<()> {
    if active {
        return Ok(());
    }
    Err(Error::Refused("This webhook is switched off, and nothing is sent. Switch it on first.".to_owned()))
}

async fn find_delivery(database: &impl ConnectionTrait, id: DeliveryId) -> Result<Model> {
    let found = Entity::find_by_id(id.0).one(database).await?;
    found.ok_or_else(|| {
        Error::NotFound("This delivery could not be found. Old ones are removed after a while.".to_owned())
    })
}
