//! Who an environment is, and the mark of the host record that uses it.

use super::{Shared, entity::environment, find, lock};
use crate::{EnvironmentError, HostBinding, Identity, port::Result};
use model::{
    environment::EnvironmentType,
    id::{DeploymentEnvironmentId, EnvironmentId},
};
use sea_orm::{ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter, sea_query::Expr};
use uuid::Uuid;

pub(super) async fn identity(shared: &Shared, id: EnvironmentId) -> Result<Identity> {
    let row = find(&shared.database, id).await?;
    Ok(Identity { id, binding: mark(&row), name: row.name })
}

pub(super) async fn bind(shared: &Shared, id: EnvironmentId, binding: HostBinding) -> Result<()> {
    let transaction = shared.write().await?;
    lock(&transaction, id).await?;
    write(&transaction, id, binding).await?;
    Ok(transaction.commit().await?)
}

/// Marks a locked environment.
pub(super) async fn write(transaction: &DatabaseTransaction, id: EnvironmentId, binding: HostBinding) -> Result<()> {
    let row = find(transaction, id).await?;
    match mark(&row) {
        Some(present) if present == binding => Ok(()),
        Some(present) if present.record != binding.record => {
            let message = format!(
                "The environment {} is already used by another host record, as a {}. Delete that record first.",
                row.name,
                present.kind.label()
            );
            Err(EnvironmentError::Refused { code: None, message })
        }
        _ => set(transaction, id, Some(binding.record.0), Some(binding.kind.code())).await,
    }
}

pub(super) async fn release(shared: &Shared, id: EnvironmentId, record: DeploymentEnvironmentId) -> Result<()> {
    let transaction = shared.write().await?;
    lock(&transaction, id).await?;
    erase(&transaction, id, record).await?;
    Ok(transaction.commit().await?)
}

/// Takes a record's mark off a locked environment.
pub(super) async fn erase(
    transaction: &DatabaseTransaction,
    id: EnvironmentId,
    record: DeploymentEnvironmentId,
) -> Result<()> {
    let row = find(transaction, id).await?;
    if row.binding_record == Some(record.0) {
        set(transaction, id, None, None).await?;
    }
    Ok(())
}

async fn set(
    transaction: &DatabaseTransaction,
    id: EnvironmentId,
    record: Option<Uuid>,
    kind: Option<i32>,
) -> Result<()> {
    environment::Entity::update_many()
        .col_expr(environment::Column::BindingRecord, Expr::value(record))
        .col_expr(environment::Column::BindingKind, Expr::value(kind))
        .filter(environment::Column::Id.eq(id.0))
        .exec(transaction)
        .await?;
    Ok(())
}

fn mark(row: &environment::Model) -> Option<HostBinding> {
    let kind = EnvironmentType::from_code(row.binding_kind?)?;
    Some(HostBinding { record: DeploymentEnvironmentId(row.binding_record?), kind })
}
