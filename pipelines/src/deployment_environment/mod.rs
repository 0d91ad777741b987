//! The host's records of environments: which environments pipelines start from and which they deploy into.

use crate::{
    Caller, Error, Host, Result, Topic, access,
    audit::{self, Entry},
    field::{self, Fields},
    user,
};
use environment::EnvironmentError;
use model::{
    audit::{AuditAction, AuditSubject},
    environment::{DeploymentEnvironment, EnvironmentType, EnvironmentView, ValidationStatus},
    id::{DeploymentEnvironmentId, EnvironmentId, UserId},
};
use sea_orm::{
    ActiveValue::Set, ConnectionTrait, DatabaseTransaction, QuerySelect, Select, UpdateMany, entity::prelude::*,
    sea_query::ExprTrait,
};

mod choice;
pub(crate) mod entity;
mod usage;
mod validation;

pub(crate) use choice::{allowed, may_choose};
pub use choice::{choices, require_choice};
use entity::{ActiveModel, Column, Entity, Model};
pub use validation::{force_link, validate_again, validate_pending};

/// A record to create.
#[derive(Clone, Debug)]
pub struct NewDeploymentEnvironment {
    /// Name of the record.
    pub name: String,
    /// Description, possibly empty.
    pub description: String,
    /// Owner.
    pub owner: UserId,
    /// Development or target; fixed from then on.
    pub kind: EnvironmentType,
    /// The Environment ID as it was typed; fixed from then on.
    pub environment_id: String,
}

/// Changes to a record. Type and Environment ID are fixed: to change them, delete the record and create another one.
#[derive(Clone, Debug)]
pub struct DeploymentEnvironmentChanges {
    /// Name of the record.
    pub name: String,
    /// Description, possibly empty.
    pub description: String,
    /// Owner.
    pub owner: UserId,
    /// The row version the form was filled from.
    pub row_version: i32,
}

/// The records of a view, by name. Administrators only.
pub async fn list(host: &Host, caller: &Caller, view: EnvironmentView) -> Result<Vec<DeploymentEnvironment>> {
    caller.require_administrator()?;
    let records = Entity::find().filter(Column::Active.eq(view != EnvironmentView::Inactive));
    let of_kind = |kind: EnvironmentType| Column::EnvironmentType.eq(kind.code());
    let records = match view {
        EnvironmentView::Development => records.filter(of_kind(EnvironmentType::Development)),
        EnvironmentView::Target => records.filter(of_kind(EnvironmentType::Target)),
        EnvironmentView::Active | EnvironmentView::Inactive => records,
    };
    load(&host.database, records).await
}

/// One record. Administrators only.
pub async fn get(host: &Host, caller: &Caller, id: DeploymentEnvironmentId) -> Result<DeploymentEnvironment> {
    caller.require_administrator()?;
    find(&host.database, id).await?.ok_or_else(not_found)
}

/// Creates a record, to be validated in the background. Administrators only.
///
/// Fields: `name`, `description`, `owner`, `environment_id`. That the environment is taken by another record shows
/// when it is validated, not here.
pub async fn create(host: &Host, caller: &Caller, new: &NewDeploymentEnvironment) -> Result<DeploymentEnvironmentId> {
    access::configure(host, caller, || Entry::new(AuditAction::Create, AuditSubject::Environment).named(&new.name))
        .await?;
    let mut fields = Fields::new();
    let name = fields.name(&new.name);
    let description = fields.description(&new.description);
    user::check_owner(host, &mut fields, new.owner).await?;
    let environment_id = new.environment_id.parse::<EnvironmentId>().ok().filter(|id| !id.0.is_nil());
    let Some(environment_id) = environment_id else {
        fields.problem(
            "environment_id",
            "Enter the Environment ID: a GUID such as 8a3c5f0e-2b4d-4e6f-9a1b-3c5d7e9f1a2b, without anything around it.",
        );
        return Err(fields.finish().err().unwrap_or_else(not_found));
    };
    fields.finish()?;
    let (id, now) = (host.ids.next(), host.now());
    let record = ActiveModel {
        id: Set(id),
        name_key: Set(field::key(&name)),
        name: Set(name.clone()),
        description: Set(description),
        environment_type: Set(new.kind.code()),
        environment_id: Set(environment_id.0),
        owner_id: Set(new.owner.0),
        validation_status: Set(ValidationStatus::Pending.code()),
        error_message: Set(String::new()),
        active: Set(true),
        row_version: Set(1),
        created: Set(now),
        modified: Set(now),
    };
    let transaction = host.begin().await?;
    record.insert(&transaction).await.map_err(|error| name_taken(error, &name))?;
    let entry = Entry::new(AuditAction::Create, AuditSubject::Environment)
        .of(id, &name)
        .set("environment_type", new.kind.name())
        .set("environment_id", environment_id)
        .set("owner", new.owner);
    audit::record(host, &transaction, caller, entry).await?;
    transaction.commit().await?;
    host.news.tell(Topic::Work);
    Ok(DeploymentEnvironmentId(id))
}

/// Changes a record. Administrators only.
///
/// Fields: `name`, `description`, `owner`.
pub async fn update(
    host: &Host,
    caller: &Caller,
    id: DeploymentEnvironmentId,
    changes: &DeploymentEnvironmentChanges,
) -> Result<()> {
    access::configure(host, caller, || {
        Entry::new(AuditAction::Update, AuditSubject::Environment).of(id, &changes.name)
    })
    .await?;
    let mut fields = Fields::new();
    let name = fields.name(&changes.name);
    let description = fields.description(&changes.description);
    user::check_owner(host, &mut fields, changes.owner).await?;
    fields.finish()?;
    let transaction = host.begin().await?;
    let before = Entity::find_by_id(id.0).one(&transaction).await?.ok_or_else(not_found)?;
    let entry = Entry::new(AuditAction::Update, AuditSubject::Environment)
        .of(id, &name)
        .field("name", &before.name, &name)
        .field("description", &before.description, &description)
        .field("owner", before.owner_id, changes.owner.0);
    let update = Entity::update_many()
        .col_expr(Column::Name, Expr::value(name.as_str()))
        .col_expr(Column::NameKey, Expr::value(field::key(&name)))
        .col_expr(Column::Description, Expr::value(description))
        .col_expr(Column::OwnerId, Expr::value(changes.owner.0));
    change(host, &transaction, id, changes.row_version, update).await.map_err(|error| match error {
        Error::Database(error) => name_taken(error, &name),
        error => error,
    })?;
    audit::record(host, &transaction, caller, entry).await?;
    transaction.commit().await?;
    host.news.tell(Topic::Environment(id));
    Ok(())
}

/// Activates a record, which has it validated again, or deactivates it, which is refused while a pipeline uses it. A
/// deactivated record keeps its hold on the environment; deleting it lets go. Administrators only.
pub async fn set_active(
    host: &Host,
    caller: &Caller,
    id: DeploymentEnvironmentId,
    active: bool,
    row_version: i32,
) -> Result<()> {
    let action = if active { AuditAction::Activate } else { AuditAction::Deactivate };
    access::configure(host, caller, || Entry::new(action, AuditSubject::Environment).of(id, "")).await?;
    let transaction = host.begin().await?;
    let mut update = Entity::update_many().col_expr(Column::Active, Expr::value(active));
    if active {
        update = update
            .col_expr(Column::ValidationStatus, Expr::value(ValidationStatus::Pending.code()))
            .col_expr(Column::ErrorMessage, Expr::value(""));
    }
    // The write comes first and holds the record: whoever links it meanwhile waits and then sees what it became.
    change(host, &transaction, id, row_version, update).await?;
    if !active {
        usage::require_unused(&transaction, id, "deactivated").await?;
    }
    let record = Entity::find_by_id(id.0).one(&transaction).await?.ok_or_else(not_found)?;
    let entry = Entry::new(action, AuditSubject::Environment).of(id, record.name).set("active", active);
    audit::record(host, &transaction, caller, entry).await?;
    transaction.commit().await?;
    host.news.tell(Topic::Environment(id));
    host.news.tell(Topic::Work);
    Ok(())
}

/// Deletes a record and lets go of its environment. Refused while a pipeline uses it, and while the environment does
/// not answer although it did when it was validated: its mark would stay behind. Administrators only.
pub async fn delete(host: &Host, caller: &Caller, id: DeploymentEnvironmentId) -> Result<()> {
    access::configure(host, caller, || Entry::new(AuditAction::Delete, AuditSubject::Environment).of(id, "")).await?;
    let record = Entity::find_by_id(id.0).one(&host.database).await?.ok_or_else(not_found)?;
    usage::require_unused(&host.database, id, "deleted").await?;
    match release(host, &record).await {
        Ok(()) => {}
        Err(error) if error.is_transient() && record.validation() != ValidationStatus::Failed => {
            return Err(Error::Refused(format!(
                "“{}” cannot be deleted now, because its environment has to be told and does not answer: {error} Try \
                 again later.",
                record.name
            )));
        }
        Err(error) => {
            tracing::warn!(record = %id, environment = %record.environment_id, %error, "deleted without release");
        }
    }
    let deleted = Entity::delete_by_id(id.0).exec(&host.database).await;
    if let Err(error) = deleted {
        // Somebody linked it in between. It goes on being used, so that it needs its mark again.
        validation::set_pending(host, id).await?;
        host.news.tell(Topic::Work);
        usage::require_unused(&host.database, id, "deleted").await?;
        return Err(error.into());
    }
    let entry = Entry::new(AuditAction::Delete, AuditSubject::Environment).of(id, &record.name);
    audit::record(host, &host.database, caller, entry.gone("environment_id", record.environment_id)).await?;
    // A validation under way may have set the mark again after it was taken away.
    if let Err(error) = release(host, &record).await {
        tracing::warn!(record = %id, environment = %record.environment_id, %error, "deleted without second release");
    }
    host.news.tell(Topic::Environment(id));
    Ok(())
}

/// Takes the mark of a record out of its environment, within the same deadline as a validation.
async fn release(host: &Host, record: &Model) -> Result<(), EnvironmentError> {
    let work = async {
        let environment = host.environments.open(EnvironmentId(record.environment_id)).await?;
        environment.release(DeploymentEnvironmentId(record.id)).await
    };
    tokio::time::timeout(validation::DEADLINE, work).await.unwrap_or_else(|_| Err(validation::no_answer()))
}

/// Changes a record that still is as the caller read it.
async fn change(
    host: &Host,
    database: &impl ConnectionTrait,
    id: DeploymentEnvironmentId,
    row_version: i32,
    update: UpdateMany<Entity>,
) -> Result<()> {
    let changed = update
        .col_expr(Column::RowVersion, Expr::col(Column::RowVersion).add(1))
        .col_expr(Column::Modified, Expr::value(host.now()))
        .filter(Column::Id.eq(id.0))
        .filter(Column::RowVersion.eq(row_version))
        .exec(database)
        .await?;
    if changed.rows_affected == 1 {
        return Ok(());
    }
    match Entity::find_by_id(id.0).one(database).await? {
        Some(record) => Err(Error::Changed(format!("The environment “{}”", record.name))),
        None => Err(not_found()),
    }
}

/// A record, whoever asks.
pub(crate) async fn find(
    database: &impl ConnectionTrait,
    id: DeploymentEnvironmentId,
) -> Result<Option<DeploymentEnvironment>> {
    let found = Entity::find_by_id(id.0).find_also_related(user::entity::Entity).one(database).await?;
    found.map(|(record, owner)| record.record(owner)).transpose()
}

/// The records of a query, by name, in one query with their owners.
pub(crate) async fn load(
    database: &impl ConnectionTrait,
    records: Select<Entity>,
) -> Result<Vec<DeploymentEnvironment>> {
    let found = records.find_also_related(user::entity::Entity).all(database).await?;
    let mut records = found.into_iter().map(|(record, owner)| record.record(owner)).collect::<Result<Vec<_>>>()?;
    records.sort_by_cached_key(|record| (field::key(&record.name), record.id));
    Ok(records)
}

/// Active records of a type, by name.
pub(crate) async fn active_of_kind(
    database: &impl ConnectionTrait,
    kind: EnvironmentType,
) -> Result<Vec<DeploymentEnvironment>> {
    let records = Entity::find().filter(Column::Active.eq(true)).filter(Column::EnvironmentType.eq(kind.code()));
    load(database, records).await
}

/// A record that is about to be used, held until the transaction ends, so that nobody deactivates it meanwhile.
pub(crate) async fn lock(
    transaction: &DatabaseTransaction,
    id: DeploymentEnvironmentId,
) -> Result<Option<DeploymentEnvironment>> {
    let record = Entity::find_by_id(id.0).lock_exclusive().one(transaction).await?;
    record.map(|record| record.record(None)).transpose()
}

/// The active development environment with an id, held as with [`lock`].
pub(crate) async fn lock_development(
    transaction: &DatabaseTransaction,
    environment: EnvironmentId,
) -> Result<Option<DeploymentEnvironment>> {
    let record = Entity::find()
        .filter(Column::EnvironmentId.eq(environment.0))
        .filter(Column::EnvironmentType.eq(EnvironmentType::Development.code()))
        .filter(Column::Active.eq(true))
        .lock_exclusive()
        .one(transaction)
        .await?;
    record.map(|record| record.record(None)).transpose()
}

fn name_taken(error: DbErr, name: &str) -> Error {
    field::name_taken(error, "name", format!("There is an environment named “{name}” already. Choose another name."))
}

pub(crate) fn not_found() -> Error {
    Error::NotFound("There is no such environment.".to_owned())
}
