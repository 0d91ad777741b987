//! Who may see which runs: administrators all of them, users their own, those of pipelines
//! they may use and those of stages at which they approve.

use super::entity::{Column, Entity, Model};
use crate::{Caller, Error, Host, Result, access::permit, audit::Entry, gate::approver};
use model::{
    audit::{AuditAction, AuditSubject},
    id::{PipelineId, StageRunId},
    user::Role,
};
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
    let mut seen = CaseStatement::new().case(Expr::col(Column::StageId).in_subquery(approver::stages_of(caller)), 1);
    // Approvers need no role; everybody else has nothing to see without one.
    if caller.roles.has(Role::PipelineUser) || caller.roles.has(Role::PipelineDefault) {
        seen = seen
            .case(Column::RequestedBy.eq(caller.user.0), 1)
            .case(Expr::col(Column::PipelineId).in_subquery(usable_pipelines(caller)), 1);
    }
    Condition::all().add(Expr::Case(Box::new(seen.finally(0))).eq(1))
}

/// Pipelines that a person may use: those that they may read, that are active and linked to a development environment.
pub(super) fn usable_pipelines(caller: &Caller) -> SelectStatement {
    use crate::pipeline::{entity as pipeline, link};
    Query::select()
        .column((link::Entity, link::Column::PipelineId))
        .from(link::Entity)
        .inner_join(
            pipeline::Entity,
            Expr::col((pipeline::Entity, pipeline::Column::Id)).equals((link::Entity, link::Column::PipelineId)),
        )
        .and_where(Expr::col((pipeline::Entity, pipeline::Column::Active)).eq(true))
        .cond_where(crate::pipeline::standing::readable(caller))
        .to_owned()
}

/// A run that the person may see.
pub(crate) async fn find(host: &Host, caller: &Caller, id: StageRunId) -> Result<Model> {
    Entity::find_by_id(id.0)
        .filter(visible(caller))
        .one(&host.database)
        .await?
        .ok_or_else(|| Error::NotFound("There is no such run, or you may not see it.".to_owned()))
}

/// A run that the person asked for and looks at the settings of, as long as its pipeline is shared with them.
pub(super) async fn find_own(host: &Host, caller: &Caller, id: StageRunId) -> Result<Model> {
    let run = find(host, caller, id).await?;
    own(host, caller, &run).await?;
    Ok(run)
}

/// As [`find_own`], to do something with the run.
pub(super) async fn take_own(host: &Host, caller: &Caller, id: StageRunId, action: AuditAction) -> Result<Model> {
    let run = find(host, caller, id).await?;
    permit(host, caller, own(host, caller, &run).await, || entry(action, &run)).await?;
    Ok(run)
}

/// What the audit log says of something done to a run.
pub(super) fn entry(action: AuditAction, run: &Model) -> Entry {
    let entry = Entry::new(action, AuditSubject::Run).of(run.id, &run.solution_display_name);
    let entry = entry.set("stage", &run.stage_name).set("version", &run.version);
    let entry = match run.scheduled() {
        Some(scheduled) => entry.set("scheduled", scheduled.text),
        None => entry,
    };
    let entry = match &run.window_override {
        Some(reason) => entry.set("window_override", reason),
        None => entry,
    };
    match &run.run_as_name {
        Some(name) => entry.set("run_as", name),
        None => entry,
    }
}

async fn own(host: &Host, caller: &Caller, run: &Model) -> Result<()> {
    if run.requested_by == caller.user.0 {
        return require_pipeline(host, caller, run).await;
    }
    Err(Error::Forbidden(format!("Only {}, who asked for this run, can give its settings.", run.requested_by_name)))
}

/// Somebody who lost the right to run a pipeline keeps seeing what they did with it, and does nothing more with it.
pub(super) async fn require_pipeline(host: &Host, caller: &Caller, run: &Model) -> Result<()> {
    match crate::pipeline::standing::find(&host.database, caller, PipelineId(run.pipeline_id)).await {
        Ok(_) => Ok(()),
        Err(Error::NotFound(_)) => {
            Err(Error::Forbidden(format!("The pipeline “{}” is not shared with you any more.", run.pipeline_name)))
        }
        Err(error) => Err(error),
    }
}
