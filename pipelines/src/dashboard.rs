//! The host at a glance.

use crate::{Caller, Host, Result, deployment_environment, pipeline, stage_run};
use model::stage_run::{StageRunStatus, StageRunSummary};
use sea_orm::{
    ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, ExprTrait},
};
use std::time::Duration;

/// Runs that the dashboard counts are not older than this.
const COUNTED: Duration = Duration::from_hours(30 * 24);

/// How many of the latest runs the dashboard shows.
const LATEST: u64 = 10;

/// What the dashboard shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dashboard {
    /// Active records of environments.
    pub environments: u64,
    /// Active pipelines.
    pub pipelines: u64,
    /// Runs asked for in the last 30 days by status, only statuses that occur, in the order of their numbers.
    pub runs: Vec<(StageRunStatus, u64)>,
    /// Runs that have not ended.
    pub open: u64,
    /// The latest runs, newest first.
    pub latest: Vec<StageRunSummary>,
}

/// The dashboard, for administrators.
pub async fn get(host: &Host, caller: &Caller) -> Result<Dashboard> {
    use stage_run::entity::{Column, Entity};
    caller.require_administrator()?;
    let environments = deployment_environment::entity::Entity::find()
        .filter(deployment_environment::entity::Column::Active.eq(true))
        .count(&host.database)
        .await?;
    let pipelines = pipeline::entity::Entity::find()
        .filter(pipeline::entity::Column::Active.eq(true))
        .count(&host.database)
        .await?;
    let since = i64::try_from(COUNTED.as_millis()).map_or(0, |counted| host.now().saturating_sub(counted));
    let runs: Vec<(i32, i64)> = Entity::find()
        .select_only()
        .column(Column::Status)
        .column_as(Expr::col(Column::Id).count(), "counted")
        .filter(Column::Requested.gte(since))
        .group_by(Column::Status)
        .order_by_asc(Column::Status)
        .into_tuple()
        .all(&host.database)
        .await?;
    let runs = runs
        .into_iter()
        .filter_map(|(status, count)| Some((StageRunStatus::from_code(status)?, u64::try_from(count).ok()?)))
        .collect();
    let open = Entity::find().filter(Column::Ended.is_null()).count(&host.database).await?;
    let latest = stage_run::latest(host, caller, LATEST).await?;
    Ok(Dashboard { environments, pipelines, runs, open, latest })
}
