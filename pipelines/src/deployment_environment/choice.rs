//! Which environments a person may work with.

use super::entity::{Column, Entity, Model};
use crate::{Caller, Error, Host, Result, access, field, pipeline, stage};
use model::{
    environment::{EnvironmentChoice, EnvironmentType, ValidationStatus},
    id::{DeploymentEnvironmentId, EnvironmentId},
};
use sea_orm::{
    Condition, ConnectionTrait, Select,
    entity::prelude::*,
    sea_query::{Query, SelectStatement},
};

/// The environments a person may choose, development environments first, by name. Administrators: all that are active
/// and validated. Users: of those the development environments linked to an active pipeline, and the targets of such
/// pipelines. Whoever makes personal pipelines: every development environment, to make them there.
pub async fn choices(host: &Host, caller: &Caller) -> Result<Vec<EnvironmentChoice>> {
    let records = allowed(caller).all(&host.database).await?;
    let mut choices = records.into_iter().map(Model::choice).collect::<Result<Vec<_>>>()?;
    choices.sort_by_cached_key(|choice| (choice.kind == EnvironmentType::Target, field::key(&choice.name), choice.id));
    Ok(choices)
}

/// One environment a person may choose; not found otherwise, as if it did not exist.
pub async fn require_choice(host: &Host, caller: &Caller, environment: EnvironmentId) -> Result<EnvironmentChoice> {
    let record = allowed(caller).filter(Column::EnvironmentId.eq(environment.0)).one(&host.database).await?;
    record
        .ok_or_else(|| Error::NotFound("There is no such environment, or it is not open to you.".to_owned()))?
        .choice()
}

/// The environments a person may choose, as a query.
pub(crate) fn allowed(caller: &Caller) -> Select<Entity> {
    let usable = usable();
    if caller.is_administrator() {
        return usable;
    }
    let mut open = Condition::any()
        .add(Column::Id.in_subquery(linked(caller)))
        .add(Column::Id.in_subquery(targets_of_linked(caller)));
    if access::personal_pipelines(caller).is_ok() {
        open = open.add(Column::EnvironmentType.eq(EnvironmentType::Development.code()));
    }
    usable.filter(open)
}

fn usable() -> Select<Entity> {
    Entity::find().filter(Column::Active.eq(true)).filter(Column::ValidationStatus.eq(ValidationStatus::Success.code()))
}

/// Whether a person may work with the environment of a record. An administrator may with every one, validated or not.
pub(crate) async fn may_choose(
    database: &impl ConnectionTrait,
    caller: &Caller,
    record: DeploymentEnvironmentId,
) -> Result<bool> {
    Ok(caller.is_administrator() || allowed(caller).filter(Column::Id.eq(record.0)).count(database).await? > 0)
}

/// Records linked to an active pipeline that the person may run.
fn linked(caller: &Caller) -> SelectStatement {
    links(caller).column(pipeline::link::Column::DeploymentEnvironmentId).take()
}

/// Targets of active pipelines that have a development environment.
fn targets_of_linked(caller: &Caller) -> SelectStatement {
    let pipelines = links(caller).column(pipeline::link::Column::PipelineId).take();
    Query::select()
        .from(stage::entity::Entity)
        .column(stage::entity::Column::TargetId)
        .and_where(stage::entity::Column::PipelineId.in_subquery(pipelines))
        .take()
}

fn links(caller: &Caller) -> SelectStatement {
    let active = Query::select()
        .from(pipeline::entity::Entity)
        .column(pipeline::entity::Column::Id)
        .and_where(pipeline::entity::Column::Active.eq(true))
        .cond_where(pipeline::standing::readable(caller))
        .take();
    Query::select()
        .from(pipeline::link::Entity)
        .and_where(pipeline::link::Column::PipelineId.in_subquery(active))
        .take()
}
