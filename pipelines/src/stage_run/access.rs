//! Who may see which runs: administrators all of them, users their own, those of pipelines
//! they may use and those of stages at which they approve.

use super::entity::{Column, Entity, Model};
use crate::{Caller, Error, Host, Result, gate::approver};
use model::id::StageRunId;
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, ExprTrait, QueryFilter,
    sea_query::{CaseStatement, Expr, Query, SelectStatement},
};

/// The runs a person may see, as a condition of a query. Written as a CASE, so that the database goes along the index
/// of the order asked for and stops after a page, and does not gather everything that may be seen first.
pub(crate) fn visible(caller: &Caller) -> Condition {
    if caller.is_administrator() {
        return Condition::all();
    }
    let seen = CaseStatement::new()
        .case(Column::RequestedBy.eq(caller.user.0), 1)
        .case(Expr::col(Column::PipelineId).in_subquery(usable_pipelines()), 1)
        .case(Expr::col(Column::StageId).in_subquery(approver::stages_of(caller)), 1)
        .finally(0);
    Condition::all().add(Expr::Case(Box::new(seen)).eq(1))
}

/// Pipelines that users may use: those that are active and linked to a development environment.
pub(super) fn usable_pipelines() -> SelectStatement {
    use crate::pipeline::{entity as pipeline, link};
    Query::select()
        .column((link::Entity, link::Column::PipelineId))
        .from(link::Entity)
        .inner_join(
            pipeline::Entity,
            Expr::col((pipeline::Entity, pipeline::Column::Id)).equals((link::Entity, link::Column::PipelineId)),
        )
        .and_where(Expr::col((pipeline::Entity, pipeline::Column::Active)).eq(true))
        .to_owned()
}

/// A run that the person may see.
pub(super) async fn find(host: &Host, caller: &Caller, id: StageRunId) -> Result<Model> {
    Entity::find_by_id(id.0)
        .filter(visible(caller))
        .one(&host.database)
        .await?
        .ok_or_else(|| Error::NotFound("There is no such run, or you may not see it.".to_owned()))
}

/// A run that the person asked for, and may give its settings to.
pub(super) async fn find_own(host: &Host, caller: &Caller, id: StageRunId) -> Result<Model> {
    let run = find(host, caller, id).await?;
    if run.requested_by == caller.user.0 {
        Ok(run)
    } else {
        Err(Error::Forbidden(format!("Only {}, who asked for this run, can give its settings.", run.requested_by_name)))
    }
}
