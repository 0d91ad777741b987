//! Answers queries from rows.

use super::{
    filter::{Literal, Step, order, value_of},
    query::{Expand, MOST_RECORDS, Query, Way},
};
use crate::{
    error::{ApiError, Result},
    table::{Collection, Column, Kind, Schema, Table, lookup_property},
};
use serde_json::{Map, Value};
use std::{
    cell::{Cell, RefCell},
    cmp::Ordering,
    collections::HashMap,
    rc::Rc,
};

/// A row: values by property.
pub type Row = Map<String, Value>;

/// The rows of tables, by logical name.
pub type Snapshot = HashMap<&'static str, Vec<Row>>;

/// A part of an answer.
#[derive(Debug)]
pub struct Part {
    /// The rows.
    pub rows: Vec<Row>,
    /// How many there are, where that was asked for.
    pub count: Option<usize>,
    /// Where to go on, where there is more.
    pub skip_token: Option<String>,
}

/// How an answer is written.
#[derive(Clone, Copy, Debug, Default)]
pub struct Style {
    /// Whether values are accompanied by what people read for them.
    pub annotated: bool,
    /// Records of a part; the platform's most where there is none.
    pub page_size: Option<usize>,
}

/// The rows that a part of an answer shows.
pub fn part(query: &Query, snapshot: &Snapshot, style: Style) -> Result<Part> {
    let rows = matching(query, snapshot);
    let count = query.count.then_some(rows.len().min(MOST_RECORDS));
    let begin = match &query.skip_token {
        Some(token) => position(token, &rows, query.table)?,
        None => 0,
    };
    let left = rows.get(begin..).unwrap_or_default();
    let (size, is_cut) = match query.top {
        Some(top) => (top.min(MOST_RECORDS), false),
        None => (style.page_size(), left.len() > style.page_size()),
    };
    let shown = left.get(..size.min(left.len())).unwrap_or_default();
    let skip_token = shown.last().filter(|_| is_cut).map(|last| {
        let id = last.get(query.table.id).and_then(Value::as_str).unwrap_or_default();
        format!("{}_{id}", begin + shown.len())
    });
    Ok(Part { rows: shown.iter().map(|row| (*row).clone()).collect(), count, skip_token })
}

/// Records that can be paged through at most: databases count no further than they must.
const FURTHEST: usize = 1_000_000;

/// How many rows were shown before a part.
pub fn shown_before(query: &Query) -> usize {
    let token = query.skip_token.as_deref().and_then(|token| token.split_once('_'));
    token.and_then(|(shown, _)| shown.parse::<usize>().ok()).unwrap_or(0).min(FURTHEST)
}

impl Style {
    /// Records of a part.
    pub fn page_size(self) -> usize {
        self.page_size.unwrap_or(MOST_RECORDS).clamp(1, MOST_RECORDS)
    }
}

/// What accompanies a property for people to read.
pub const FORMATTED: &str = "@OData.Community.Display.V1.FormattedValue";

/// Records that one answer shows at most, with all that are shown within others.
const MOST_SHOWN: usize = 50_000;

/// Rows by the text of one of their values.
type Index<'a> = HashMap<String, Vec<&'a Row>>;

/// Rows on their way into one answer. What leads where is looked up once, however many rows ask.
pub struct View<'a> {
    schema: Schema,
    snapshot: &'a Snapshot,
    style: Style,
    left: Cell<usize>,
    /// Rows of tables by their ids.
    by_id: RefCell<HashMap<&'static str, Rc<Index<'a>>>>,
    /// Rows that expansions mean, in their order, by what they belong to; of the expansions by their addresses.
    expanded: RefCell<HashMap<*const Expand, Rc<Index<'a>>>>,
}

impl<'a> View<'a> {
    /// A view of rows.
    pub fn new(schema: Schema, snapshot: &'a Snapshot, style: Style) -> Self {
        let (by_id, expanded) = (RefCell::default(), RefCell::default());
        Self { schema, snapshot, style, left: Cell::new(MOST_SHOWN), by_id, expanded }
    }

    /// One row as a query shows it. Refused where an answer would show too many.
    pub fn record(&self, row: &Row, query: &Query) -> Result<Row> {
        let left = self.left.get().checked_sub(1).ok_or_else(|| {
            ApiError::odata(format!(
                "The answer has more than {MOST_SHOWN} records. Use $filter, $top or less $expand."
            ))
        })?;
        self.left.set(left);
        let table = query.table;
        let mut record = Row::new();
        if let Some(etag) = etag(row) {
            record.insert("@odata.etag".to_owned(), etag.into());
        }
        let chosen: Vec<&Column> =
            if query.select.is_empty() { table.columns.iter().collect() } else { query.select.clone() };
        for column in &chosen {
            self.show(&mut record, row, column);
        }
        if !chosen.iter().any(|column| column.name == table.id) {
            record.insert(table.id.to_owned(), row.get(table.id).cloned().unwrap_or_default());
        }
        for expand in &query.expand {
            record.insert(expand.navigation.to_owned(), self.expand(row, table, expand)?);
        }
        Ok(record)
    }

    fn show(&self, record: &mut Row, row: &Row, column: &Column) {
        let property = column.property();
        let value = row.get(&property).cloned().unwrap_or_default();
        if self.style.annotated && !value.is_null() {
            if let Kind::Lookup { table, navigation } = column.kind {
                let found = || {
                    let table = self.schema.table(table)?;
                    self.row(table, &value)?.get(table.name).cloned()
                };
                let key = format!("{property}{FORMATTED}");
                // A row may know itself what it leads to, even where that is there no more.
                if let Some(name) = row.get(&key).cloned().or_else(found) {
                    record.insert(key, name);
                }
                let navigation_key = format!("{property}@Microsoft.Dynamics.CRM.associatednavigationproperty");
                record.insert(navigation_key, navigation.into());
                record.insert(format!("{property}@Microsoft.Dynamics.CRM.lookuplogicalname"), table.into());
            }
            if let Some(text) = formatted(&value, column.kind) {
                record.insert(format!("{property}{FORMATTED}"), text.into());
            }
        }
        record.insert(property, value);
    }

    /// The row of a table with an id.
    fn row(&self, table: &'static Table, id: &Value) -> Option<&'a Row> {
        let known = self.by_id.borrow().get(table.logical_name).cloned();
        let index = known.unwrap_or_else(|| {
            let index = Rc::new(index(rows_of(table, self.snapshot).iter(), table.id));
            self.by_id.borrow_mut().insert(table.logical_name, index.clone());
            index
        });
        index.get(&id.to_string())?.first().copied()
    }

    fn expand(&self, row: &Row, table: &'static Table, expand: &Expand) -> Result<Value> {
        let query = &expand.query;
        let collection = match expand.way {
            Way::Lookup(column) => {
                let found = row.get(&column.property()).and_then(|id| self.row(query.table, id));
                return found.map_or(Ok(Value::Null), |found| Ok(Value::Object(self.record(found, query)?)));
            }
            Way::Collection(collection) => collection,
        };
        let most = query.top.unwrap_or(MOST_RECORDS).min(MOST_RECORDS);
        let shown = |rows: Vec<&Row>| {
            let records = rows.into_iter().take(most).map(|row| Ok(Value::Object(self.record(row, query)?)));
            records.collect::<Result<Vec<Value>>>().map(Value::Array)
        };
        match belonging(row.get(table.id), collection, query.table, self.snapshot) {
            Belonging::Leading(property, own) => {
                let index = self.meant(expand, &property);
                shown(own.and_then(|own| index.get(&own.to_string())).cloned().unwrap_or_default())
            }
            named @ Belonging::Named(..) => {
                shown(matching(query, self.snapshot).into_iter().filter(|row| named.holds(row)).collect())
            }
        }
    }

    /// The rows that an expansion means, in their order, by what they lead to.
    fn meant(&self, expand: &Expand, property: &str) -> Rc<Index<'a>> {
        let known = self.expanded.borrow().get(&std::ptr::from_ref(expand)).cloned();
        known.unwrap_or_else(|| {
            let index = Rc::new(index(matching(&expand.query, self.snapshot).into_iter(), property));
            self.expanded.borrow_mut().insert(std::ptr::from_ref(expand), index.clone());
            index
        })
    }
}

fn rows_of<'a>(table: &Table, snapshot: &'a Snapshot) -> &'a [Row] {
    snapshot.get(table.logical_name).map(Vec::as_slice).unwrap_or_default()
}

fn index<'a>(rows: impl Iterator<Item = &'a Row>, property: &str) -> Index<'a> {
    let mut index = Index::new();
    for row in rows {
        if let Some(value) = row.get(property).filter(|value| !value.is_null()) {
            index.entry(value.to_string()).or_default().push(row);
        }
    }
    index
}

/// The weak tag of a row's version.
pub fn etag(row: &Row) -> Option<String> {
    row.get("versionnumber").map(|version| format!("W/\"{version}\""))
}

fn formatted(value: &Value, kind: Kind) -> Option<String> {
    match kind {
        Kind::Choice(options) => {
            let number = value.as_i64()?;
            options.iter().find(|(code, _)| i64::from(*code) == number).map(|(_, label)| (*label).to_owned())
        }
        Kind::Boolean => Some(if value.as_bool()? { "Yes" } else { "No" }.to_owned()),
        Kind::Integer | Kind::BigInteger | Kind::Double => Some(value.to_string()),
        Kind::DateTime => value.as_str().map(str::to_owned),
        _ => None,
    }
}

/// Which records belong to another one.
pub enum Belonging<'a> {
    /// Those that lead to it themselves: property and id.
    Leading(String, Option<&'a Value>),
    /// Those that a table in between names: property with their id, and the ids.
    Named(&'static str, Vec<&'a Value>),
}

impl Belonging<'_> {
    /// Whether a record does.
    pub fn holds(&self, row: &Row) -> bool {
        match self {
            Self::Leading(property, own) => own.is_some() && row.get(property) == *own,
            Self::Named(id, ids) => row.get(*id).is_some_and(|id| ids.contains(&id)),
        }
    }
}

/// Which records of a collection belong to the record with an id.
pub fn belonging<'a>(
    own: Option<&'a Value>,
    collection: &Collection,
    target: &Table,
    snapshot: &'a Snapshot,
) -> Belonging<'a> {
    let Some(through) = collection.through else {
        return Belonging::Leading(lookup_property(collection.column), own);
    };
    let rows = snapshot.get(through.table).map(Vec::as_slice).unwrap_or_default();
    let of_own = rows.iter().filter(|row| own.is_some() && row.get(collection.column) == own);
    Belonging::Named(target.id, of_own.filter_map(|row| row.get(through.column)).collect())
}

/// The rows a query means, in its order.
fn matching<'a>(query: &Query, snapshot: &'a Snapshot) -> Vec<&'a Row> {
    let mut rows: Vec<&Row> = rows_of(query.table, snapshot)
        .iter()
        .filter(|row| query.filter.as_ref().is_none_or(|filter| filter.admits(row, snapshot)))
        .collect();
    if !query.order.is_empty() {
        rows.sort_by(|a, b| {
            let mut found = Ordering::Equal;
            for (path, descending) in &query.order {
                let (a, b) = (value_of(path, a, snapshot), value_of(path, b, snapshot));
                let compared = match (&a, &b) {
                    (Literal::Null, Literal::Null) => Ordering::Equal,
                    (Literal::Null, _) => Ordering::Less,
                    (_, Literal::Null) => Ordering::Greater,
                    _ => order(&a, &b).unwrap_or(Ordering::Equal),
                };
                found = found.then(if *descending { compared.reverse() } else { compared });
            }
            found
        });
    }
    rows
}

/// The record that lookups lead to from a row.
pub(super) fn follow<'a>(row: &'a Row, through: &[Step], snapshot: &'a Snapshot) -> Option<&'a Row> {
    through.iter().try_fold(row, |row, step| leads_to(row, step.column, step.table, snapshot))
}

fn leads_to<'a>(row: &Row, column: &Column, target: &Table, snapshot: &'a Snapshot) -> Option<&'a Row> {
    let id = row.get(&column.property())?;
    snapshot.get(target.logical_name)?.iter().find(|other| other.get(target.id) == Some(id))
}

/// Where to go on: after the record that was last, or, where that is gone, after as many as were shown.
fn position(token: &str, rows: &[&Row], table: &Table) -> Result<usize> {
    let bad = || ApiError::odata("The $skiptoken is not one of this address.");
    let (shown, id) = token.split_once('_').ok_or_else(bad)?;
    let shown = shown.parse::<usize>().map_err(|_| bad())?.min(FURTHEST);
    let last = rows.iter().position(|row| row.get(table.id).and_then(Value::as_str) == Some(id));
    Ok(last.map_or(shown, |last| last + 1))
}
