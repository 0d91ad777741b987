//! The properties that a client gives a record: each is asked for by name, and what nobody asked for is refused rather
//! than dropped.
#![allow(clippy::option_option, reason = "what a body does not say and what it takes away are two things")]

use http::StatusCode;
use model::{ErrorCode, SolutionVersion, Timestamp};
use serde_json::{Map, Value};
use std::collections::HashSet;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};
use uuid::Uuid;
use web_api::{
    Organization,
    change::{Target, bound, check},
    error::{ApiError, Result},
    table::Table,
};

/// Properties of a body.
pub struct Given<'a> {
    table: &'static Table,
    body: &'a Map<String, Value>,
    asked: HashSet<String>,
}

impl<'a> Given<'a> {
    /// The properties of a body, which the table has.
    pub fn new(table: &'static Table, body: &'a Map<String, Value>) -> Result<Self> {
        check(table, body)?;
        Ok(Self { table, body, asked: HashSet::new() })
    }

    fn value(&mut self, property: &str) -> Option<&'a Value> {
        self.asked.insert(property.to_owned());
        self.body.get(property)
    }

    /// A text; an empty one where it is null, none where it is not given.
    pub fn text(&mut self, property: &str) -> Option<&'a str> {
        self.value(property).map(|value| value.as_str().unwrap_or_default())
    }

    /// A text that has to be there.
    pub fn required(&mut self, property: &str) -> Result<&'a str> {
        let text = self.text(property).filter(|text| !text.trim().is_empty());
        text.ok_or_else(|| self.missing(property))
    }

    /// The refusal of a body without a property.
    pub fn missing(&self, property: &str) -> ApiError {
        ApiError::argument(format!("'{property}' is required to create a record of '{}'.", self.table.set_name))
    }

    /// Yes or no; no where it is null, none where it is not given.
    pub fn flag(&mut self, property: &str) -> Option<bool> {
        self.value(property).map(|value| value.as_bool().unwrap_or_default())
    }

    /// A number; none where it is null or not given.
    pub fn number(&mut self, property: &str) -> Option<i32> {
        self.value(property).and_then(Value::as_i64).and_then(|number| i32::try_from(number).ok())
    }

    /// A version; the inner is none where it is null or empty.
    pub fn version(&mut self, property: &str) -> Result<Option<Option<SolutionVersion>>> {
        let Some(text) = self.text(property) else { return Ok(None) };
        if text.trim().is_empty() {
            return Ok(Some(None));
        }
        let version = text.trim().parse().map_err(|error: model::version::InvalidVersion| {
            ApiError::new(StatusCode::BAD_REQUEST, ErrorCode::INVALID_VERSION, format!("{property}: {error}"))
        })?;
        Ok(Some(Some(version)))
    }

    /// A moment; the inner is none where it is null or empty.
    pub fn moment(&mut self, property: &str) -> Result<Option<Option<Timestamp>>> {
        let Some(text) = self.text(property) else { return Ok(None) };
        if text.trim().is_empty() {
            return Ok(Some(None));
        }
        let moment = OffsetDateTime::parse(text.trim(), &Rfc3339).map_err(|_| {
            ApiError::odata(format!("Cannot convert the literal '{text}' of '{property}' to 'Edm.DateTimeOffset'."))
        })?;
        let milliseconds = i64::try_from(moment.unix_timestamp_nanos() / 1_000_000).unwrap_or(i64::MAX);
        Ok(Some(Some(Timestamp(milliseconds))))
    }

    /// An id; none where it is null, empty or not given.
    pub fn id(&mut self, property: &str) -> Result<Option<Uuid>> {
        let Some(text) = self.text(property).map(str::trim).filter(|text| !text.is_empty()) else { return Ok(None) };
        let id =
            Uuid::parse_str(text).map_err(|_| ApiError::argument(format!("The field '{property}' is not an id.")))?;
        Ok(Some(id))
    }

    /// Where a lookup leads; none where it is not given.
    pub fn bound(&mut self, organization: &dyn Organization, navigation: &str) -> Result<Option<Target>> {
        let key = format!("{navigation}@odata.bind");
        let asked = self.body.keys().filter(|name| name.eq_ignore_ascii_case(&key)).cloned();
        self.asked.extend(asked);
        bound(self.table, self.body, navigation, organization.schema())
    }

    /// Passes over properties that say nothing here, whatever they say.
    pub fn pass_over(&mut self, properties: &[&str]) {
        self.asked.extend(properties.iter().map(|property| (*property).to_owned()));
    }

    /// Passes over a property as long as it has the only value that there is here.
    pub fn only(&mut self, property: &str, only: &Value) -> Result<()> {
        match self.value(property) {
            None | Some(Value::Null) => Ok(()),
            Some(value) if value == only => Ok(()),
            Some(value) => Err(ApiError::argument(format!(
                "The property '{property}' of '{}' can only be {only} here, not {value}.",
                self.table.logical_name
            ))),
        }
    }

    /// Refuses what nobody asked for.
    pub fn finish(self) -> Result<()> {
        let left = self.body.keys().find(|name| {
            let is_annotation = name.starts_with('@') || (name.contains('@') && !name.ends_with("@odata.bind"));
            !is_annotation && !self.asked.contains(*name)
        });
        match left {
            None => Ok(()),
            Some(name) => Err(ApiError::argument(format!(
                "The property '{name}' of '{}' cannot be written.",
                self.table.logical_name
            ))),
        }
    }
}
