//! The table of webhooks.

use crate::{
    Error, Host, Result,
    secret::{Column as Sealed, ExposeSecret, Key, Secret},
};
use model::{
    Timestamp,
    event::EventName,
    id::{PipelineId, WebhookId},
    webhook::{Webhook, WebhookForm},
};
use sea_orm::entity::prelude::*;

/// Where addresses are sealed.
pub(crate) const URLS: Sealed = Sealed { table: "webhook", key: Key::Uuid("id"), column: "url" };
/// Where secrets are sealed.
pub(crate) const SECRETS: Sealed = Sealed { table: "webhook", key: Key::Uuid("id"), column: "secret" };

/// A webhook.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "webhook")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub name: String,
    /// Sealed.
    pub url: String,
    pub origin: String,
    /// Sealed.
    pub secret: String,
    pub form: String,
    pub events: String,
    pub pipeline_id: Option<Uuid>,
    pub active: bool,
    pub row_version: i32,
    pub modified: i64,
    pub modified_by_name: String,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    /// What it is sent.
    pub fn form(&self) -> WebhookForm {
        WebhookForm::from_name(&self.form).unwrap_or_default()
    }

    /// What it is told of.
    pub fn events(&self) -> Vec<EventName> {
        serde_json::from_str(&self.events).unwrap_or_default()
    }

    /// Whether it is told of an event of a pipeline.
    pub fn is_told(&self, event: EventName, pipeline: Uuid) -> bool {
        self.active && self.pipeline_id.is_none_or(|own| own == pipeline) && self.events().contains(&event)
    }

    /// Its address.
    pub fn address(&self, host: &Host) -> Result<Secret> {
        host.secrets.open(&URLS.row(self.id), &self.url)
    }

    /// What its calls are signed with.
    pub fn secret(&self, host: &Host) -> Result<Secret> {
        host.secrets.open(&SECRETS.row(self.id), &self.secret)
    }

    /// Without its secret.
    pub fn view(self, host: &Host) -> Result<Webhook, Error> {
        Ok(Webhook {
            url: self.address(host)?.expose_secret().to_owned(),
            id: WebhookId(self.id),
            form: self.form(),
            events: self.events(),
            name: self.name,
            origin: self.origin,
            pipeline: self.pipeline_id.map(PipelineId),
            active: self.active,
            row_version: self.row_version,
            modified: (Timestamp(self.modified), self.modified_by_name),
        })
    }
}
