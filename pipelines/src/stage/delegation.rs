//! *Is Delegated Deployment*: a stage that deploys as its owner or as a service identity, so that makers need no right in
//! its target. Facts: the platform's documentation, `delegated-deployments-setup.md`.

use super::{Column, Entity, find, lock_pipeline_of, not_found};
use crate::{
    Caller, Error, Host, Result, access,
    audit::{self, Entry},
    environment_role::{MissingRight, standing},
    pipeline, user,
};
use model::{
    access::EnvironmentRight,
    audit::{AuditAction, AuditSubject},
    id::StageId,
    pipeline::{Delegation, DelegationType, Stage},
};
use sea_orm::{entity::prelude::*, sea_query::ExprTrait};

/// Says as whom a stage deploys; none for whoever asks. Nobody but the person themselves has a stage deploy as them, and
/// only with the right to import in its target; a service identity can be chosen before it has it. Counts for runs that
/// have not been imported yet. Administrators only.
///
/// Field: `delegate`.
pub async fn delegate(
    host: &Host,
    caller: &Caller,
    id: StageId,
    delegation: Option<Delegation>,
    row_version: i32,
) -> Result<()> {
    access::configure(host, caller, || Entry::new(AuditAction::Update, AuditSubject::Stage).of(id, "")).await?;
    let stage = find(&host.database, id).await?.ok_or_else(not_found)?;
    if let Some(delegation) = delegation.filter(|delegation| stage.delegation != Some(*delegation)) {
        check(host, caller, &stage, delegation).await?;
    }
    let name = async |delegation: Option<Delegation>| match delegation {
        Some(delegation) => Ok(user::require(&host.database, delegation.delegate).await?.display_name),
        None => Ok::<_, Error>(String::new()),
    };
    let (before, after) = (name(stage.delegation).await?, name(delegation).await?);
    let kind =
        |delegation: Option<Delegation>| delegation.map(|delegation| delegation.kind.label()).unwrap_or_default();
    let transaction = host.begin().await?;
    let pipeline = lock_pipeline_of(&transaction, id).await?;
    let changed = Entity::update_many()
        .col_expr(Column::DelegatedType, Expr::value(delegation.map(|delegation| delegation.kind.code())))
        .col_expr(Column::DelegateId, Expr::value(delegation.map(|delegation| delegation.delegate.0)))
        .col_expr(Column::RowVersion, Expr::col(Column::RowVersion).add(1))
        .col_expr(Column::Modified, Expr::value(host.now()))
        .filter(Column::Id.eq(id.0))
        .filter(Column::RowVersion.eq(row_version))
        .exec(&transaction)
        .await?;
    if changed.rows_affected == 0 {
        return Err(Error::Changed(format!("The stage “{}”", stage.name)));
    }
    let entry = Entry::new(AuditAction::Update, AuditSubject::Stage)
        .of(id, &stage.name)
        .field("delegated_type", kind(stage.delegation), kind(delegation))
        .field("run_as", before, after);
    audit::record(host, &transaction, caller, entry).await?;
    pipeline::touch(host, &transaction, pipeline).await?;
    Ok(transaction.commit().await?)
}

/// What the one that a stage is delegated to lacks to deploy into its target. Administrators only.
pub async fn missing_right(host: &Host, caller: &Caller, stage: &Stage) -> Result<Option<MissingRight>> {
    caller.require_administrator()?;
    let Some(delegation) = stage.delegation else { return Ok(None) };
    let target = (stage.target_environment, stage.target_name.as_str());
    standing::missing(host, delegation.delegate, true, target, EnvironmentRight::Import).await
}

/// Whether a stage can be delegated to somebody by the caller.
async fn check(host: &Host, caller: &Caller, stage: &Stage, delegation: Delegation) -> Result<()> {
    match delegation.kind {
        DelegationType::ServicePrincipal => {
            let service = user::entity::Entity::find_by_id(delegation.delegate.0)
                .filter(user::entity::Column::Enabled.eq(true))
                .filter(user::entity::Column::Kind.eq(user::entity::SERVICE));
            if service.count(&host.database).await? == 0 {
                return Err(Error::field("delegate", "Choose a service identity from the list."));
            }
        }
        DelegationType::StageOwner => {
            caller.require_person()?;
            if delegation.delegate != caller.user {
                return Err(Error::field(
                    "delegate",
                    "A stage deploys as a person only where they have switched that on themselves.",
                ));
            }
            let target = (stage.target_environment, stage.target_name.as_str());
            standing::require(host, caller, target, EnvironmentRight::Import).await?;
        }
    }
    Ok(())
}
