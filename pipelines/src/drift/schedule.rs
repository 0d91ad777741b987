//! Looking for drift without anybody asking.

use super::{
    entity::{Column, Entity},
    look_and_keep,
};
use crate::{
    Host, Result, stage,
    stage_run::{
        entity::{Column as RunColumn, Entity as RunEntity},
        installed,
    },
};
use model::{id::StageId, stage_run::StageRunStatus};
use sea_orm::{ColumnTrait, EntityTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect, sea_query::Expr};
use std::{collections::HashMap, time::Duration};
use uuid::Uuid;

/// Targets that are looked at in one round; the rest has its turn in the next.
const AT_ONCE: usize = 50;
/// Solutions at stages that a round considers, those deployed last first.
const MOST: u64 = 10_000;

/// Looks at every target that was not looked at for some time, the longest neglected first and at most 50 of them. One
/// that does not answer is left to the next round. Tells how many were looked at.
pub async fn look_where_due(host: &Host, every: Duration) -> Result<usize> {
    let deployed: Vec<(Uuid, String)> = RunEntity::find()
        .select_only()
        .columns([RunColumn::StageId, RunColumn::SolutionKey])
        .filter(RunColumn::Status.eq(StageRunStatus::Succeeded.code()))
        .group_by(RunColumn::StageId)
        .group_by(RunColumn::SolutionKey)
        .order_by_desc(Expr::col(RunColumn::Ended).max())
        .limit(MOST)
        .into_tuple()
        .all(&host.database)
        .await?;
    let looked: Vec<(Uuid, String, i64)> = Entity::find()
        .select_only()
        .columns([Column::StageId, Column::SolutionKey, Column::Checked])
        .into_tuple()
        .all(&host.database)
        .await?;
    let looked: HashMap<(Uuid, String), i64> =
        looked.into_iter().map(|(stage, key, checked)| ((stage, key), checked)).collect();
    let due_before = host.now().saturating_sub(i64::try_from(every.as_millis()).unwrap_or(i64::MAX));
    let mut due: Vec<_> = deployed
        .into_iter()
        .map(|place| (looked.get(&place).copied().unwrap_or(i64::MIN), place))
        .filter(|(checked, _)| *checked <= due_before)
        .collect();
    due.sort();
    let mut count = 0;
    for (_, (stage, key)) in due.into_iter().take(AT_ONCE) {
        count += usize::from(look(host, StageId(stage), &key).await?);
    }
    Ok(count)
}

/// Looks at one target. False where there is nothing to look at any more, or it did not answer.
async fn look(host: &Host, stage: StageId, key: &str) -> Result<bool> {
    let Some(stage) = stage::find(&host.database, stage).await? else { return Ok(false) };
    let Some(run) = installed(&host.database, stage.id, key).await? else { return Ok(false) };
    if run.target_id != stage.target_environment.0 {
        return Ok(false);
    }
    match look_and_keep(host, &run).await {
        Ok(()) => Ok(true),
        Err(error) => {
            let (solution, target) = (&run.solution, &run.target_name);
            tracing::warn!(%solution, %target, error = &error as &dyn std::error::Error, "a target could not be looked at for drift");
            Ok(false)
        }
    }
}
