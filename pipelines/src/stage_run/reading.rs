//! A run and its log, as its page shows them.

use super::{
    access,
    entity::{Column, Entity},
    event, step,
};
use crate::{Caller, Error, Host, Result};
use model::{
    id::StageRunId,
    stage_run::{LogEntry, StageRun},
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

/// Entries of a log given at once.
const MOST_ENTRIES: u64 = 1_000;

/// A run.
pub async fn get(host: &Host, caller: &Caller, id: StageRunId) -> Result<StageRun> {
    let run = access::find(host, caller, id).await?;
    let steps = step::Entity::find().filter(step::Column::RunId.eq(id.0)).all(&host.database).await?;
    Ok(run.view(&steps, caller))
}

/// The log of a run after an entry (0 for all of it), at most 1,000 entries at once.
pub async fn log(host: &Host, caller: &Caller, id: StageRunId, after: i64) -> Result<Vec<LogEntry>> {
    let visible = Entity::find_by_id(id.0).filter(access::visible(caller)).select_only().column(Column::Id);
    if visible.into_tuple::<sea_orm::prelude::Uuid>().one(&host.database).await?.is_none() {
        return Err(Error::NotFound("There is no such run, or you may not see it.".to_owned()));
    }
    let entries = event::Entity::find()
        .filter(event::Column::RunId.eq(id.0))
        .filter(event::Column::Sequence.gt(after))
        .order_by_asc(event::Column::Sequence)
        .limit(MOST_ENTRIES)
        .all(&host.database)
        .await?;
    Ok(entries.into_iter().map(event::Model::entry).collect())
}
