//! Stages of pipelines: the chain of targets that a version goes through.
//!
//! Every change holds the pipeline first ([`pipeline::lock`]), so that two changes at once cannot both be right and
//! make a fork together.

use crate::{
    Caller, Error, Host, Result, access,
    audit::{self, Entry},
    deployment_environment,
    field::{self, Fields},
    pipeline::{self, rules},
    stage_run,
};
use model::{
    audit::{AuditAction, AuditSubject},
    environment::{DeploymentEnvironment, EnvironmentType},
    id::{DeploymentEnvironmentId, EnvironmentId, PipelineId, StageId},
    pipeline::{Delegation, DelegationType, Stage},
};
use sea_orm::{
    ActiveValue::Set, ConnectionTrait, DatabaseTransaction, Select, entity::prelude::*, sea_query::ExprTrait,
};

pub mod delegation;
pub(crate) mod entity;

use entity::{ActiveModel, Column, Entity};

/// A stage to create.
#[derive(Clone, Debug)]
pub struct NewStage {
    /// The pipeline; fixed from then on.
    pub pipeline: PipelineId,
    /// Name.
    pub name: String,
    /// Description, possibly empty.
    pub description: String,
    /// The stage that has to succeed first; none for the first stage.
    pub previous: Option<StageId>,
    /// Record of the environment it deploys into.
    pub target: Option<DeploymentEnvironmentId>,
}

/// Changes to a stage.
#[derive(Clone, Debug)]
pub struct StageChanges {
    /// Name.
    pub name: String,
    /// Description, possibly empty.
    pub description: String,
    /// The stage that has to succeed first; none for the first stage.
    pub previous: Option<StageId>,
    /// Record of the environment it deploys into.
    pub target: Option<DeploymentEnvironmentId>,
    /// The row version the form was filled from.
    pub row_version: i32,
}

/// One stage. Administrators only.
pub async fn get(host: &Host, caller: &Caller, id: StageId) -> Result<Stage> {
    caller.require_administrator()?;
    find(&host.database, id).await?.ok_or_else(not_found)
}

/// Adds a stage at the end of a pipeline: `previous` is its last stage, or none when it has no stage yet. A stage that
/// is followed already is refused rather than re-linked: what would come after what is for a person to say, by
/// deleting the stages that follow and adding them again. Administrators only.
///
/// Fields: `name`, `description`, `previous`, `target`.
pub async fn create(host: &Host, caller: &Caller, new: &NewStage) -> Result<StageId> {
    access::configure(host, caller, || Entry::new(AuditAction::Create, AuditSubject::Stage).named(&new.name)).await?;
    let transaction = host.begin().await?;
    let pipeline = pipeline::lock(&transaction, new.pipeline).await?;
    let stages = chain(&transaction, new.pipeline).await?;
    rules::check_room(&stages, pipeline.personal).map_err(Error::Refused)?;
    let form = Form { name: &new.name, description: &new.description, previous: new.previous, target: new.target };
    let good = form.check(&transaction, &stages, None).await?;
    let id = insert(host, &transaction, caller, new.pipeline, new.previous, good).await?;
    pipeline::touch(host, &transaction, new.pipeline).await?;
    transaction.commit().await?;
    Ok(id)
}

/// Writes a new stage that was checked, after `previous`.
pub(crate) async fn insert(
    host: &Host,
    transaction: &DatabaseTransaction,
    caller: &Caller,
    pipeline: PipelineId,
    previous: Option<StageId>,
    good: Good,
) -> Result<StageId> {
    let (id, now) = (host.ids.next(), host.now());
    let stage = ActiveModel {
        id: Set(id),
        pipeline_id: Set(pipeline.0),
        name_key: Set(field::key(&good.name)),
        name: Set(good.name),
        description: Set(good.description),
        previous_id: Set(previous.map(Uuid::from)),
        target_id: Set(good.target.0),
        delegated_type: Set(None),
        delegate_id: Set(None),
        row_version: Set(1),
        created: Set(now),
        modified: Set(now),
    };
    let stage = stage.insert(transaction).await?;
    let entry = Entry::new(AuditAction::Create, AuditSubject::Stage).of(id, &stage.name);
    let entry = entry.set("pipeline", pipeline).set("target", good.target);
    audit::record(host, transaction, caller, entry).await?;
    Ok(StageId(id))
}

/// Changes a stage. Another previous stage is taken only where the stages stay one chain; another target counts for
/// runs that are asked for from then on. A stage that deploys as another person does so no more when its target
/// changes: they agreed to the one before. Administrators only.
///
/// Fields: `name`, `description`, `previous`, `target`.
pub async fn update(host: &Host, caller: &Caller, id: StageId, changes: &StageChanges) -> Result<()> {
    access::configure(host, caller, || Entry::new(AuditAction::Update, AuditSubject::Stage).of(id, &changes.name))
        .await?;
    let transaction = host.begin().await?;
    let pipeline = lock_pipeline_of(&transaction, id).await?;
    let stages = chain(&transaction, pipeline).await?;
    let stage = stages.iter().find(|stage| stage.id == id).ok_or_else(not_found)?;
    if stage.row_version != changes.row_version {
        return Err(Error::Changed(format!("The stage “{}”", stage.name)));
    }
    let form = Form {
        name: &changes.name,
        description: &changes.description,
        previous: changes.previous,
        target: changes.target,
    };
    let good = form.check(&transaction, &stages, Some(id)).await?;
    let agreed = |delegation: &Delegation| {
        good.target == stage.target
            || delegation.kind == DelegationType::ServicePrincipal
            || delegation.delegate == caller.user
    };
    let delegation = stage.delegation.filter(agreed);
    let person = |delegation: Option<Delegation>| delegation.map(|one| one.delegate.to_string()).unwrap_or_default();
    let previous = |stage: Option<StageId>| stage.map(|stage| stage.to_string()).unwrap_or_default();
    let entry = Entry::new(AuditAction::Update, AuditSubject::Stage)
        .of(id, &good.name)
        .field("name", &stage.name, &good.name)
        .field("description", &stage.description, &good.description)
        .field("previous", previous(stage.previous), previous(changes.previous))
        .field("target", stage.target, good.target)
        .field("run_as", person(stage.delegation), person(delegation));
    audit::record(host, &transaction, caller, entry).await?;
    Entity::update_many()
        .col_expr(Column::NameKey, Expr::value(field::key(&good.name)))
        .col_expr(Column::Name, Expr::value(good.name))
        .col_expr(Column::Description, Expr::value(good.description))
        .col_expr(Column::PreviousId, Expr::value(changes.previous.map(Uuid::from)))
        .col_expr(Column::TargetId, Expr::value(good.target.0))
        .col_expr(Column::DelegatedType, Expr::value(delegation.map(|delegation| delegation.kind.code())))
        .col_expr(Column::DelegateId, Expr::value(delegation.map(|delegation| delegation.delegate.0)))
        .col_expr(Column::RowVersion, Expr::col(Column::RowVersion).add(1))
        .col_expr(Column::Modified, Expr::value(host.now()))
        .filter(Column::Id.eq(id.0))
        .exec(&transaction)
        .await?;
    pipeline::touch(host, &transaction, pipeline).await?;
    Ok(transaction.commit().await?)
}

/// Deletes a stage. The stage that followed it follows the one before it from then on, and becomes the first when
/// there is none. Refused while runs of the stage are open; those that ended stay in the history. Administrators only.
pub async fn delete(host: &Host, caller: &Caller, id: StageId) -> Result<()> {
    access::configure(host, caller, || Entry::new(AuditAction::Delete, AuditSubject::Stage).of(id, "")).await?;
    let transaction = host.begin().await?;
    let pipeline = lock_pipeline_of(&transaction, id).await?;
    let stage = find(&transaction, id).await?.ok_or_else(not_found)?;
    remove(host, &transaction, caller, &stage).await?;
    pipeline::touch(host, &transaction, pipeline).await?;
    Ok(transaction.commit().await?)
}

/// Takes a stage out of the chain of its pipeline, which is locked; as [`delete`].
pub(crate) async fn remove(
    host: &Host,
    transaction: &DatabaseTransaction,
    caller: &Caller,
    stage: &Stage,
) -> Result<()> {
    let id = stage.id;
    let open = stage_run::entity::Entity::find()
        .filter(stage_run::entity::Column::StageId.eq(id.0))
        .filter(stage_run::entity::Column::Ended.is_null())
        .count(transaction)
        .await?;
    if open > 0 {
        return Err(Error::Refused(format!(
            "“{}” cannot be deleted, because {} not ended. Wait until nothing of it runs, or cancel it in the run \
             history.",
            stage.name,
            if open == 1 { "one run of it has".to_owned() } else { format!("{open} runs of it have") }
        )));
    }
    let follower = Entity::find().filter(Column::PreviousId.eq(id.0)).one(transaction).await?;
    // The database empties the follower's previous stage along with this one.
    Entity::delete_by_id(id.0).exec(transaction).await?;
    if let Some(follower) = follower {
        Entity::update_many()
            .col_expr(Column::PreviousId, Expr::value(stage.previous.map(Uuid::from)))
            .col_expr(Column::RowVersion, Expr::col(Column::RowVersion).add(1))
            .col_expr(Column::Modified, Expr::value(host.now()))
            .filter(Column::Id.eq(follower.id))
            .exec(transaction)
            .await?;
    }
    let entry = Entry::new(AuditAction::Delete, AuditSubject::Stage).of(id, &stage.name);
    audit::record(host, transaction, caller, entry.gone("pipeline", stage.pipeline)).await
}

/// Active target environments that a new stage of a pipeline can deploy into, by name. Administrators only.
pub async fn targets(host: &Host, caller: &Caller, pipeline: PipelineId) -> Result<Vec<DeploymentEnvironment>> {
    caller.require_administrator()?;
    let database = &host.database;
    if pipeline::entity::Entity::find_by_id(pipeline.0).one(database).await?.is_none() {
        return Err(pipeline::not_found());
    }
    let stages = chain(database, pipeline).await?;
    let development = development_environments(database).await?;
    let candidates = deployment_environment::active_of_kind(database, EnvironmentType::Target).await?;
    Ok(candidates
        .into_iter()
        .filter(|candidate| rules::check_target(&stages, None, candidate, &development).is_ok())
        .collect())
}

/// A stage, whoever asks.
pub(crate) async fn find(database: &impl ConnectionTrait, id: StageId) -> Result<Option<Stage>> {
    Ok(load(database, Entity::find_by_id(id.0)).await?.pop())
}

/// The stages of a pipeline, in order, whoever asks.
pub(crate) async fn chain(database: &impl ConnectionTrait, pipeline: PipelineId) -> Result<Vec<Stage>> {
    let stages = load(database, Entity::find().filter(Column::PipelineId.eq(pipeline.0))).await?;
    Ok(rules::in_order(stages))
}

/// The stages of a query with their targets, in one query and no particular order.
pub(crate) async fn load(database: &impl ConnectionTrait, stages: Select<Entity>) -> Result<Vec<Stage>> {
    let found = stages.find_also_related(deployment_environment::entity::Entity).all(database).await?;
    Ok(found.into_iter().filter_map(|(stage, target)| Some(stage.stage(&target?))).collect())
}

/// What a stage's form holds.
struct Form<'a> {
    name: &'a str,
    description: &'a str,
    previous: Option<StageId>,
    target: Option<DeploymentEnvironmentId>,
}

/// What a form comes to when nothing is wrong.
pub(crate) struct Good {
    pub name: String,
    pub description: String,
    pub target: DeploymentEnvironmentId,
}

impl Form<'_> {
    /// Checks every field against the stages of the pipeline. `stage` is the stage that is changed; none for a new one.
    async fn check(self, transaction: &DatabaseTransaction, stages: &[Stage], stage: Option<StageId>) -> Result<Good> {
        let mut fields = Fields::new();
        let name = fields.name(self.name);
        let key = field::key(&name);
        if stages.iter().any(|other| Some(other.id) != stage && field::key(&other.name) == key) {
            fields.problem("name", format!("This pipeline has a stage named “{name}” already. Choose another name."));
        }
        let description = fields.description(self.description);
        if let Err(message) = rules::check_previous(stages, stage, self.previous) {
            fields.problem("previous", message);
        }
        let target = match self.target {
            Some(target) => deployment_environment::lock(transaction, target).await?,
            None => None,
        };
        let Some(target) = target else {
            fields.problem("target", "Choose a target environment.");
            return Err(fields.finish().err().unwrap_or_else(not_found));
        };
        let development = development_environments(transaction).await?;
        if let Err(message) = rules::check_target(stages, stage, &target, &development) {
            fields.problem("target", message);
        }
        fields.finish()?;
        Ok(Good { name, description, target: target.id })
    }
}

/// Every development environment of the host with its name.
pub(crate) async fn development_environments(database: &impl ConnectionTrait) -> Result<Vec<(EnvironmentId, String)>> {
    use deployment_environment::entity;
    let records = entity::Entity::find()
        .filter(entity::Column::EnvironmentType.eq(EnvironmentType::Development.code()))
        .all(database)
        .await?;
    Ok(records.into_iter().map(|record| (EnvironmentId(record.environment_id), record.name)).collect())
}

/// Holds the pipeline of a stage until the transaction ends.
async fn lock_pipeline_of(transaction: &DatabaseTransaction, id: StageId) -> Result<PipelineId> {
    let stage = Entity::find_by_id(id.0).one(transaction).await?.ok_or_else(not_found)?;
    let pipeline = PipelineId(stage.pipeline_id);
    pipeline::lock(transaction, pipeline).await?;
    Ok(pipeline)
}

pub(crate) fn not_found() -> Error {
    Error::NotFound("There is no such stage.".to_owned())
}
