//! Reading the audit log: newest first, narrowed and paged by the database.

use super::{
    Entry,
    entity::{Column, Entity, Model},
    record,
};
use crate::{Caller, Host, Result, access};
use futures::{Stream, TryStreamExt, stream};
use model::{
    audit::{AuditAction, AuditEntry, AuditFilter, AuditSubject},
    id::UserId,
    page::Page,
};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, Order, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
    Select,
    prelude::Uuid,
    sea_query::{Alias, Expr, Query},
};
use std::sync::Arc;

/// Entries on a page.
const PAGE: u64 = 50;
/// How far beyond a page entries are counted: the cost of a page must not grow with the log.
const COUNTED_BEYOND: u64 = 10 * PAGE;
/// Entries that are read at once for an export.
const BATCH: u64 = 500;
/// How many of the latest entries the choice of people is gathered from.
const CHOSEN_FROM: u64 = 5_000;

/// Entries, newest first, 50 a page. System Administrators only.
pub async fn list(host: &Host, caller: &Caller, filter: &AuditFilter, page: u64) -> Result<Page<AuditEntry>> {
    access::accounts(caller)?;
    let number = page.clamp(1, 1_000_000);
    let before = (number - 1) * PAGE;
    let chosen = narrowed(filter);
    let rows = newest(chosen.clone()).offset(before).limit(PAGE).all(&host.database).await?;
    let shown = rows.len() as u64;
    let (total, more) = if (shown > 0 || number == 1) && shown < PAGE {
        (before + shown, false)
    } else {
        let most = before + PAGE + COUNTED_BEYOND;
        let counted = count(host, chosen, most + 1).await?;
        (Ord::min(counted, most), counted > most)
    };
    let rows = rows.into_iter().filter_map(Model::entry).collect();
    Ok(Page { rows, number, size: PAGE, total, more })
}

/// All entries of a filter, newest first, read from the database as they are asked for. System Administrators only;
/// that somebody exports the log is written into it.
pub async fn export(
    host: &Host,
    caller: &Caller,
    filter: AuditFilter,
) -> Result<impl Stream<Item = Result<AuditEntry>> + Send + 'static> {
    let entry = || Entry::new(AuditAction::Export, AuditSubject::AuditLog);
    access::permit(host, caller, access::accounts(caller), entry).await?;
    record(host, &host.database, caller, entry()).await?;
    let reading = Arc::new((host.clone(), filter));
    let batches = stream::try_unfold(Some(i64::MAX), move |below| {
        let reading = reading.clone();
        async move {
            let Some(below) = below else { return Ok(None) };
            let (host, filter) = reading.as_ref();
            let query = newest(narrowed(filter)).filter(Column::Id.lt(below)).limit(BATCH);
            let rows = query.all(&host.database).await?;
            let next = if rows.len() as u64 == BATCH { rows.last().map(|row| row.id) } else { None };
            let entries: Vec<_> = rows.into_iter().filter_map(Model::entry).map(Ok).collect();
            Ok::<_, crate::Error>(Some((stream::iter(entries), next)))
        }
    });
    Ok(batches.try_flatten())
}

/// People who did something lately, by name. System Administrators only.
pub async fn actors(host: &Host, caller: &Caller) -> Result<Vec<(UserId, String)>> {
    access::accounts(caller)?;
    let latest = newest(Entity::find())
        .select_only()
        .columns([Column::ActorId, Column::ActorName, Column::Id])
        .filter(Column::ActorId.is_not_null())
        .limit(CHOSEN_FROM)
        .into_query();
    let query = Query::select()
        .column("actor_id")
        .expr_as(Expr::cust("MAX(actor_name)"), Alias::new("actor_name"))
        .from_subquery(latest, Alias::new("latest"))
        .group_by_col("actor_id")
        .order_by("actor_name", Order::Asc)
        .to_owned();
    let rows = host.database.query_all(&query).await?;
    rows.iter().map(|row| Ok((UserId(row.try_get::<Uuid>("", "actor_id")?), row.try_get("", "actor_name")?))).collect()
}

fn narrowed(filter: &AuditFilter) -> Select<Entity> {
    let conditions = Condition::all()
        .add_option(filter.actor.map(|actor| Column::ActorId.eq(actor.0)))
        .add_option(filter.action.map(|action| Column::Action.eq(action.name())))
        .add_option(filter.subject.map(|subject| Column::SubjectKind.eq(subject.name())))
        .add_option(filter.subject_id.as_deref().map(|id| Column::SubjectId.eq(id)))
        .add_option(filter.outcome.map(|outcome| Column::Outcome.eq(outcome.name())))
        .add_option(filter.from.map(|from| Column::At.gte(from.0)))
        .add_option(filter.until.map(|until| Column::At.lt(until.0)));
    Entity::find().filter(conditions)
}

fn newest(query: Select<Entity>) -> Select<Entity> {
    query.order_by_desc(Column::Id)
}

async fn count(host: &Host, query: Select<Entity>, most: u64) -> Result<u64> {
    let rows = query.select_only().column(Column::Id).limit(most).into_query();
    let count = Query::select()
        .expr_as(Expr::cust("COUNT(*)"), Alias::new("counted"))
        .from_subquery(rows, Alias::new("counted_entries"))
        .to_owned();
    let row = host.database.query_one(&count).await?;
    let counted: i64 = row.map_or(Ok(0), |row| row.try_get("", "counted"))?;
    Ok(u64::try_from(counted).unwrap_or(0))
}
