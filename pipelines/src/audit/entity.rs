//! The table of the audit log. Its triggers refuse changes and deletions.

use model::{
    Timestamp,
    audit::{AuditAction, AuditEntry, AuditOutcome, AuditSubject, AuditThrough},
    id::UserId,
};
use sea_orm::entity::prelude::*;

/// An entry.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "audit_entry")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub at: i64,
    pub actor_id: Option<Uuid>,
    pub actor_name: String,
    pub through: String,
    pub through_id: Option<String>,
    pub action: String,
    pub subject_kind: String,
    pub subject_id: Option<String>,
    pub subject_name: String,
    /// A list of changed fields, as JSON.
    pub changes: String,
    pub outcome: String,
    pub reason: Option<String>,
    pub remote_address: Option<String>,
    pub request_id: Option<String>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    /// The entry as pages show it; none when a later release wrote a word that this one does not know.
    pub(super) fn entry(self) -> Option<AuditEntry> {
        Some(AuditEntry {
            id: self.id,
            at: Timestamp(self.at),
            actor: self.actor_id.map(UserId),
            actor_name: self.actor_name,
            through: AuditThrough::from_name(&self.through)?,
            through_id: self.through_id,
            action: AuditAction::from_name(&self.action)?,
            subject: AuditSubject::from_name(&self.subject_kind)?,
            subject_id: self.subject_id,
            subject_name: self.subject_name,
            changes: serde_json::from_str(&self.changes).unwrap_or_default(),
            outcome: AuditOutcome::from_name(&self.outcome)?,
            reason: self.reason,
            remote_address: self.remote_address,
            request_id: self.request_id,
        })
    }
}
