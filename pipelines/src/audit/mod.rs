//! The audit log: every sign-in, refusal, change and run action, written in the transaction of what it tells of.
//!
//! An operation builds an [`Entry`] and hands it to [`record`]. Values of secrets cannot get into it: a field that holds
//! one is added with [`Entry::secret`], which does not take the value.

use crate::{Caller, Host, Result, caller::Origin};
use model::{
    audit::{AuditAction, AuditOutcome, AuditSubject, FieldChange},
    id::UserId,
};
use sea_orm::{ActiveValue::Set, ConnectionTrait, EntityTrait};
use std::fmt::Display;

pub(crate) mod entity;
mod list;

pub use list::{actors, export, list};

/// Characters of a value that are kept; what is longer is cut.
const LONGEST_VALUE: usize = 2_000;
/// Characters of a name that are kept.
const LONGEST_NAME: usize = 400;
/// What stands in place of a secret.
const MASK: &str = "••••••••";

/// What is to be written down.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct Entry {
    action: AuditAction,
    subject: AuditSubject,
    subject_id: Option<String>,
    subject_name: String,
    changes: Vec<FieldChange>,
    refused: Option<String>,
}

impl Entry {
    /// Something done to a thing of a kind.
    pub fn new(action: AuditAction, subject: AuditSubject) -> Self {
        Self { action, subject, subject_id: None, subject_name: String::new(), changes: Vec::new(), refused: None }
    }

    /// What was done, or was to be done.
    pub(crate) fn action(&self) -> AuditAction {
        self.action
    }

    /// What kind of thing it is done to.
    pub(crate) fn subject(&self) -> AuditSubject {
        self.subject
    }

    /// The thing, by id and name.
    pub fn of(mut self, id: impl Display, name: impl AsRef<str>) -> Self {
        self.subject_id = Some(cut(&id.to_string(), 100));
        self.subject_name = cut(name.as_ref(), LONGEST_NAME);
        self
    }

    /// The thing, by name only.
    pub fn named(mut self, name: impl AsRef<str>) -> Self {
        self.subject_name = cut(name.as_ref(), LONGEST_NAME);
        self
    }

    /// A field, if it was changed.
    pub fn field(self, field: &str, before: impl Display, after: impl Display) -> Self {
        let (before, after) = (before.to_string(), after.to_string());
        if before == after { self } else { self.change(field, Some(before), Some(after)) }
    }

    /// A field of something new.
    pub fn set(self, field: &str, after: impl Display) -> Self {
        self.change(field, None, Some(after.to_string()))
    }

    /// A field of something that is gone.
    pub fn gone(self, field: &str, before: impl Display) -> Self {
        self.change(field, Some(before.to_string()), None)
    }

    /// A secret that was changed.
    pub fn secret(self, field: &str) -> Self {
        self.change(field, None, Some(MASK.to_owned()))
    }

    /// It was refused, for a reason.
    pub fn refused(mut self, reason: impl Display) -> Self {
        self.refused = Some(cut(&reason.to_string(), LONGEST_VALUE));
        self
    }

    fn change(mut self, field: &str, before: Option<String>, after: Option<String>) -> Self {
        let cut = |value: String| cut(&value, LONGEST_VALUE);
        self.changes.push(FieldChange { field: field.to_owned(), before: before.map(cut), after: after.map(cut) });
        self
    }
}

/// Texts come from people: PostgreSQL keeps no NUL, and nobody reads a megabyte.
fn cut(text: &str, longest: usize) -> String {
    text.chars().filter(|character| *character != '\0').take(longest).collect()
}

/// Writes an entry about what a person did, over the connection or transaction of what it tells of.
pub async fn record(host: &Host, connection: &impl ConnectionTrait, caller: &Caller, entry: Entry) -> Result<()> {
    // The nil id stands for the host's command line, which is nobody.
    let actor = (!caller.user.0.is_nil()).then_some(caller.user);
    write(host, connection, actor, &caller.name, &caller.origin, entry).await
}

/// Writes down that somebody may not look at what they asked for. `path` is its address, without a query. Refusals of
/// changes are written where they are decided.
pub async fn record_refused_look(host: &Host, caller: &Caller, path: &str) -> Result<()> {
    let entry = Entry::new(AuditAction::Open, AuditSubject::Address).named(path);
    record(host, &host.database, caller, entry.refused("They may not see it.")).await
}

/// Writes an entry about somebody who is not known, or not yet: a sign-in that failed.
pub async fn record_stranger(
    host: &Host,
    connection: &impl ConnectionTrait,
    name: &str,
    origin: &Origin,
    entry: Entry,
) -> Result<()> {
    write(host, connection, None, name, origin, entry).await
}

async fn write(
    host: &Host,
    connection: &impl ConnectionTrait,
    actor: Option<UserId>,
    name: &str,
    origin: &Origin,
    entry: Entry,
) -> Result<()> {
    let outcome = if entry.refused.is_some() { AuditOutcome::Refused } else { AuditOutcome::Allowed };
    let changes = serde_json::to_string(&entry.changes)
        .map_err(|error| crate::Error::Internal(format!("an audit entry cannot be written: {error}")))?;
    let row = entity::ActiveModel {
        at: Set(host.now()),
        actor_id: Set(actor.map(|actor| actor.0)),
        actor_name: Set(cut(name, LONGEST_NAME)),
        through: Set(origin.through.name().to_owned()),
        through_id: Set(origin.through_id.as_deref().map(|id| cut(id, 100))),
        action: Set(entry.action.name().to_owned()),
        subject_kind: Set(entry.subject.name().to_owned()),
        subject_id: Set(entry.subject_id),
        subject_name: Set(entry.subject_name),
        changes: Set(changes),
        outcome: Set(outcome.name().to_owned()),
        reason: Set(entry.refused),
        remote_address: Set(origin.remote_address.map(|address| address.to_string())),
        request_id: Set(origin.request_id.as_deref().map(|id| cut(id, 100))),
        ..<entity::ActiveModel as sea_orm::ActiveModelTrait>::default()
    };
    entity::Entity::insert(row).exec_without_returning(connection).await?;
    Ok(())
}
