//! The host's records as programs read them: every column, narrowed by the database, for whoever may see them.
//! Administrators see all; everybody else the pipelines that they may read, what belongs to those, and runs and artifacts
//! as on the pages.

mod run;

use crate::{
    Caller, Host, Result, access, artifact, deployment_environment, gate,
    pipeline::{self, link, standing},
    stage, user,
};
use model::{
    Timestamp,
    environment::DeploymentEnvironment,
    gate::Gates,
    id::{DeploymentEnvironmentId, PipelineId, StageId, UserId},
    pipeline::Stage,
    stage_run::Artifact,
    user::{Person, Roles},
};
use sea_orm::{Condition, QueryOrder, QuerySelect, QueryTrait, Select, entity::prelude::*, sea_query::ExprTrait};
use std::collections::HashMap;

pub use run::{RunOrder, RunQuery, RunRow, StepRow, runs, steps};

/// A record of an environment.
#[derive(Clone, Debug)]
pub struct EnvironmentRow {
    /// The record.
    pub environment: DeploymentEnvironment,
    /// When it was created.
    pub created: Timestamp,
}

/// A pipeline.
#[derive(Clone, Debug)]
pub struct PipelineRow {
    /// Id.
    pub id: PipelineId,
    /// Name.
    pub name: String,
    /// Description, possibly empty.
    pub description: String,
    /// Owner.
    pub owner: UserId,
    /// Name of the owner.
    pub owner_name: String,
    /// Whether it takes new runs.
    pub active: bool,
    /// *Allow redeployments of older versions*.
    pub redeployment: bool,
    /// Raised by one with every change.
    pub row_version: i32,
    /// When it was created.
    pub created: Timestamp,
    /// When it was last changed.
    pub modified: Timestamp,
}

/// A stage.
#[derive(Clone, Debug)]
pub struct StageRow {
    /// The stage.
    pub stage: Stage,
    /// Its gates; who approves is told to administrators only.
    pub gates: Gates,
    /// Name of its pipeline.
    pub pipeline_name: String,
    /// The owner of its pipeline.
    pub owner: UserId,
    /// When it was created.
    pub created: Timestamp,
    /// When it was last changed.
    pub modified: Timestamp,
}

/// Records of environments, of all or of those with some ids.
pub async fn environments(host: &Host, caller: &Caller, ids: Option<&[Uuid]>) -> Result<Vec<EnvironmentRow>> {
    use deployment_environment::entity::{Column, Entity};
    let seen = if caller.is_administrator() { Entity::find() } else { deployment_environment::allowed(caller) };
    let rows = of_ids(seen, Column::Id, ids)
        .find_also_related(user::entity::Entity)
        .order_by_asc(Column::NameKey)
        .all(&host.database)
        .await?;
    let row = |(record, owner): (deployment_environment::entity::Model, _)| {
        let created = Timestamp(record.created);
        Ok(EnvironmentRow { environment: record.record(owner)?, created })
    };
    rows.into_iter().map(row).collect()
}

fn seen_pipelines(caller: &Caller) -> Select<pipeline::entity::Entity> {
    use pipeline::entity::{Column, Entity};
    let seen = Entity::find().filter(standing::readable(caller));
    // A deactivated pipeline is there for nobody but administrators.
    if caller.is_administrator() { seen } else { seen.filter(Column::Active.eq(true)) }
}

/// Pipelines, all or those with some ids.
pub async fn pipelines(host: &Host, caller: &Caller, ids: Option<&[Uuid]>) -> Result<Vec<PipelineRow>> {
    use pipeline::entity::Column;
    let rows = of_ids(seen_pipelines(caller), Column::Id, ids)
        .find_also_related(user::entity::Entity)
        .order_by_asc(Column::NameKey)
        .all(&host.database)
        .await?;
    let row = |(pipeline, owner): (pipeline::entity::Model, Option<user::entity::Model>)| PipelineRow {
        id: PipelineId(pipeline.id),
        name: pipeline.name,
        description: pipeline.description,
        owner: UserId(pipeline.owner_id),
        owner_name: owner.map(|owner| owner.display_name).unwrap_or_default(),
        active: pipeline.active,
        redeployment: pipeline.redeployment,
        row_version: pipeline.row_version,
        created: Timestamp(pipeline.created),
        modified: Timestamp(pipeline.modified),
    };
    Ok(rows.into_iter().map(row).collect())
}

/// Which stages to read.
#[derive(Clone, Copy, Debug, Default)]
pub struct StageQuery<'a> {
    /// Those with these ids.
    pub ids: Option<&'a [Uuid]>,
    /// Those of these pipelines.
    pub pipelines: Option<&'a [Uuid]>,
}

/// Stages, in the order in which they were added.
pub async fn stages(host: &Host, caller: &Caller, query: StageQuery<'_>) -> Result<Vec<StageRow>> {
    use stage::entity::{Column, Entity};
    let of_pipelines = of_ids(seen_pipelines(caller), pipeline::entity::Column::Id, query.pipelines);
    let owning: HashMap<Uuid, pipeline::entity::Model> =
        of_pipelines.all(&host.database).await?.into_iter().map(|pipeline| (pipeline.id, pipeline)).collect();
    let found = of_ids(Entity::find(), Column::Id, query.ids)
        .filter(Column::PipelineId.is_in(owning.keys().copied()))
        .find_also_related(deployment_environment::entity::Entity)
        .order_by_asc(Column::Created)
        .order_by_asc(Column::Id)
        .all(&host.database)
        .await?;
    let mut gates = gate::of_all(&host.database, found.iter().map(|(stage, _)| StageId(stage.id))).await?;
    let mut rows = Vec::with_capacity(found.len());
    for (stage, target) in found {
        let (Some(target), Some(pipeline)) = (target, owning.get(&stage.pipeline_id)) else { continue };
        let mut gates = gates.remove(&StageId(stage.id)).unwrap_or_default();
        if !caller.is_administrator() {
            gates.approvers.clear();
        }
        rows.push(StageRow {
            gates,
            pipeline_name: pipeline.name.clone(),
            owner: UserId(pipeline.owner_id),
            created: Timestamp(stage.created),
            modified: Timestamp(Ord::max(stage.modified, pipeline.modified)),
            stage: stage.stage(&target),
        });
    }
    Ok(rows)
}

/// Development environments that are linked to pipelines.
pub async fn links(host: &Host, caller: &Caller) -> Result<Vec<(PipelineId, DeploymentEnvironmentId)>> {
    use link::{Column, Entity};
    let pipelines = seen_pipelines(caller).select_only().column(pipeline::entity::Column::Id).into_query();
    let links = Entity::find()
        .filter(Column::PipelineId.in_subquery(pipelines))
        .order_by_asc(Column::PipelineId)
        .order_by_asc(Column::DeploymentEnvironmentId)
        .all(&host.database)
        .await?;
    let pair =
        |link: link::Model| (PipelineId(link.pipeline_id), DeploymentEnvironmentId(link.deployment_environment_id));
    Ok(links.into_iter().map(pair).collect())
}

/// Artifacts, the newest first, at most so many of them.
pub async fn artifacts(
    host: &Host,
    caller: &Caller,
    ids: Option<&[Uuid]>,
    limit: Option<u64>,
) -> Result<Vec<Artifact>> {
    use artifact::entity::{Column, Entity};
    let rows = of_ids(Entity::find().filter(artifact::visible(caller)), Column::Id, ids)
        .order_by_desc(Column::Generated)
        .order_by_desc(Column::Id)
        .limit(limit)
        .all(&host.database)
        .await?;
    Ok(rows.into_iter().map(artifact::entity::Model::artifact).collect())
}

/// People and service identities, for administrators; everybody else sees themselves.
pub async fn people(host: &Host, caller: &Caller) -> Result<Vec<Person>> {
    use user::entity::{Column, Entity};
    let mut people = Entity::find().order_by_asc(Column::UserNameKey);
    if access::people(caller).is_err() {
        people = people.filter(Column::Id.eq(caller.user.0));
    }
    let people = people.all(&host.database).await?;
    Ok(people.iter().map(|person| person.person(Roles::NONE)).collect())
}

/// Those of a query whose column is one of some ids.
fn of_ids<E: EntityTrait>(query: Select<E>, column: E::Column, ids: Option<&[Uuid]>) -> Select<E> {
    match ids {
        Some(ids) => query.filter(Condition::all().add(Expr::col((E::default(), column)).is_in(ids.iter().copied()))),
        None => query,
    }
}
