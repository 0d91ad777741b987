//! How well solutions get from development to the last stages of pipelines.

mod measure;

use crate::{
    Caller, Host, Result,
    artifact::entity as artifact,
    stage,
    stage_run::entity::{Column, Entity},
};
use measure::{Deployment, measures};
use model::{
    delivery::{Delivery, Period},
    id::PipelineId,
    stage_run::StageRunStatus,
};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, FromQueryResult, JoinType, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, ExprTrait, Query},
};
use uuid::Uuid;

/// Deployments that are looked at: the latest ones.
const MOST: u64 = 20_000;

/// The measures of a period, of one pipeline or of all. A last stage is one that no other follows; runs that only
/// apply settings are no deployments. Administrators only.
pub async fn get(host: &Host, caller: &Caller, pipeline: Option<PipelineId>, period: Period) -> Result<Delivery> {
    caller.require_administrator()?;
    let followed = Query::select()
        .column(stage::entity::Column::PreviousId)
        .from(stage::entity::Entity)
        .and_where(stage::entity::Column::PreviousId.is_not_null())
        .to_owned();
    let last = Query::select()
        .column(stage::entity::Column::Id)
        .from(stage::entity::Entity)
        .and_where(Expr::col(stage::entity::Column::Id).in_subquery(followed).not())
        .to_owned();
    let changed = Condition::any().add(Column::Status.eq(StageRunStatus::Succeeded.code())).add(
        Condition::all()
            .add(Column::Status.eq(StageRunStatus::Failed.code()))
            .add(Column::FailedAt.eq(StageRunStatus::Deploying.code())),
    );
    let mut query = Entity::find()
        .select_only()
        .columns([Column::Id, Column::StageId, Column::SolutionKey, Column::Status, Column::Ended, Column::RollsBack])
        .column_as(Expr::col((artifact::Entity, artifact::Column::Generated)), "exported")
        .join(
            JoinType::LeftJoin,
            Entity::belongs_to(artifact::Entity).from(Column::ArtifactId).to(artifact::Column::Id).into(),
        )
        .filter(changed)
        .filter(Column::SettingsOnly.eq(false))
        .filter(Column::Ended.is_not_null())
        .filter(Column::StageId.in_subquery(last));
    if let Some(pipeline) = pipeline {
        query = query.filter(Column::PipelineId.eq(pipeline.0));
    }
    // What a failure of the period was restored by is never before the period, so nothing before it is needed.
    let weeks = i64::try_from(period.weeks()).unwrap_or_default();
    let begins = host.now().saturating_sub(weeks * 7 * 24 * 60 * 60 * 1000);
    let rows = query
        .filter(Column::Ended.gt(begins))
        .order_by_desc(Column::Ended)
        .limit(MOST)
        .into_model::<Row>()
        .all(&host.database)
        .await?;
    let deployments: Vec<Deployment> = rows.into_iter().filter_map(Row::deployment).collect();
    Ok(measures(&deployments, period.weeks(), host.clock.now()))
}

#[derive(FromQueryResult)]
struct Row {
    id: Uuid,
    stage_id: Uuid,
    solution_key: String,
    status: i32,
    ended: Option<i64>,
    rolls_back: Option<Uuid>,
    exported: Option<i64>,
}

impl Row {
    fn deployment(self) -> Option<Deployment> {
        Some(Deployment {
            run: self.id,
            place: (self.stage_id, self.solution_key),
            exported: self.exported,
            ended: self.ended?,
            failed: self.status == StageRunStatus::Failed.code(),
            rolls_back: self.rolls_back,
        })
    }
}
