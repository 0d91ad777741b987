//! How people stand to pipelines: what they own and what is shared with them.

use super::{
    entity::{Column, Entity, Model},
    not_found, share,
};
use crate::{
    Caller, Result,
    access::{self, Standing},
};
use model::{
    access::{AccessRight, AccessRights},
    id::PipelineId,
    user::Role,
};
use sea_orm::{
    Condition, ConnectionTrait,
    entity::prelude::*,
    sea_query::{ExprTrait, Query},
};

/// Pipelines that a person may see and run, as a condition of a query on pipelines. The same rule as
/// [`access::pipeline`], for lists.
pub(crate) fn readable(caller: &Caller) -> Condition {
    if caller.is_administrator() {
        return Condition::all();
    }
    let mut any = Condition::any();
    let owned_by_me = Expr::col((Entity, Column::OwnerId)).eq(caller.user.0);
    if caller.roles.has(Role::PipelineUser) {
        let teams = || caller.teams.iter().map(|team| team.0);
        let shared = Query::select()
            .column((share::entity::Entity, share::entity::Column::PipelineId))
            .from(share::entity::Entity)
            .cond_where(
                Condition::any()
                    .add(Expr::col((share::entity::Entity, share::entity::Column::PersonId)).eq(caller.user.0))
                    .add(Expr::col((share::entity::Entity, share::entity::Column::TeamId)).is_in(teams())),
            )
            .take();
        let mine = owned_by_me.clone().and(Expr::col((Entity, Column::OwnerTeamId)).is_null());
        let theirs = Condition::any()
            .add(mine)
            .add(Expr::col((Entity, Column::OwnerTeamId)).is_in(teams()))
            .add(Expr::col((Entity, Column::Id)).in_subquery(shared));
        any = any.add(Condition::all().add(Expr::col((Entity, Column::Personal)).eq(false)).add(theirs));
    }
    if caller.roles.has(Role::PipelineDefault) {
        any = any.add(Expr::col((Entity, Column::Personal)).eq(true).and(owned_by_me));
    }
    // An empty "any" would let everything through.
    any.add(Expr::value(false))
}

/// What a person may do with a pipeline.
pub(crate) async fn rights(database: &impl ConnectionTrait, caller: &Caller, pipeline: &Model) -> Result<AccessRights> {
    let rows = share::entity::Entity::find()
        .filter(share::entity::Column::PipelineId.eq(pipeline.id))
        .filter(
            Condition::any()
                .add(share::entity::Column::PersonId.eq(caller.user.0))
                .add(share::entity::Column::TeamId.is_in(caller.teams.iter().map(|team| team.0))),
        )
        .all(database)
        .await?;
    let owns = match pipeline.owner_team_id {
        Some(team) => caller.teams.iter().any(|mine| mine.0 == team),
        None => pipeline.owner_id == caller.user.0,
    };
    let shared = rows.iter().fold(AccessRights::NONE, |rights, row| rights.and(row.rights()));
    Ok(access::pipeline(caller.roles, Standing { owns, shared, personal: pipeline.personal }))
}

/// A pipeline with what a person may do with it. Not found for whoever may not even see it.
pub(crate) async fn find(
    database: &impl ConnectionTrait,
    caller: &Caller,
    id: PipelineId,
) -> Result<(Model, AccessRights)> {
    let pipeline = Entity::find_by_id(id.0).one(database).await?.ok_or_else(not_found)?;
    let rights = rights(database, caller, &pipeline).await?;
    if rights.has(AccessRight::Read) { Ok((pipeline, rights)) } else { Err(not_found()) }
}
