//! Changes of records as clients ask for them, and what every organisation checks of them.

use crate::{
    call::{Call, Segment},
    error::{ApiError, Result},
    odata::{Row, Snapshot, query::split},
    table::{Kind, Schema, Table},
};
use http::HeaderMap;
use serde_json::{Map, Value};
use uuid::Uuid;

/// A change of one record.
#[derive(Debug)]
pub struct Change {
    /// The table.
    pub table: &'static Table,
    /// How later changes of the same change set name what this one creates.
    pub content_id: Option<String>,
    /// What is to be done.
    pub kind: ChangeKind,
}

/// What is to be done.
#[derive(Debug)]
pub enum ChangeKind {
    /// A record is created with these properties.
    Create(Map<String, Value>),
    /// A record is changed.
    Update(Known, Map<String, Value>),
    /// A record is deleted.
    Delete(Known),
    /// A record is added to a collection of another one: the navigation property, and the address of what is added.
    Link(Known, String, String),
    /// A record is taken out of a collection: the navigation property, and the address of what is taken out.
    Unlink(Known, String, String),
}

/// A record that a client says to know.
#[derive(Debug)]
pub struct Known {
    /// Its id, or a column with its value.
    pub key: String,
    /// With preconditions in them.
    pub headers: HeaderMap,
}

/// How a record is found after its change: column and value. None where it is gone, or was linked only.
pub type Found = Option<(&'static str, String)>;

/// A change of several that was refused, and with it all of them.
#[derive(Debug)]
pub struct Failed {
    /// Which; none where it cannot be told.
    pub at: Option<usize>,
    /// Why.
    pub error: ApiError,
}

impl Failed {
    /// A change that was refused.
    pub fn at(index: usize) -> impl Fn(ApiError) -> Self {
        move |error| Self { at: Some(index), error }
    }
}

impl From<ApiError> for Failed {
    fn from(error: ApiError) -> Self {
        Self { at: None, error }
    }
}

/// Finds the row that a key means: an id, or `column='value'`.
pub fn find<'a>(table: &'static Table, key: &str, snapshot: &'a Snapshot) -> Result<&'a Row> {
    let rows = snapshot.get(table.logical_name).map(Vec::as_slice).unwrap_or_default();
    find_in(table, key, rows)
}

/// Finds the row that a key means among some.
pub fn find_in<'a>(table: &'static Table, key: &str, rows: &'a [Row]) -> Result<&'a Row> {
    let wanted = conditions(table, key)?;
    rows.iter()
        .find(|row| {
            wanted.iter().all(|(property, value)| {
                row.get(property.as_str())
                    .and_then(Value::as_str)
                    .is_some_and(|found| found.eq_ignore_ascii_case(value))
            })
        })
        .ok_or_else(|| ApiError::missing(table.logical_name, key))
}

/// What a key asks for: properties and their values.
pub fn conditions(table: &'static Table, key: &str) -> Result<Vec<(String, String)>> {
    let key = key.trim();
    if let Ok(id) = Uuid::parse_str(key.trim_matches('\'')) {
        return Ok(vec![(table.id.to_owned(), id.to_string())]);
    }
    let mut found = Vec::new();
    for part in split(key, ',')? {
        let bad = || ApiError::odata(format!("The key '{key}' is not one of '{}'.", table.set_name));
        let (column, value) = part.split_once('=').ok_or_else(bad)?;
        let column = column.trim();
        if column != table.id && !table.keys.contains(&column) {
            return Err(bad());
        }
        let value = value.trim();
        let value = value.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\'')).unwrap_or(value);
        found.push((column.to_owned(), value.replace("''", "'")));
    }
    if found.is_empty() { Err(ApiError::odata("The address has an empty key.")) } else { Ok(found) }
}

/// Where a lookup of a body leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// To what an earlier request of the same change set creates, by its `Content-ID`.
    Pending(String),
    /// To a record, by its key.
    Key(String),
    /// Nowhere.
    Nothing,
}

/// Where `navigation@odata.bind` of a body leads; none where the body does not say.
pub fn bound(
    table: &'static Table,
    body: &Map<String, Value>,
    navigation: &str,
    schema: Schema,
) -> Result<Option<Target>> {
    let wanted = format!("{navigation}@odata.bind");
    let Some((_, value)) = body.iter().find(|(name, _)| name.eq_ignore_ascii_case(&wanted)) else { return Ok(None) };
    let target = match value {
        Value::Null => return Ok(Some(Target::Nothing)),
        Value::String(address) => address,
        _ => return Err(ApiError::odata(format!("'{wanted}' is the address of a record."))),
    };
    let expected = table.lookup(navigation).and_then(|(_, target)| schema.table(target));
    let expected = expected.ok_or_else(|| ApiError::no_segment(navigation))?;
    leads_to(&wanted, target, expected).map(Some)
}

/// The record of a table that an address means. `place` is where the address stands.
pub fn leads_to(place: &str, address: &str, expected: &'static Table) -> Result<Target> {
    if let Some(content_id) = address.strip_prefix('$') {
        return Ok(Target::Pending(content_id.to_owned()));
    }
    // Addresses may be absolute, or relative to the service.
    let segments: Vec<Segment> = Call::segments(address)?;
    let last = segments.last().ok_or_else(|| ApiError::odata(format!("'{place}' is empty.")))?;
    if !last.name.eq_ignore_ascii_case(expected.set_name) {
        return Err(ApiError::odata(format!(
            "'{place}' leads to '{}', and has to lead to a record of '{}'.",
            last.name, expected.set_name
        )));
    }
    let key = last.key.clone().ok_or_else(|| ApiError::odata(format!("'{place}' names no record.")))?;
    Ok(Target::Key(key))
}

/// Refuses properties that the table does not have, and values that do not fit.
pub fn check(table: &'static Table, body: &Map<String, Value>) -> Result<()> {
    for property in body.keys() {
        let is_known = match property.split_once("@odata.bind") {
            Some((navigation, "")) => table.lookup(navigation).is_some(),
            _ => property.starts_with('@') || property.contains('@') || table.property(property).is_some(),
        };
        if !is_known {
            return Err(ApiError::odata(format!(
                "An error occurred while validating input parameters: Microsoft.OData.ODataException: The property '{property}' does not exist on type 'Microsoft.Dynamics.CRM.{}'. Make sure to only use property names that are defined by the type.",
                table.logical_name
            )));
        }
    }
    for (property, value) in body {
        let Some(column) = table.property(property) else { continue };
        let fits = value.is_null()
            || match column.kind {
                Kind::Text(_) | Kind::Memo(_) | Kind::DateTime => value.is_string(),
                Kind::Id | Kind::Guid | Kind::File | Kind::Lookup { .. } => {
                    value.as_str().is_some_and(|text| Uuid::parse_str(text).is_ok())
                }
                Kind::Integer | Kind::BigInteger | Kind::Choice(_) => value.is_i64() || value.is_u64(),
                Kind::Double => value.is_number(),
                Kind::Boolean => value.is_boolean(),
            };
        if !fits {
            return Err(ApiError::odata(format!(
                "Error identified in Payload provided by the user for Entity :'{}': Cannot convert the value of '{property}' to its type.",
                table.set_name
            )));
        }
        if let (Kind::Text(most) | Kind::Memo(most), Some(text)) = (column.kind, value.as_str())
            && text.chars().count() > usize::try_from(most).unwrap_or(usize::MAX)
        {
            return Err(ApiError::argument(format!(
                "A validation error occurred. The length of the '{property}' attribute of the '{}' entity exceeded the maximum allowed length of '{most}'.",
                table.logical_name
            )));
        }
        if let (Kind::Choice(choices), Some(number)) = (column.kind, value.as_i64())
            && !choices.iter().any(|(code, _)| i64::from(*code) == number)
        {
            return Err(ApiError::argument(format!(
                "A validation error occurred. The value {number} of '{property}' on record of type '{}' is outside the valid range.",
                table.logical_name
            )));
        }
    }
    Ok(())
}
