//! Webhooks: addresses that are told of events of runs, by signed calls.
//!
//! Administrators say who is told of what. The [`worker`] decides whom an event of the outbox concerns, and sends it
//! through a [`Sender`], again and again with growing pauses until it is taken or given up.

pub mod delivery;
mod entity;
mod pause;
mod payload;
pub mod reach;
mod signature;
pub mod worker;

pub use delivery::Inspection;
pub(crate) use entity::{SECRETS, URLS};
pub use worker::sending::{Answer, Call, Sender};

use crate::{
    Caller, Error, Host, Result, access,
    audit::{self, Entry},
    field::{self, Fields},
    pipeline,
    secret::{ExposeSecret, Secret},
};
use entity::{ActiveModel, Column, Entity, Model};
use model::{
    audit::{AuditAction, AuditSubject},
    event::EventName,
    id::{PipelineId, WebhookId},
    token::Scope,
    webhook::{Webhook, WebhookForm},
};
use rand::Rng;
use reach::Reach;
use sea_orm::{ActiveValue::Set, ExprTrait, IntoActiveModel, QuerySelect, entity::prelude::*};

/// Webhooks at most.
const MOST: u64 = 100;
/// Characters of a secret that somebody chooses.
const SHORTEST_SECRET: usize = 16;
const LONGEST_SECRET: usize = 200;

/// What holds for everything that Slipway sends to others by itself.
#[derive(Clone, Debug, Default)]
pub struct Outgoing {
    /// Where people reach Slipway, for links: `https://slipway.contoso.com`.
    pub public_url: String,
    /// Where webhooks may go.
    pub reach: Reach,
}

/// What a form says of a webhook.
#[derive(Clone, Debug)]
pub struct WebhookFields {
    /// Name for people.
    pub name: String,
    /// The address.
    pub url: String,
    /// What calls are signed with; empty for one that Slipway makes, or for the one that is there.
    pub secret: Secret,
    /// What it is sent: a word of [`WebhookForm`].
    pub form: String,
    /// Names of the events it is told of.
    pub events: Vec<String>,
    /// The pipeline it is told of; empty for every one.
    pub pipeline: String,
    /// Whether it is told anything.
    pub active: bool,
}

/// What was read out of a form.
struct Read {
    name: String,
    url: String,
    origin: String,
    secret: Option<Secret>,
    form: WebhookForm,
    events: Vec<EventName>,
    pipeline: Option<PipelineId>,
    active: bool,
}

/// Every webhook, by name. Administrators only.
pub async fn list(host: &Host, caller: &Caller) -> Result<Vec<Webhook>> {
    caller.require_administrator()?;
    let rows = Entity::find().limit(MOST).all(&host.database).await?;
    let view = |row: Model| Ok(for_scopes(caller, row.view(host)?));
    let mut webhooks = rows.into_iter().map(view).collect::<Result<Vec<_>>>()?;
    webhooks.sort_by_cached_key(|webhook| (field::key(&webhook.name), webhook.id));
    Ok(webhooks)
}

/// One webhook. Administrators only.
pub async fn get(host: &Host, caller: &Caller, id: WebhookId) -> Result<Webhook> {
    caller.require_administrator()?;
    Ok(for_scopes(caller, find(&host.database, id).await?.view(host)?))
}

/// Addresses often hold what gives access: a token that only reads is told where a webhook leads, and no more.
fn for_scopes(caller: &Caller, webhook: Webhook) -> Webhook {
    if caller.scopes.allow(Scope::Administer) { webhook } else { Webhook { url: webhook.origin.clone(), ..webhook } }
}

/// Creates a webhook. Tells the secret where Slipway made it: it is not told again. Administrators only.
///
/// Fields: `name`, `url`, `secret`, `form`, `events`, `pipeline`.
pub async fn create(host: &Host, caller: &Caller, given: &WebhookFields) -> Result<(WebhookId, Option<Secret>)> {
    let entry = || Entry::new(AuditAction::Create, AuditSubject::Webhook).named(&given.name);
    access::configure(host, caller, entry).await?;
    let read = given.read(host).await?;
    let id = WebhookId(host.ids.next());
    let made = read.secret.is_none().then(new_secret);
    let secret = made.as_ref().or(read.secret.as_ref()).ok_or_else(unsigned)?;
    let row = ActiveModel {
        id: Set(id.0),
        name: Set(read.name.clone()),
        url: Set(host.secrets.seal(&URLS.row(id), &Secret::from(read.url.as_str()))?),
        origin: Set(read.origin.clone()),
        secret: Set(host.secrets.seal(&SECRETS.row(id), secret)?),
        form: Set(read.form.name().to_owned()),
        events: Set(document(&read.events)?),
        pipeline_id: Set(read.pipeline.map(|pipeline| pipeline.0)),
        active: Set(read.active),
        row_version: Set(1),
        modified: Set(host.now()),
        modified_by_name: Set(caller.name.clone()),
    };
    let transaction = host.begin().await?;
    if Entity::find().count(&transaction).await? >= MOST {
        return Err(Error::Refused(format!("There are {MOST} webhooks. Delete those that nobody needs any more.")));
    }
    Entity::insert(row).exec_without_returning(&transaction).await?;
    let entry = entry()
        .of(id, &read.name)
        .set("address", &read.origin)
        .set("form", read.form.label())
        .set("events", names(&read.events))
        .set("pipeline", place(read.pipeline))
        .set("active", read.active)
        .secret("secret");
    audit::record(host, &transaction, caller, entry).await?;
    transaction.commit().await?;
    Ok((id, made))
}

/// Changes a webhook that still is as the caller read it. Administrators only.
///
/// Fields: as [`create`]. An empty secret leaves the one that is there.
pub async fn update(
    host: &Host,
    caller: &Caller,
    id: WebhookId,
    given: &WebhookFields,
    row_version: i32,
) -> Result<()> {
    let entry = || Entry::new(AuditAction::Update, AuditSubject::Webhook).of(id, &given.name);
    access::configure(host, caller, entry).await?;
    let read = given.read(host).await?;
    let transaction = host.begin().await?;
    let before = find(&transaction, id).await?;
    if before.row_version != row_version {
        return Err(Error::Changed(format!("The webhook “{}”", before.name)));
    }
    let goes_elsewhere = before.address(host)?.expose_secret() != read.url;
    let mut row = before.clone().into_active_model();
    row.name = Set(read.name.clone());
    row.origin = Set(read.origin.clone());
    row.form = Set(read.form.name().to_owned());
    row.events = Set(document(&read.events)?);
    row.pipeline_id = Set(read.pipeline.map(|pipeline| pipeline.0));
    row.active = Set(read.active);
    row.row_version = Set(before.row_version + 1);
    row.modified = Set(host.now());
    row.modified_by_name = Set(caller.name.clone());
    if goes_elsewhere {
        row.url = Set(host.secrets.seal(&URLS.row(id), &Secret::from(read.url.as_str()))?);
    }
    if let Some(secret) = &read.secret {
        row.secret = Set(host.secrets.seal(&SECRETS.row(id), secret)?);
    }
    let written = Entity::update_many().set(row).filter(Column::Id.eq(id.0)).filter(Column::RowVersion.eq(row_version));
    if written.exec(&transaction).await?.rows_affected == 0 {
        return Err(Error::Changed(format!("The webhook “{}”", before.name)));
    }
    let mut entry = entry()
        .field("name", &before.name, &read.name)
        .field("address", &before.origin, &read.origin)
        .field("form", before.form().label(), read.form.label())
        .field("events", names(&before.events()), names(&read.events))
        .field("pipeline", place(before.pipeline_id.map(PipelineId)), place(read.pipeline))
        .field("active", before.active, read.active);
    if goes_elsewhere && before.origin == read.origin {
        entry = entry.set("address", "another one of the same host");
    }
    let entry = if read.secret.is_some() { entry.secret("secret") } else { entry };
    audit::record(host, &transaction, caller, entry).await?;
    Ok(transaction.commit().await?)
}

/// Gives a webhook another secret, which is told this once. The one before is worth nothing any more. Administrators
/// only.
pub async fn renew_secret(host: &Host, caller: &Caller, id: WebhookId) -> Result<Secret> {
    let entry = || Entry::new(AuditAction::Update, AuditSubject::Webhook).of(id, "");
    access::configure(host, caller, entry).await?;
    let transaction = host.begin().await?;
    let webhook = find(&transaction, id).await?;
    let secret = new_secret();
    Entity::update_many()
        .col_expr(Column::Secret, Expr::value(host.secrets.seal(&SECRETS.row(id), &secret)?))
        .col_expr(Column::RowVersion, Expr::col(Column::RowVersion).add(1))
        .col_expr(Column::Modified, Expr::value(host.now()))
        .col_expr(Column::ModifiedByName, Expr::value(caller.name.as_str()))
        .filter(Column::Id.eq(id.0))
        .exec(&transaction)
        .await?;
    let entry = entry().of(id, webhook.name).secret("secret");
    audit::record(host, &transaction, caller, entry).await?;
    transaction.commit().await?;
    Ok(secret)
}

/// Deletes a webhook with what was sent to it. Administrators only.
pub async fn delete(host: &Host, caller: &Caller, id: WebhookId) -> Result<()> {
    let entry = || Entry::new(AuditAction::Delete, AuditSubject::Webhook).of(id, "");
    access::configure(host, caller, entry).await?;
    let transaction = host.begin().await?;
    let webhook = find(&transaction, id).await?;
    Entity::delete_by_id(id.0).exec(&transaction).await?;
    let entry = entry().of(id, webhook.name).gone("address", webhook.origin);
    audit::record(host, &transaction, caller, entry).await?;
    Ok(transaction.commit().await?)
}

impl WebhookFields {
    async fn read(&self, host: &Host) -> Result<Read> {
        let mut fields = Fields::new();
        let name = fields.name(&self.name);
        let url = host.outgoing.reach.read(&self.url).map_err(|message| fields.problem("url", message)).ok();
        let secret = self.secret.expose_secret().trim();
        let length = secret.chars().count();
        if length > 0 && !(SHORTEST_SECRET..=LONGEST_SECRET).contains(&length) {
            let range = format!("Use from {SHORTEST_SECRET} to {LONGEST_SECRET} characters, or leave this empty.");
            fields.problem("secret", range);
        }
        let form = WebhookForm::from_name(&self.form);
        if form.is_none() {
            fields.problem("form", "Choose what is sent.");
        }
        let is_event = |name: &String| EventName::from_name(name).is_some();
        if self.events.is_empty() || !self.events.iter().all(is_event) {
            fields.problem("events", "Choose at least one event of this list.");
        }
        let pipeline = match self.pipeline.trim() {
            "" => None,
            text => {
                let id = text.parse::<PipelineId>().unwrap_or(PipelineId(Uuid::nil()));
                if pipeline::entity::Entity::find_by_id(id.0).count(&host.database).await? == 0 {
                    fields.problem("pipeline", "Choose a pipeline of this list.");
                }
                Some(id)
            }
        };
        fields.finish()?;
        let url = url.ok_or_else(unsigned)?;
        Ok(Read {
            name,
            origin: url.origin().ascii_serialization(),
            url: url.into(),
            secret: (!secret.is_empty()).then(|| Secret::from(secret)),
            form: form.unwrap_or_default(),
            events: EventName::ALL
                .into_iter()
                .filter(|event| self.events.iter().any(|name| name == event.name()))
                .collect(),
            pipeline,
            active: self.active,
        })
    }
}

fn new_secret() -> Secret {
    let mut bytes = [0; signature::BYTES];
    rand::rng().fill_bytes(&mut bytes);
    signature::secret(bytes)
}

fn unsigned() -> Error {
    Error::Internal("a webhook passed its checks without being one".to_owned())
}

fn document(events: &[EventName]) -> Result<String> {
    serde_json::to_string(events).map_err(|error| Error::Internal(error.to_string()))
}

/// The events as the audit log names them.
fn names(events: &[EventName]) -> String {
    events.iter().map(|event| event.name()).collect::<Vec<_>>().join(", ")
}

/// The pipeline as the audit log names it.
fn place(pipeline: Option<PipelineId>) -> String {
    pipeline.map_or_else(|| "all".to_owned(), |pipeline| pipeline.to_string())
}

async fn find(database: &impl ConnectionTrait, id: WebhookId) -> Result<Model> {
    let found = Entity::find_by_id(id.0).one(database).await?;
    found.ok_or_else(|| Error::NotFound("This webhook could not be found. It may have been deleted.".to_owned()))
}
