//! Rows that an answer needs: first those that decide which records are shown, then what is shown with those.

use crate::{
    error::Result,
    odata::{
        Query, Row, Snapshot,
        apply::{Style, shown_before},
        query::{MOST_RECORDS, Way},
    },
    organization::{First, Organization, Wanted},
    table::{Kind, Table, lookup_property},
};
use serde_json::Value;

/// Rows of a table.
pub async fn rows(organization: &dyn Organization, table: &'static Table, wanted: &Wanted<'_>) -> Result<Vec<Row>> {
    let mut rows = organization.rows(table, wanted).await?;
    if let Some((property, values)) = wanted.among {
        rows.retain(|row| row.get(property).is_some_and(|value| values.contains(value)));
    }
    Ok(rows)
}

/// The rows that decide which records a query shows.
pub async fn deciding(organization: &dyn Organization, query: &Query, style: Style) -> Result<Snapshot> {
    let wanted = Wanted { filter: query.filter.as_ref(), among: None, first: first(organization, query, style) };
    let mut snapshot = Snapshot::from([(query.table.logical_name, organization.rows(query.table, &wanted).await?)]);
    others(organization, query, &mut snapshot).await?;
    Ok(snapshot)
}

/// The rows that decide which of some records a query shows, without the records themselves.
pub async fn deciding_among(organization: &dyn Organization, query: &Query) -> Result<Snapshot> {
    let mut snapshot = Snapshot::new();
    others(organization, query, &mut snapshot).await?;
    Ok(snapshot)
}

/// The tables that filter and order go through.
async fn others(organization: &dyn Organization, query: &Query, snapshot: &mut Snapshot) -> Result<()> {
    for name in query.deciding_tables().into_iter().skip(1) {
        if let Some(table) = organization.schema().table(name) {
            let rows = organization.rows(table, &Wanted::default()).await?;
            add(snapshot, table, rows);
        }
    }
    Ok(())
}

/// How many rows will do, where the organisation can choose and sort them by itself.
fn first<'a>(organization: &dyn Organization, query: &'a Query, style: Style) -> Option<First<'a>> {
    let chooses = |filter: &crate::odata::Filter| filter.asks_only_for(organization.choosable(query.table));
    if !query.filter.as_ref().is_none_or(chooses) {
        return None;
    }
    let order = match query.order.as_slice() {
        [] => None,
        [(path, descending)] => {
            let sorts = organization.sortable(query.table).iter().any(|property| path.is(property));
            Some((sorts.then_some(path.property.as_str())?, *descending))
        }
        _ => return None,
    };
    let before = shown_before(query);
    let limit = match (query.count, query.top) {
        (true, _) => MOST_RECORDS + 1,
        (false, Some(top)) => top.min(MOST_RECORDS),
        (false, None) => style.page_size() + 1,
    };
    Some(First { order, limit: before.saturating_add(limit) })
}

/// Adds what is shown with rows: names of what they lead to, and what is expanded.
pub async fn related(
    organization: &dyn Organization,
    query: &Query,
    rows: &[Row],
    style: Style,
    snapshot: &mut Snapshot,
) -> Result<()> {
    let schema = organization.schema();
    if style.annotated {
        for column in query.table.columns {
            let Kind::Lookup { table, .. } = column.kind else { continue };
            if let Some(table) = schema.table(table) {
                led_to(organization, table, &column.property(), rows, snapshot).await?;
            }
        }
    }
    for expand in &query.expand {
        let target = expand.query.table;
        let loaded = match expand.way {
            Way::Lookup(column) => led_to(organization, target, &column.property(), rows, snapshot).await?,
            Way::Collection(collection) => {
                belonging(organization, query.table, rows, collection, target, snapshot).await?
            }
        };
        others(organization, &expand.query, snapshot).await?;
        Box::pin(related(organization, &expand.query, &loaded, style, snapshot)).await?;
    }
    Ok(())
}

/// Adds the records of a table that a property of rows leads to.
async fn led_to(
    organization: &dyn Organization,
    table: &'static Table,
    property: &str,
    rows: &[Row],
    snapshot: &mut Snapshot,
) -> Result<Vec<Row>> {
    among(organization, table, table.id, values(rows, property), snapshot).await
}

/// Adds the records of a table that belong to rows.
pub async fn belonging(
    organization: &dyn Organization,
    table: &'static Table,
    rows: &[Row],
    collection: &crate::table::Collection,
    target: &'static Table,
    snapshot: &mut Snapshot,
) -> Result<Vec<Row>> {
    let own = values(rows, table.id);
    let Some(through) = collection.through else {
        return among(organization, target, &lookup_property(collection.column), own, snapshot).await;
    };
    let Some(between) = organization.schema().table(through.table) else { return Ok(Vec::new()) };
    let links = among(organization, between, collection.column, own, snapshot).await?;
    among(organization, target, target.id, values(&links, through.column), snapshot).await
}

async fn among(
    organization: &dyn Organization,
    table: &'static Table,
    property: &str,
    values: Vec<Value>,
    snapshot: &mut Snapshot,
) -> Result<Vec<Row>> {
    if values.is_empty() {
        return Ok(Vec::new());
    }
    let wanted = Wanted { among: Some((property, &values)), ..Wanted::default() };
    let found = rows(organization, table, &wanted).await?;
    add(snapshot, table, found.clone());
    Ok(found)
}

/// The different values that rows have for a property.
fn values(rows: &[Row], property: &str) -> Vec<Value> {
    let mut seen = std::collections::HashSet::new();
    let values = rows.iter().filter_map(|row| row.get(property)).filter(|value| !value.is_null());
    values.filter(|value| seen.insert(value.to_string())).cloned().collect()
}

/// Adds rows that are not there yet.
fn add(snapshot: &mut Snapshot, table: &'static Table, rows: Vec<Row>) {
    let there = snapshot.entry(table.logical_name).or_default();
    if there.is_empty() {
        *there = rows;
        return;
    }
    let known: std::collections::HashSet<String> =
        there.iter().filter_map(|row| row.get(table.id)).map(ToString::to_string).collect();
    there.extend(rows.into_iter().filter(|row| row.get(table.id).is_none_or(|id| !known.contains(&id.to_string()))));
}
