//! What the Web API serves: an organisation, whatever keeps its rows.

use crate::{
    call::{Answer, Call, Segment},
    change::{Change, Failed, Found},
    error::{ApiError, Result},
    metadata::Signatures,
    odata::{Filter, Literal, Row},
    table::{Column, Schema, Table},
};
use async_trait::async_trait;
use environment::PackageStore;
use serde_json::Value;
use std::path::PathBuf;
use uuid::Uuid;

/// An organisation as somebody uses it. It decides by itself what they see and may do.
#[async_trait]
pub trait Organization: Send + Sync {
    /// Its tables.
    fn schema(&self) -> Schema;

    /// Its actions and functions, for `$metadata`.
    fn signatures(&self) -> &'static Signatures;

    /// Address of the service: ends in `/api/data/v9.2/`.
    fn base(&self) -> &str;

    /// Whoever uses it: `systemuserid`.
    fn user(&self) -> Uuid;

    /// A new id.
    fn new_id(&self) -> Uuid;

    /// The store of the packages that it answers with.
    fn packages(&self) -> &PackageStore;

    /// Rows of a table that its user may see: at least those that are wanted, possibly more, and with those of an order
    /// in this order.
    async fn rows(&self, table: &'static Table, wanted: &Wanted<'_>) -> Result<Vec<Row>>;

    /// Properties by whose values [`Organization::rows`] chooses exactly.
    fn choosable(&self, _table: &'static Table) -> &'static [&'static str] {
        &[]
    }

    /// Properties in whose order [`Organization::rows`] can give the first rows.
    fn sortable(&self, _table: &'static Table) -> &'static [&'static str] {
        &[]
    }

    /// Makes changes, all or none, and says how each record is found afterwards.
    async fn change(&self, changes: Vec<Change>) -> Result<Vec<Found>, Failed>;

    /// Whether a record is shown to whoever creates it and names properties, although they did not prefer that.
    fn shows_created(&self, _table: &'static Table) -> bool {
        false
    }

    /// Answers a function or an action; none where the segment names neither.
    async fn operation(&self, call: Call, segment: &Segment) -> Option<Result<Answer>>;

    /// The file in a column of a row.
    async fn file(&self, _table: &'static Table, column: &'static Column, _row: &Row) -> Result<OwnFile> {
        Err(ApiError::no_segment(column.name))
    }
}

/// A file of a record.
#[derive(Clone, Debug)]
pub struct OwnFile {
    /// Its name.
    pub name: String,
    /// Where it is.
    pub path: PathBuf,
    /// Its size in bytes.
    pub bytes: u64,
}

/// Which rows are wanted. Whoever has the rows may use of it what spares reading them.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wanted<'a> {
    /// Those that are meant by an expression.
    pub filter: Option<&'a Filter>,
    /// Those whose property is one of some values.
    pub among: Option<(&'a str, &'a [Value])>,
    /// The first ones only.
    pub first: Option<First<'a>>,
}

/// The first rows in an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct First<'a> {
    /// The property they are sorted by, and whether downwards; none where any order will do that stays the same.
    pub order: Option<(&'a str, bool)>,
    /// How many.
    pub limit: usize,
}

impl<'a> Wanted<'a> {
    /// Rows that an expression means.
    pub fn meant_by(filter: Option<&'a Filter>) -> Self {
        Self { filter, ..Self::default() }
    }

    /// Ids of which a property has to be one; none where it may be any.
    pub fn ids(&self, property: &str) -> Option<Vec<Uuid>> {
        if let Some((_, values)) = self.among.filter(|(name, _)| *name == property) {
            return Some(values.iter().filter_map(Value::as_str).filter_map(|id| Uuid::parse_str(id).ok()).collect());
        }
        let values = self.filter?.one_of(property)?;
        let ids = values.into_iter().filter_map(|value| match value {
            Literal::Guid(text) | Literal::Text(text) => Uuid::parse_str(text).ok(),
            _ => None,
        });
        Some(ids.collect())
    }

    /// Whole numbers of which a property has to be one; none where it may be any.
    pub fn numbers(&self, property: &str) -> Option<Vec<i32>> {
        let values = self.filter?.one_of(property)?;
        let numbers = values.into_iter().filter_map(|value| match value {
            #[allow(clippy::cast_possible_truncation, reason = "checked by the comparison")]
            Literal::Number(number) if f64::from(*number as i32).total_cmp(number).is_eq() => Some(*number as i32),
            _ => None,
        });
        Some(numbers.collect())
    }

    /// Texts of which a property has to be one; none where it may be any.
    pub fn texts(&self, property: &str) -> Option<Vec<&'a str>> {
        let values = self.filter?.one_of(property)?;
        let texts = values.into_iter().filter_map(|value| match value {
            Literal::Text(text) => Some(text.as_str()),
            _ => None,
        });
        Some(texts.collect())
    }
}
