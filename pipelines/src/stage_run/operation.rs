//! One solution operation at a time in each target; runs queue for it in the order in which their makers pressed
//! *Deploy*, unless an administrator moves them.

use super::entity as run;
use crate::Result;
use model::{Timestamp, stage_run::StageRunStatus};
use sea_orm::{
    ActiveValue::Set,
    Condition, EntityTrait, ExprTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, Select,
    entity::prelude::*,
    sea_query::{Expr, OnConflict, Query},
};

/// The one run that may change a target at the moment.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "environment_operation")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub environment_id: Uuid,
    pub run_id: Uuid,
    pub since: i64,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// Whether a run may go on in its target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Turn {
    /// It has the target to itself until it ends.
    Its,
    /// It has to wait, for this in a sentence.
    Waits(String),
}

/// Takes the target for a run, if it is the run's turn. The same run again is fine.
pub(super) async fn take_turn(connection: &impl ConnectionTrait, run: &run::Model, at: Timestamp) -> Result<Turn> {
    if let Some(holder) = Entity::find_by_id(run.target_id).one(connection).await? {
        if holder.run_id == run.id {
            return Ok(Turn::Its);
        }
        let holder = run::Entity::find_by_id(holder.run_id).one(connection).await?;
        return Ok(Turn::Waits(waits(run, position(connection, run, holder.as_ref(), at).await?, holder.as_ref())));
    }
    let queued = queue(run.target_id).limit(1).one(connection).await?;
    let joining = joining(run.target_id, at).limit(1).one(connection).await?;
    let first = queued.into_iter().chain(joining).min_by_key(|run| (run.queue_place, run.id));
    if let Some(first) = first
        && first.id != run.id
    {
        let (name, position) = (what(&first), position(connection, run, None, at).await?);
        let target = &run.target_name;
        return Ok(Turn::Waits(format!("Position {position} in the queue of {target}: {name} goes first.")));
    }
    let taken =
        Entity::insert(ActiveModel { environment_id: Set(run.target_id), run_id: Set(run.id), since: Set(at.0) })
            .on_conflict(OnConflict::column(Column::EnvironmentId).do_nothing().to_owned())
            .exec_without_returning(connection)
            .await?;
    Ok(if taken == 0 { Turn::Waits(waits(run, position(connection, run, None, at).await?, None)) } else { Turn::Its })
}

/// Gives a target back when a run has ended, and lets the next one in its queue know.
pub(super) async fn give_back(connection: &impl ConnectionTrait, run: &run::Model, at: Timestamp) -> Result<()> {
    Entity::delete_many().filter(Column::RunId.eq(run.id)).exec(connection).await?;
    wake_first(connection, run.target_id, at).await
}

/// Has the first run in the queue of a target look whether its turn has come.
pub(super) async fn wake_first(connection: &impl ConnectionTrait, target: Uuid, at: Timestamp) -> Result<()> {
    let first = Query::select()
        .column(run::Column::Id)
        .from(run::Entity)
        .and_where(run::Column::TargetId.eq(target))
        .and_where(run::Column::Queued.is_not_null())
        .order_by(run::Column::QueuePlace, sea_orm::Order::Asc)
        .order_by(run::Column::Id, sea_orm::Order::Asc)
        .limit(1)
        .to_owned();
    run::Entity::update_many()
        .col_expr(run::Column::Due, Expr::value(at.0))
        .filter(Expr::col(run::Column::Id).in_subquery(first))
        .exec(connection)
        .await?;
    Ok(())
}

/// Lets a run join the queue of its target, at its end.
pub(super) fn join(columns: &mut run::ActiveModel, at: Timestamp) {
    columns.queued = Set(Some(at.0));
    columns.queue_place = Set(Some(at.0));
}

/// The runs that stand in the queue of a target, in order. The first of them may have the target already.
pub(super) fn queue(target: Uuid) -> Select<run::Entity> {
    run::Entity::find()
        .filter(run::Column::TargetId.eq(target))
        .filter(run::Column::Queued.is_not_null())
        .order_by_asc(run::Column::QueuePlace)
        .order_by_asc(run::Column::Id)
}

/// Runs that are about to join the queue of a target, because their time has come: when a window opens, it does for
/// several at once, and those that were deployed earlier go first.
fn joining(target: Uuid, at: Timestamp) -> Select<run::Entity> {
    run::Entity::find()
        .filter(run::Column::TargetId.eq(target))
        .filter(run::Column::Status.eq(StageRunStatus::Scheduled.code()))
        .filter(run::Column::Due.lte(at.0))
        .order_by_asc(run::Column::QueuePlace)
        .order_by_asc(run::Column::Id)
}

/// Where a run stands in the queue of its target, from 1; the run that has the target does not count.
async fn position(
    connection: &impl ConnectionTrait,
    run: &run::Model,
    holder: Option<&run::Model>,
    at: Timestamp,
) -> Result<u64> {
    let before = Condition::any()
        .add(run::Column::QueuePlace.lt(run.queue_place))
        .add(Condition::all().add(run::Column::QueuePlace.eq(run.queue_place)).add(run::Column::Id.lt(run.id)));
    let mut queued = queue(run.target_id).filter(before.clone());
    if let Some(holder) = holder {
        queued = queued.filter(run::Column::Id.ne(holder.id));
    }
    let joining = joining(run.target_id, at).filter(before);
    Ok(queued.count(connection).await? + joining.count(connection).await? + 1)
}

fn waits(run: &run::Model, position: u64, holder: Option<&run::Model>) -> String {
    let target = &run.target_name;
    match holder {
        Some(holder) => {
            format!("Position {position} in the queue of {target}: {} is being deployed at the moment.", what(holder))
        }
        None => format!("Position {position} in the queue of {target}: another run is being deployed at the moment."),
    }
}

fn what(run: &run::Model) -> String {
    format!("{} {}", run.solution_display_name, run.version)
}
