//! The tables of deliveries and of their tries.

use model::{
    Timestamp,
    id::{DeliveryId, StageRunId, WebhookId},
    webhook::{Delivery, DeliveryStatus},
};
use sea_orm::entity::prelude::*;

/// One event on its way to one webhook.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "delivery")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub webhook_id: Uuid,
    pub run_id: Option<Uuid>,
    pub number: Option<i64>,
    pub event: String,
    pub body: String,
    pub status: i32,
    pub tries: i32,
    /// Tries up to when somebody had it sent again.
    pub tries_before: i32,
    pub outcome: String,
    pub created: i64,
    pub ended: Option<i64>,
    /// When it is tried next; none when it is not.
    pub due: Option<i64>,
    pub lease_owner: Option<Uuid>,
    /// Raised with every claim; only whoever has the current one may write.
    pub lease_token: i64,
    pub lease_until: Option<i64>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    /// As pages show it.
    pub fn view(self) -> Delivery {
        Delivery {
            id: DeliveryId(self.id),
            webhook: WebhookId(self.webhook_id),
            event: self.event,
            run: self.run_id.map(StageRunId),
            // The database lets no other number in.
            status: DeliveryStatus::from_code(self.status).unwrap_or(DeliveryStatus::GivenUp),
            tries: u32::try_from(self.tries).unwrap_or(0),
            outcome: self.outcome,
            created: Timestamp(self.created),
            due: self.due.map(Timestamp),
        }
    }
}

/// The tries.
pub(in crate::webhook) mod attempt {
    use model::{Timestamp, webhook::DeliveryTry};
    use sea_orm::entity::prelude::*;

    /// One try.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "delivery_try")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub delivery_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub number: i32,
        pub at: i64,
        pub milliseconds: i64,
        pub answer_status: Option<i32>,
        pub answer: String,
        pub error: String,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}

    impl Model {
        /// As pages show it.
        pub fn view(self) -> DeliveryTry {
            DeliveryTry {
                number: u32::try_from(self.number).unwrap_or(0),
                at: Timestamp(self.at),
                milliseconds: u64::try_from(self.milliseconds).unwrap_or(0),
                answer_status: self.answer_status.and_then(|status| u16::try_from(status).ok()),
                answer: self.answer,
                error: self.error,
            }
        }
    }
}
