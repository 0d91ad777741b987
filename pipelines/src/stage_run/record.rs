//! Questions about the runs of a solution at a stage.

use super::entity::{Column, Entity, Model};
use crate::{Error, Result, artifact::entity as artifact};
use model::{
    id::{PipelineId, StageId},
    stage_run::StageRunStatus,
};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, ExprTrait, Order, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, Query, SelectStatement},
};

/// Where a run is deploying: its maker has given the settings, and it has not ended.
pub(super) const DEPLOYING: [StageRunStatus; 4] = [
    StageRunStatus::Scheduled,
    StageRunStatus::PreDeployInProgress,
    StageRunStatus::PreDeploySucceeded,
    StageRunStatus::Deploying,
];

/// The highest artifact of a solution in a pipeline.
pub(super) async fn highest_artifact(
    connection: &impl ConnectionTrait,
    pipeline: PipelineId,
    solution_key: &str,
) -> Result<Option<artifact::Model>> {
    let highest = artifact::Entity::find()
        .filter(artifact::Column::PipelineId.eq(pipeline.0))
        .filter(artifact::Column::SolutionKey.eq(solution_key))
        .order_by_desc(artifact::Column::VersionKey)
        .limit(1)
        .one(connection)
        .await?;
    Ok(highest)
}

/// The run that says what a stage has of a solution, version and settings: the last one that succeeded, be it with a
/// lower version than one before, or without an import.
pub(crate) async fn installed(
    connection: &impl ConnectionTrait,
    stage: StageId,
    solution_key: &str,
) -> Result<Option<Model>> {
    let query = last_success(stage, solution_key);
    Ok(Entity::find().filter(Expr::col(Column::Id).in_subquery(query)).one(connection).await?)
}

/// The run that brought a stage the version of a solution it has: the last one that succeeded with an import.
pub(super) async fn brought(
    connection: &impl ConnectionTrait,
    stage: StageId,
    solution_key: &str,
) -> Result<Option<Model>> {
    let query = last_import(stage, solution_key);
    Ok(Entity::find().filter(Expr::col(Column::Id).in_subquery(query)).one(connection).await?)
}

/// Runs of a solution at stages that have not ended, oldest first.
pub(super) async fn open(
    connection: &impl ConnectionTrait,
    stages: impl IntoIterator<Item = StageId>,
    solution_key: &str,
) -> Result<Vec<Model>> {
    let open = Entity::find()
        .filter(Column::StageId.is_in(stages.into_iter().map(|stage| stage.0)))
        .filter(Column::SolutionKey.eq(solution_key))
        .filter(Column::Ended.is_null())
        .order_by_asc(Column::Requested)
        .order_by_asc(Column::Id)
        .all(connection)
        .await?;
    Ok(open)
}

/// Why nothing else is deployed to a stage while one of these runs is, in sentences; none where none of them is.
pub(super) fn deploying<'a>(open: impl IntoIterator<Item = &'a Model>) -> Option<String> {
    let running = open.into_iter().find(|run| DEPLOYING.contains(&run.status()))?;
    let (version, stage) = (&running.version, &running.stage_name);
    Some(match running.status() {
        StageRunStatus::Scheduled => format!(
            "Version {version} is to be deployed to {stage} later. {} Cancel that run, or wait until it has ended.",
            running.waiting_for
        ),
        _ => format!("Version {version} is being deployed to {stage} at the moment. Wait until that has ended."),
    })
}

/// The artifact that a run took along.
pub(super) async fn artifact(connection: &impl ConnectionTrait, run: &Model) -> Result<artifact::Model> {
    let artifact = match run.artifact_id {
        Some(id) => artifact::Entity::find_by_id(id).one(connection).await?,
        None => None,
    };
    artifact.ok_or_else(|| Error::Internal(format!("run {} has no artifact", run.id)))
}

/// For each of some stages the run that brought what it has, the one that succeeded last, and the run that ended last, whatever its
/// outcome but withdrawal. One query that reads no more than those rows.
pub(super) async fn milestones(
    connection: &impl ConnectionTrait,
    stages: impl IntoIterator<Item = StageId>,
    solution_key: &str,
) -> Result<Vec<Model>> {
    let mut any = Condition::any();
    for stage in stages {
        any = any
            .add(Expr::col(Column::Id).in_subquery(last_import(stage, solution_key)))
            .add(Expr::col(Column::Id).in_subquery(last_success(stage, solution_key)))
            .add(Expr::col(Column::Id).in_subquery(last_ended(stage, solution_key)));
    }
    if any.is_empty() {
        return Ok(Vec::new());
    }
    Ok(Entity::find().filter(any).all(connection).await?)
}

fn last_import(stage: StageId, solution_key: &str) -> SelectStatement {
    last_success(stage, solution_key).and_where(Column::SettingsOnly.eq(false)).to_owned()
}

fn last_success(stage: StageId, solution_key: &str) -> SelectStatement {
    of(stage, solution_key)
        .and_where(Column::Status.eq(StageRunStatus::Succeeded.code()))
        .order_by(Column::Ended, Order::Desc)
        .order_by(Column::VersionKey, Order::Desc)
        .limit(1)
        .to_owned()
}

fn last_ended(stage: StageId, solution_key: &str) -> SelectStatement {
    of(stage, solution_key)
        .and_where(Column::Ended.is_not_null())
        .and_where(Column::Status.ne(StageRunStatus::Canceled.code()))
        .order_by(Column::Ended, Order::Desc)
        .limit(1)
        .to_owned()
}

fn of(stage: StageId, solution_key: &str) -> SelectStatement {
    Query::select()
        .column(Column::Id)
        .from(Entity)
        .and_where(Column::StageId.eq(stage.0))
        .and_where(Column::SolutionKey.eq(solution_key))
        .to_owned()
}
