//! Validation: the host connects to an environment and marks it as its own.

use super::{
    entity::{Column, Entity, Model},
    not_found, release,
};
use crate::{
    Caller, Error, Host, Result, Topic, access,
    audit::{self, Entry},
};
use environment::{EnvironmentError, HostBinding};
use futures::{StreamExt, TryStreamExt, stream};
use model::{
    audit::{AuditAction, AuditSubject},
    environment::{EnvironmentType, ValidationStatus},
    id::{DeploymentEnvironmentId, EnvironmentId},
};
use sea_orm::{QueryOrder, QuerySelect, entity::prelude::*};
use std::time::Duration;

/// How long an environment may take to answer.
pub(super) const DEADLINE: Duration = Duration::from_secs(10);
/// Environments being connected to at once.
const AT_ONCE: usize = 4;
/// Records taken up at once; the rest waits for the next call.
const MOST_RECORDS: u64 = 200;

/// Has a record validated again, in the background. Administrators only.
pub async fn validate_again(host: &Host, caller: &Caller, id: DeploymentEnvironmentId) -> Result<()> {
    access::configure(host, caller, || Entry::new(AuditAction::Validate, AuditSubject::Environment).of(id, "")).await?;
    if !set_pending(host, id).await? {
        return Err(not_found());
    }
    let entry = Entry::new(AuditAction::Validate, AuditSubject::Environment).of(id, "");
    audit::record(host, &host.database, caller, entry).await?;
    host.news.tell(Topic::Environment(id));
    host.news.tell(Topic::Work);
    Ok(())
}

/// *Force Link*: takes an environment from the other host that has it, and has its record validated again. Refused where
/// another record of this host has it. Administrators only.
pub async fn force_link(host: &Host, caller: &Caller, id: DeploymentEnvironmentId) -> Result<()> {
    let entry = || Entry::new(AuditAction::Validate, AuditSubject::Environment).of(id, "").set("force_link", true);
    access::configure(host, caller, entry).await?;
    let record = Entity::find_by_id(id.0).one(&host.database).await?.ok_or_else(not_found)?;
    if let Some(other) = earlier(host, &record).await? {
        return Err(Error::Refused(taken_by(&record, Some(&other))));
    }
    let work = async {
        let environment = host.environments.open(EnvironmentId(record.environment_id)).await?;
        match environment.identity().await?.binding.filter(|taken| taken.record != id) {
            Some(taken) => environment.release(taken.record).await,
            None => Ok(()),
        }
    };
    tokio::time::timeout(DEADLINE, work).await.unwrap_or_else(|_| Err(no_answer()))?;
    set_pending(host, id).await?;
    audit::record(host, &host.database, caller, entry()).await?;
    host.news.tell(Topic::Environment(id));
    host.news.tell(Topic::Work);
    Ok(())
}

/// Validates the active records that wait for it, and tells how many there were: connects, marks the environment as
/// this record's, and keeps what came of it. Called by the worker; doing it twice at once does no harm.
pub async fn validate_pending(host: &Host) -> Result<usize> {
    let pending = Entity::find()
        .filter(Column::ValidationStatus.eq(ValidationStatus::Pending.code()))
        .filter(Column::Active.eq(true))
        .order_by_asc(Column::Created)
        .limit(MOST_RECORDS)
        .all(&host.database)
        .await?;
    let count = pending.len();
    stream::iter(pending)
        .map(|record| validate(host, record))
        .buffer_unordered(AT_ONCE)
        .try_collect::<Vec<()>>()
        .await?;
    Ok(count)
}

/// Makes a record wait for validation; false when there is no such record.
pub(super) async fn set_pending(host: &Host, id: DeploymentEnvironmentId) -> Result<bool> {
    let changed = Entity::update_many()
        .col_expr(Column::ValidationStatus, Expr::value(ValidationStatus::Pending.code()))
        .col_expr(Column::ErrorMessage, Expr::value(""))
        .filter(Column::Id.eq(id.0))
        .exec(&host.database)
        .await?;
    Ok(changed.rows_affected == 1)
}

/// What an environment that takes too long comes to.
pub(super) fn no_answer() -> EnvironmentError {
    EnvironmentError::Unreachable {
        reason: format!("The environment did not answer within {} seconds.", DEADLINE.as_secs()),
        retry_after: None,
    }
}

async fn validate(host: &Host, record: Model) -> Result<()> {
    let id = DeploymentEnvironmentId(record.id);
    let (status, message) = match connect(host, &record).await? {
        None => (ValidationStatus::Success, String::new()),
        Some(message) => (ValidationStatus::Failed, message),
    };
    // Not a change of the record's own fields, so that a form that is being filled in stays good.
    let written = Entity::update_many()
        .col_expr(Column::ValidationStatus, Expr::value(status.code()))
        .col_expr(Column::ErrorMessage, Expr::value(message))
        .filter(Column::Id.eq(record.id))
        .filter(Column::ValidationStatus.eq(ValidationStatus::Pending.code()))
        .exec(&host.database)
        .await?;
    let is_gone = written.rows_affected == 0 && Entity::find_by_id(record.id).one(&host.database).await?.is_none();
    if is_gone && let Err(error) = release(host, &record).await {
        tracing::warn!(record = %id, %error, "a record that was deleted during its validation left its mark");
    }
    host.news.tell(Topic::Environment(id));
    Ok(())
}

/// Connects and binds; a sentence when that is not possible.
async fn connect(host: &Host, record: &Model) -> Result<Option<String>> {
    if let Some(other) = earlier(host, record).await? {
        return Ok(Some(taken_by(record, Some(&other))));
    }
    let kind = record.kind()?;
    let binding = HostBinding { record: DeploymentEnvironmentId(record.id), kind };
    let work = async {
        let environment = host.environments.open(EnvironmentId(record.environment_id)).await?;
        match environment.identity().await?.binding {
            Some(taken) if taken.record != binding.record => Ok(Some(taken)),
            _ => match environment.bind(binding).await {
                Ok(()) => Ok(None),
                // Somebody was faster: whose it is now says more than the refusal.
                Err(error) => match environment.identity().await?.binding {
                    Some(taken) if taken.record != binding.record => Ok(Some(taken)),
                    _ => Err(error),
                },
            },
        }
    };
    let outcome = tokio::time::timeout(DEADLINE, work).await.unwrap_or_else(|_| Err(no_answer()));
    Ok(match outcome {
        Ok(None) => None,
        Ok(Some(taken)) => {
            let other = Entity::find_by_id(taken.record.0).one(&host.database).await?;
            Some(taken_by(record, other.as_ref()))
        }
        Err(error) => Some(sentence(&error)),
    })
}

/// Another record of the same environment that has it, or was there first.
async fn earlier(host: &Host, record: &Model) -> Result<Option<Model>> {
    let others = Entity::find()
        .filter(Column::EnvironmentId.eq(record.environment_id))
        .filter(Column::Id.ne(record.id))
        .all(&host.database)
        .await?;
    Ok(others.into_iter().find(|other| match other.validation() {
        ValidationStatus::Success => true,
        ValidationStatus::Pending => other.active && (other.created, other.id) < (record.created, record.id),
        ValidationStatus::Failed => false,
    }))
}

fn taken_by(record: &Model, other: Option<&Model>) -> String {
    let environment = record.environment_id;
    match other {
        Some(other) => {
            let kind = match other.kind() {
                Ok(EnvironmentType::Development) => "development environment",
                _ => "target environment",
            };
            format!(
                "Environment {environment} is already configured with Pipelines in this host, as the {kind} “{}”. Use \
                 that record, or delete it and validate this one again.",
                other.name
            )
        }
        None => format!(
            "Environment {environment} is already configured with Pipelines in another host. Delete its record there \
             and validate this one again."
        ),
    }
}

fn sentence(error: &EnvironmentError) -> String {
    match error {
        EnvironmentError::NotFound(id) => format!(
            "There is no environment with the Environment ID {id}. Delete this record and create one with the right ID."
        ),
        EnvironmentError::Internal(cause) => {
            tracing::error!(%error, %cause, "validating an environment failed");
            "Slipway could not look at the environment. Try again; if it happens again, look into the log.".to_owned()
        }
        error if error.is_transient() => format!("{error} Validate it again when it can be reached."),
        error => error.to_string(),
    }
}
