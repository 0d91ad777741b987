//! Pipelines: which development environments they start from and which stages they go through.

use crate::{
    Caller, Error, Host, Result, access,
    audit::{self, Entry},
    deployment_environment,
    field::{self, Fields},
    stage, stage_run, user,
};
use model::{
    Timestamp,
    access::AccessRight,
    audit::{AuditAction, AuditSubject},
    environment::{DeploymentEnvironment, EnvironmentType},
    id::{DeploymentEnvironmentId, PipelineId, TeamId, UserId},
    pipeline::{Pipeline, PipelineSummary, Stage},
};
use sea_orm::{
    ActiveValue::Set,
    ConnectionTrait, DatabaseTransaction, QuerySelect, UpdateMany,
    entity::prelude::*,
    sea_query::{ExprTrait, Query},
};
use std::collections::HashMap;
use uuid::Uuid;

pub(crate) mod entity;
pub(crate) mod link;
pub mod personal;
pub(crate) mod rules;
pub mod share;
pub(crate) mod standing;

use entity::{ActiveModel, Column, Entity, Model};

/// A pipeline to create.
#[derive(Clone, Debug)]
pub struct NewPipeline {
    /// Name.
    pub name: String,
    /// Description, possibly empty.
    pub description: String,
    /// Owner.
    pub owner: UserId,
}

/// Changes to a pipeline.
#[derive(Clone, Debug)]
pub struct PipelineChanges {
    /// Name.
    pub name: String,
    /// Description, possibly empty.
    pub description: String,
    /// Owner.
    pub owner: UserId,
    /// *Allow redeployments of older versions*.
    pub redeployment: bool,
    /// The row version the form was filled from.
    pub row_version: i32,
}

/// Every pipeline, by name, in three queries however many there are. Administrators only.
pub async fn list(host: &Host, caller: &Caller) -> Result<Vec<PipelineSummary>> {
    caller.require_administrator()?;
    let database = &host.database;
    let pipelines = Entity::find().find_also_related(user::entity::Entity).all(database).await?;
    let mut stages: HashMap<PipelineId, Vec<Stage>> = HashMap::new();
    for stage in stage::load(database, stage::entity::Entity::find()).await? {
        stages.entry(stage.pipeline).or_default().push(stage);
    }
    let mut links: HashMap<Uuid, u64> = HashMap::new();
    for link in link::Entity::find().all(database).await? {
        *links.entry(link.pipeline_id).or_default() += 1;
    }
    let mut summaries: Vec<_> = pipelines
        .into_iter()
        .map(|(pipeline, owner)| {
            let stages = stages.remove(&PipelineId(pipeline.id)).unwrap_or_default();
            PipelineSummary {
                id: PipelineId(pipeline.id),
                name: pipeline.name,
                description: pipeline.description,
                owner_name: owner.map(|owner| owner.display_name).unwrap_or_default(),
                stages: rules::in_order(stages).into_iter().map(|stage| stage.name).collect(),
                development_environments: links.get(&pipeline.id).copied().unwrap_or_default(),
                personal: pipeline.personal,
                active: pipeline.active,
                modified: Timestamp(pipeline.modified),
            }
        })
        .collect();
    summaries.sort_by_cached_key(|pipeline| (field::key(&pipeline.name), pipeline.id));
    Ok(summaries)
}

/// One pipeline with its stages in order. Administrators only.
pub async fn get(host: &Host, caller: &Caller, id: PipelineId) -> Result<Pipeline> {
    caller.require_administrator()?;
    find(&host.database, id).await?.ok_or_else(not_found)
}

/// Creates a pipeline without environments and stages. Administrators only.
///
/// Fields: `name`, `description`, `owner`.
pub async fn create(host: &Host, caller: &Caller, new: &NewPipeline) -> Result<PipelineId> {
    access::configure(host, caller, || Entry::new(AuditAction::Create, AuditSubject::Pipeline).named(&new.name))
        .await?;
    let mut fields = Fields::new();
    let name = fields.name(&new.name);
    let description = fields.description(&new.description);
    user::check_owner(host, &mut fields, new.owner).await?;
    fields.finish()?;
    let (id, now) = (host.ids.next(), host.now());
    let pipeline = ActiveModel {
        id: Set(id),
        name_key: Set(field::key(&name)),
        name: Set(name.clone()),
        description: Set(description),
        owner_id: Set(new.owner.0),
        owner_team_id: Set(None),
        personal: Set(false),
        active: Set(true),
        redeployment: Set(false),
        row_version: Set(1),
        created: Set(now),
        modified: Set(now),
    };
    let transaction = host.begin().await?;
    pipeline.insert(&transaction).await.map_err(|error| name_taken(error, &name))?;
    let entry = Entry::new(AuditAction::Create, AuditSubject::Pipeline).of(id, &name);
    audit::record(host, &transaction, caller, entry.set("owner", new.owner)).await?;
    transaction.commit().await?;
    Ok(PipelineId(id))
}

/// Changes a pipeline. Administrators only.
///
/// Fields: `name`, `description`, `owner`.
pub async fn update(host: &Host, caller: &Caller, id: PipelineId, changes: &PipelineChanges) -> Result<()> {
    access::configure(host, caller, || Entry::new(AuditAction::Update, AuditSubject::Pipeline).of(id, &changes.name))
        .await?;
    let mut fields = Fields::new();
    let name = fields.name(&changes.name);
    let description = fields.description(&changes.description);
    user::check_owner(host, &mut fields, changes.owner).await?;
    fields.finish()?;
    let transaction = host.begin().await?;
    let before = lock(&transaction, id).await?;
    if before.personal && before.owner_id != changes.owner.0 {
        return Err(Error::field("owner", personal::STAYS));
    }
    let key = if before.personal { personal::name_key(&name, changes.owner) } else { field::key(&name) };
    // Whoever gives the pipeline to a person takes it from the team that owned it.
    let team = before.owner_team_id.filter(|_| before.owner_id == changes.owner.0);
    let entry = Entry::new(AuditAction::Update, AuditSubject::Pipeline)
        .of(id, &name)
        .field("name", &before.name, &name)
        .field("description", &before.description, &description)
        .field("owner", before.owner_id, changes.owner.0)
        .field("redeployment", before.redeployment, changes.redeployment);
    let update = Entity::update_many()
        .col_expr(Column::Name, Expr::value(name.as_str()))
        .col_expr(Column::NameKey, Expr::value(key))
        .col_expr(Column::Description, Expr::value(description))
        .col_expr(Column::OwnerId, Expr::value(changes.owner.0))
        .col_expr(Column::OwnerTeamId, Expr::value(team))
        .col_expr(Column::Redeployment, Expr::value(changes.redeployment));
    change(host, &transaction, id, changes.row_version, update).await.map_err(|error| match error {
        Error::Database(error) => name_taken(error, &name),
        error => error,
    })?;
    audit::record(host, &transaction, caller, entry).await?;
    Ok(transaction.commit().await?)
}

/// Activates or deactivates a pipeline. A deactivated one takes no new runs; those under way go on. Administrators
/// only.
pub async fn set_active(host: &Host, caller: &Caller, id: PipelineId, active: bool, row_version: i32) -> Result<()> {
    let action = if active { AuditAction::Activate } else { AuditAction::Deactivate };
    access::configure(host, caller, || Entry::new(action, AuditSubject::Pipeline).of(id, "")).await?;
    let transaction = host.begin().await?;
    let pipeline = lock(&transaction, id).await?;
    let update = Entity::update_many().col_expr(Column::Active, Expr::value(active));
    change(host, &transaction, id, row_version, update).await?;
    let entry = Entry::new(action, AuditSubject::Pipeline).of(id, &pipeline.name);
    audit::record(host, &transaction, caller, entry.field("active", pipeline.active, active)).await?;
    Ok(transaction.commit().await?)
}

/// Deletes a pipeline with its stages. Refused while runs of it are open; those that ended stay in the history.
/// Administrators only.
pub async fn delete(host: &Host, caller: &Caller, id: PipelineId) -> Result<()> {
    access::configure(host, caller, || Entry::new(AuditAction::Delete, AuditSubject::Pipeline).of(id, "")).await?;
    erase(host, caller, id).await
}

/// Deletes a pipeline for somebody who may.
async fn erase(host: &Host, caller: &Caller, id: PipelineId) -> Result<()> {
    let transaction = host.begin().await?;
    let pipeline = lock(&transaction, id).await?;
    let open = stage_run::entity::Entity::find()
        .filter(stage_run::entity::Column::PipelineId.eq(id.0))
        .filter(stage_run::entity::Column::Ended.is_null())
        .count(&transaction)
        .await?;
    if open > 0 {
        return Err(Error::Refused(format!(
            "“{}” cannot be deleted, because {} not ended. Wait until nothing of it runs, or cancel it in the run \
             history.",
            pipeline.name,
            if open == 1 { "one run of it has".to_owned() } else { format!("{open} runs of it have") }
        )));
    }
    Entity::delete_by_id(id.0).exec(&transaction).await?;
    let entry = Entry::new(AuditAction::Delete, AuditSubject::Pipeline).of(id, &pipeline.name);
    audit::record(host, &transaction, caller, entry).await?;
    Ok(transaction.commit().await?)
}

/// Links a development environment. Linking it again does nothing. For whoever has the right to write, and may choose
/// the environment.
///
/// Field: `environment`.
pub async fn link_environment(
    host: &Host,
    caller: &Caller,
    id: PipelineId,
    environment: DeploymentEnvironmentId,
) -> Result<()> {
    let (found, rights) = standing::find(&host.database, caller, id).await?;
    let entry =
        || Entry::new(AuditAction::Link, AuditSubject::Pipeline).of(id, &found.name).set("environment", environment);
    access::permit(host, caller, access::has(rights, AccessRight::Write), entry).await?;
    if found.personal {
        return Err(Error::Refused(personal::ONE_ENVIRONMENT.to_owned()));
    }
    let transaction = host.begin().await?;
    lock(&transaction, id).await?;
    let linked = linked(&transaction, id).await?;
    if linked.iter().any(|linked| linked.id == environment) {
        return Ok(());
    }
    let stages = stage::chain(&transaction, id).await?;
    let environment = match deployment_environment::lock(&transaction, environment).await? {
        Some(record) if deployment_environment::may_choose(&transaction, caller, record.id).await? => record,
        _ => return Err(Error::field("environment", "Choose a development environment.")),
    };
    rules::check_link(&linked, &stages, &environment).map_err(|message| Error::field("environment", message))?;
    link::ActiveModel { pipeline_id: Set(id.0), deployment_environment_id: Set(environment.id.0) }
        .insert(&transaction)
        .await?;
    touch(host, &transaction, id).await?;
    let entry = Entry::new(AuditAction::Link, AuditSubject::Pipeline).of(id, &found.name);
    audit::record(host, &transaction, caller, entry.set("environment", &environment.name)).await?;
    Ok(transaction.commit().await?)
}

/// Removes a linked development environment. Removing one that is not linked does nothing. Runs under way go on.
/// Administrators only.
pub async fn unlink_environment(
    host: &Host,
    caller: &Caller,
    id: PipelineId,
    environment: DeploymentEnvironmentId,
) -> Result<()> {
    access::configure(host, caller, || {
        Entry::new(AuditAction::Unlink, AuditSubject::Pipeline).of(id, "").set("environment", environment)
    })
    .await?;
    let transaction = host.begin().await?;
    let pipeline = lock(&transaction, id).await?;
    if pipeline.personal {
        return Err(Error::Refused(personal::ONE_ENVIRONMENT.to_owned()));
    }
    link::Entity::delete_by_id((id.0, environment.0)).exec(&transaction).await?;
    touch(host, &transaction, id).await?;
    let entry = Entry::new(AuditAction::Unlink, AuditSubject::Pipeline).of(id, &pipeline.name);
    audit::record(host, &transaction, caller, entry.gone("environment", environment)).await?;
    Ok(transaction.commit().await?)
}

/// Active development environments that can still be linked, by name. Administrators only.
pub async fn linkable_environments(host: &Host, caller: &Caller, id: PipelineId) -> Result<Vec<DeploymentEnvironment>> {
    caller.require_administrator()?;
    let pipeline = get(host, caller, id).await?;
    if pipeline.personal {
        return Ok(Vec::new());
    }
    let candidates = deployment_environment::active_of_kind(&host.database, EnvironmentType::Development).await?;
    Ok(candidates
        .into_iter()
        .filter(|candidate| rules::check_link(&pipeline.development_environments, &pipeline.stages, candidate).is_ok())
        .collect())
}

/// A pipeline, whoever asks, in four queries.
pub(crate) async fn find(database: &impl ConnectionTrait, id: PipelineId) -> Result<Option<Pipeline>> {
    let found = Entity::find_by_id(id.0).find_also_related(user::entity::Entity).one(database).await?;
    let Some((pipeline, owner)) = found else { return Ok(None) };
    let development_environments = linked(database, id).await?;
    let stages = stage::chain(database, id).await?;
    let targets: HashMap<_, _> = deployment_environment::load(
        database,
        deployment_environment::entity::Entity::find()
            .filter(deployment_environment::entity::Column::Id.is_in(stages.iter().map(|stage| stage.target.0))),
    )
    .await?
    .into_iter()
    .map(|target| (target.id, target))
    .collect();
    Ok(Some(Pipeline {
        id,
        obstacles: rules::obstacles(pipeline.active, &development_environments, &stages, &targets),
        name: pipeline.name,
        description: pipeline.description,
        owner: UserId(pipeline.owner_id),
        owner_name: owner.map(|owner| owner.display_name).unwrap_or_default(),
        personal: pipeline.personal,
        active: pipeline.active,
        redeployment: pipeline.redeployment,
        development_environments,
        stages,
        row_version: pipeline.row_version,
    }))
}

/// The development environments linked to a pipeline, by name.
pub(crate) async fn linked(database: &impl ConnectionTrait, id: PipelineId) -> Result<Vec<DeploymentEnvironment>> {
    let ids = Query::select()
        .from(link::Entity)
        .column(link::Column::DeploymentEnvironmentId)
        .and_where(link::Column::PipelineId.eq(id.0))
        .take();
    let records = deployment_environment::entity::Entity::find()
        .filter(deployment_environment::entity::Column::Id.in_subquery(ids));
    deployment_environment::load(database, records).await
}

/// Names of pipelines that a team owns.
pub(crate) async fn owned_by_team(database: &impl ConnectionTrait, team: TeamId) -> Result<Vec<String>> {
    let owned = Entity::find().filter(Column::OwnerTeamId.eq(team.0)).all(database).await?;
    Ok(owned.into_iter().map(|pipeline| pipeline.name).collect())
}

/// Holds a pipeline until the transaction ends, so that its links and stages are edited one after the other.
pub(crate) async fn lock(transaction: &DatabaseTransaction, id: PipelineId) -> Result<Model> {
    Entity::find_by_id(id.0).lock_exclusive().one(transaction).await?.ok_or_else(not_found)
}

/// Notes that a pipeline's links or stages were changed. Not a change of its own fields, so that its form stays good.
pub(crate) async fn touch(host: &Host, transaction: &DatabaseTransaction, id: PipelineId) -> Result<()> {
    Entity::update_many()
        .col_expr(Column::Modified, Expr::value(host.now()))
        .filter(Column::Id.eq(id.0))
        .exec(transaction)
        .await?;
    Ok(())
}

/// Changes a pipeline that still is as the caller read it.
async fn change(
    host: &Host,
    transaction: &DatabaseTransaction,
    id: PipelineId,
    row_version: i32,
    update: UpdateMany<Entity>,
) -> Result<()> {
    let changed = update
        .col_expr(Column::RowVersion, Expr::col(Column::RowVersion).add(1))
        .col_expr(Column::Modified, Expr::value(host.now()))
        .filter(Column::Id.eq(id.0))
        .filter(Column::RowVersion.eq(row_version))
        .exec(transaction)
        .await?;
    if changed.rows_affected == 1 {
        return Ok(());
    }
    match Entity::find_by_id(id.0).one(transaction).await? {
        Some(pipeline) => Err(Error::Changed(format!("The pipeline “{}”", pipeline.name))),
        None => Err(not_found()),
    }
}

fn name_taken(error: DbErr, name: &str) -> Error {
    field::name_taken(error, "name", format!("There is a pipeline named “{name}” already. Choose another name."))
}

pub(crate) fn not_found() -> Error {
    Error::NotFound("There is no such pipeline.".to_owned())
}
