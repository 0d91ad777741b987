//! The queues of targets, as administrators see them and change them.

use super::{
    access,
    entity::{Column, Entity, Model},
    journal::{self, Change, Guard},
    operation,
    record::DEPLOYING,
};
use crate::{
    Caller, Error, Host, Result, Topic,
    access::{configuration, permit},
    audit,
};
use model::{
    Timestamp,
    audit::AuditAction,
    id::{EnvironmentId, StageRunId},
    queue::{Move, QueuedRun, TargetQueue},
    stage_run::StageRunStatus,
};
use sea_orm::{
    ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter, QueryOrder, QuerySelect, prelude::Uuid, sea_query::Expr,
};
use std::collections::{BTreeMap, HashMap};

/// Runs that the queues show at once, those that were asked for first.
const MOST_RUNS: u64 = 500;

/// What goes into each target, and what waits to, by the names of the targets. At most 500 runs. Administrators only.
pub async fn queues(host: &Host, caller: &Caller) -> Result<Vec<TargetQueue>> {
    caller.require_administrator()?;
    let runs = Entity::find()
        .filter(Column::Ended.is_null())
        .filter(Column::Status.is_in(DEPLOYING.map(StageRunStatus::code)))
        .order_by_asc(Column::Requested)
        .order_by_asc(Column::Id)
        .limit(MOST_RUNS)
        .all(&host.database)
        .await?;
    let holders = operation::Entity::find().all(&host.database).await?;
    let since: HashMap<Uuid, i64> = holders.into_iter().map(|holder| (holder.run_id, holder.since)).collect();
    Ok(arranged(runs, &since))
}

/// Runs by target. `since` tells which of them have their target, and since when.
fn arranged(mut runs: Vec<Model>, since: &HashMap<Uuid, i64>) -> Vec<TargetQueue> {
    runs.sort_by_key(|run| (run.queue_place, run.id));
    let mut queues: BTreeMap<(String, Uuid), TargetQueue> = BTreeMap::new();
    for run in runs {
        let queue = queues.entry((run.target_name.to_lowercase(), run.target_id)).or_insert_with(|| TargetQueue {
            target: EnvironmentId(run.target_id),
            target_name: run.target_name.clone(),
            running: None,
            waiting: Vec::new(),
            held: Vec::new(),
        });
        match (since.get(&run.id), run.queued) {
            (Some(since), _) => queue.running = Some(queued(run, *since)),
            (None, Some(queued_since)) => queue.waiting.push(queued(run, queued_since)),
            (None, None) => {
                let requested = run.requested;
                queue.held.push(queued(run, requested));
            }
        }
    }
    queues.into_values().collect()
}

fn queued(run: Model, since: i64) -> QueuedRun {
    QueuedRun {
        run: run.run(),
        status: run.status(),
        version: run.version(),
        solution: run.solution_display_name,
        pipeline: run.pipeline_name,
        stage: run.stage_name,
        requested_by: run.requested_by_name,
        waiting_for: run.waiting_for,
        since: Timestamp(since),
    }
}

/// Moves a run that waits by one place in the queue of its target. At either end it stays where it is. Administrators
/// only.
pub async fn move_in_queue(host: &Host, caller: &Caller, id: StageRunId, way: Move) -> Result<()> {
    let run = access::find(host, caller, id).await?;
    permit(host, caller, configuration(caller), || access::entry(AuditAction::Move, &run)).await?;
    let transaction = host.begin().await?;
    let waiting = waiting(&transaction, run.target_id).await?;
    let Some(from) = waiting.iter().position(|other| other.id == run.id) else {
        return Err(Error::Refused("This run does not stand in a queue any more, or not yet.".to_owned()));
    };
    let to = match way {
        Move::Up => from.checked_sub(1),
        Move::Down => Some(from + 1).filter(|to| *to < waiting.len()),
    };
    let Some(to) = to else { return Ok(transaction.rollback().await?) };
    let mut order: Vec<Uuid> = waiting.iter().map(|run| run.id).collect();
    order.swap(from, to);
    let last = waiting.iter().filter_map(|run| run.queue_place).max().unwrap_or_else(|| host.now());
    let now = host.clock.now();
    for (place, other) in places(last, &order).into_iter().filter(|(place, id)| {
        let before = waiting.iter().find(|run| run.id == *id).and_then(|run| run.queue_place);
        before != Some(*place)
    }) {
        Entity::update_many()
            .col_expr(Column::QueuePlace, Expr::value(place))
            .filter(Column::Id.eq(other))
            .exec(&transaction)
            .await?;
    }
    // Whoever waits looks anew, and says where it stands.
    Entity::update_many()
        .col_expr(Column::Due, Expr::value(now.0))
        .filter(Column::Id.is_in(order))
        .filter(Column::Status.eq(StageRunStatus::PreDeploySucceeded.code()))
        .exec(&transaction)
        .await?;
    let message = format!("{} moved the run to position {} in the queue.", caller.name, to + 1);
    let written = Change::of(&run, now).say(message).write(&transaction, Guard::None).await?;
    let Some(run) = written else { return Err(Error::Changed("The run".to_owned())) };
    let entry = access::entry(AuditAction::Move, &run).field("position", from + 1, to + 1);
    audit::record(host, &transaction, caller, entry).await?;
    transaction.commit().await?;
    journal::tell(host, &run);
    host.news().tell(Topic::Work);
    Ok(())
}

/// The runs that stand in the queue of a target and do not have it, in order, held until the transaction ends.
async fn waiting(transaction: &DatabaseTransaction, target: Uuid) -> Result<Vec<Model>> {
    let holder = operation::Entity::find_by_id(target).one(transaction).await?;
    let runs = operation::queue(target).lock_exclusive().all(transaction).await?;
    Ok(runs.into_iter().filter(|run| holder.as_ref().is_none_or(|holder| holder.run_id != run.id)).collect())
}

/// Places for runs in an order, the last one of which gets `last`: whoever joins later comes after them.
fn places(last: i64, order: &[Uuid]) -> Vec<(i64, Uuid)> {
    let distance = |index: usize| i64::try_from(order.len() - 1 - index).unwrap_or(0);
    order.iter().enumerate().map(|(index, id)| (last.saturating_sub(distance(index)), *id)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_in_order_and_none_is_later_than_the_last_one_was() {
        let ids: Vec<_> = (1..=3).map(Uuid::from_u128).collect();
        let places: Vec<_> = places(1_000, &ids).into_iter().map(|(place, _)| place).collect();
        assert_eq!(places, [998, 999, 1_000]);
        assert!(super::places(1_000, &[]).is_empty());
    }
}
