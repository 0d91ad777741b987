//! Webhooks: addresses that are told of events, and what became of telling.

use crate::{
    Timestamp,
    event::EventName,
    id::{DeliveryId, PipelineId, StageRunId, WebhookId},
};
use serde::{Deserialize, Serialize};

/// What a webhook is sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum WebhookForm {
    /// The event as JSON, with the platform's names.
    #[default]
    Event,
    /// A message with an Adaptive Card, as workflows of Microsoft Teams take it.
    Teams,
}

impl WebhookForm {
    /// Every form.
    pub const ALL: [Self; 2] = [Self::Event, Self::Teams];

    /// The word in the database and in forms.
    pub fn name(self) -> &'static str {
        match self {
            Self::Event => "event",
            Self::Teams => "teams",
        }
    }

    /// The words on screen.
    pub fn label(self) -> &'static str {
        match self {
            Self::Event => "Event (JSON)",
            Self::Teams => "Message for Microsoft Teams (Adaptive Card)",
        }
    }

    /// The form of a word.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|form| form.name() == name)
    }
}

/// A webhook, without its secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Webhook {
    /// Its id.
    pub id: WebhookId,
    /// Name for people.
    pub name: String,
    /// The address. May hold what gives access to a workflow, so that it is for administrators only.
    pub url: String,
    /// Scheme and host of the address.
    pub origin: String,
    /// What it is sent.
    pub form: WebhookForm,
    /// What it is told of, in the order of events.
    pub events: Vec<EventName>,
    /// The pipeline it is told of; none for every one.
    pub pipeline: Option<PipelineId>,
    /// Whether it is told anything.
    pub active: bool,
    /// Counts changes.
    pub row_version: i32,
    /// When it was last changed, and by whom.
    pub modified: (Timestamp, String),
}

/// Where a delivery stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DeliveryStatus {
    /// It waits to be sent, for the first time or again.
    Waiting,
    /// It was answered with success.
    Delivered,
    /// It was tried often enough.
    GivenUp,
}

impl DeliveryStatus {
    /// The number in the database.
    pub fn code(self) -> i32 {
        match self {
            Self::Waiting => 0,
            Self::Delivered => 1,
            Self::GivenUp => 2,
        }
    }

    /// The status of a number.
    pub fn from_code(code: i32) -> Option<Self> {
        [Self::Waiting, Self::Delivered, Self::GivenUp].into_iter().find(|status| status.code() == code)
    }

    /// The words on screen.
    pub fn label(self) -> &'static str {
        match self {
            Self::Waiting => "Waiting",
            Self::Delivered => "Delivered",
            Self::GivenUp => "Given up",
        }
    }
}

/// One event on its way to one webhook.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    /// Its id, which receivers know a repetition by.
    pub id: DeliveryId,
    /// To whom.
    pub webhook: WebhookId,
    /// Name of the event; `Test` for a test.
    pub event: String,
    /// The run it is about; none for a test.
    pub run: Option<StageRunId>,
    /// Where it stands.
    pub status: DeliveryStatus,
    /// How often it was tried.
    pub tries: u32,
    /// What came of the last try, in a few words; empty before the first.
    pub outcome: String,
    /// When it was written.
    pub created: Timestamp,
    /// When it is tried next; none when it is not.
    pub due: Option<Timestamp>,
}

/// One try of a delivery.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeliveryTry {
    /// Counts the tries, from 1.
    pub number: u32,
    /// When.
    pub at: Timestamp,
    /// How long it took.
    pub milliseconds: u64,
    /// Status of the answer; none where there was none.
    pub answer_status: Option<u16>,
    /// How the answer begins.
    pub answer: String,
    /// Why it is not a success; empty where it is one.
    pub error: String,
}
