//! Changes of records: what a create, an update or a delete comes to, worked out before anything is done.

use crate::{
    call::Segment,
    error::{ApiError, Result},
    odata::{Row, Snapshot, query::split},
    organization::MARK,
    table::{Kind, Schema, Table},
};
use environment::{HostBinding, NewSolution, builtin::Alteration};
use model::{SolutionVersion, environment::EnvironmentType, id::DeploymentEnvironmentId, package::Publisher};
use serde_json::{Map, Value};
use std::collections::HashMap;
use uuid::Uuid;

/// A change, worked out.
#[derive(Debug)]
pub struct Planned {
    /// What to do; none where the record is as it is wanted already.
    pub alteration: Option<Alteration>,
    /// How the record is found afterwards: column and value.
    pub found_by: (&'static str, String),
}

/// Records that earlier requests of the same change set create, by `Content-ID`: what they were sent.
pub type Pending = HashMap<String, (&'static Table, Map<String, Value>)>;

/// Works out a create.
pub fn create(
    table: &'static Table,
    body: &Map<String, Value>,
    schema: Schema,
    snapshot: &Snapshot,
    pending: &Pending,
) -> Result<Planned> {
    check(table, body)?;
    match table.logical_name {
        "publisher" => {
            let unique_name = required(table, body, "uniquename")?;
            let alteration = Alteration::CreatePublisher(new_publisher(table, body)?);
            Ok(Planned { alteration: Some(alteration), found_by: ("uniquename", unique_name.to_owned()) })
        }
        "solution" => {
            let unique_name = required(table, body, "uniquename")?.to_owned();
            let publisher = match reference(table, body, "publisherid", schema, snapshot, pending)? {
                Target::Row(row) => publisher_of(row),
                Target::Pending(table, body) => new_publisher(table, body)?,
            };
            let version = text(body, "version").unwrap_or("1.0.0.0");
            let new = NewSolution {
                display_name: text(body, "friendlyname").unwrap_or(&unique_name).to_owned(),
                description: text(body, "description").unwrap_or_default().to_owned(),
                version: parse_version(version)?,
                publisher,
                unique_name: unique_name.clone(),
            };
            Ok(Planned { alteration: Some(Alteration::CreateSolution(new)), found_by: ("uniquename", unique_name) })
        }
        "environmentvariablevalue" => {
            let definition = match reference(table, body, "EnvironmentVariableDefinitionId", schema, snapshot, pending)?
            {
                Target::Row(row) => row,
                Target::Pending(..) => {
                    return Err(ApiError::argument("A value cannot be created before its definition is there."));
                }
            };
            let schema_name = own_text(definition, "schemaname");
            let values = snapshot.get("environmentvariablevalue").map(Vec::as_slice).unwrap_or_default();
            let id = definition.get("environmentvariabledefinitionid");
            if values.iter().any(|row| row.get("_environmentvariabledefinitionid_value") == id) {
                return Err(ApiError::from(environment::EnvironmentError::refused(
                    model::ErrorCode::DUPLICATE_KEY,
                    "A record with matching key values already exists.",
                )));
            }
            let value = required(table, body, "value")?.to_owned();
            Ok(Planned {
                alteration: Some(Alteration::SetValue { schema_name: schema_name.clone(), value: Some(value) }),
                found_by: ("schemaname", schema_name),
            })
        }
        "environmentvariabledefinition" => {
            let schema_name = required(table, body, "schemaname")?;
            if !schema_name.eq_ignore_ascii_case(MARK) {
                return Err(ApiError::not_allowed(
                    "An environment variable comes into a built-in environment with a solution package.",
                ));
            }
            let definitions = snapshot.get("environmentvariabledefinition").map(Vec::as_slice).unwrap_or_default();
            if definitions.iter().any(|row| own_text(row, "schemaname") == MARK) {
                return Err(ApiError::from(environment::EnvironmentError::refused(
                    model::ErrorCode::DUPLICATE_KEY,
                    "A record with matching key values already exists.",
                )));
            }
            let binding = mark(required(table, body, "defaultvalue")?)?;
            Ok(Planned { alteration: Some(Alteration::Bind(binding)), found_by: ("schemaname", MARK.to_owned()) })
        }
        _ => Err(ApiError::not_allowed(format!("Records of '{}' are not created by clients.", table.set_name))),
    }
}

/// Works out an update of a row.
pub fn update(table: &'static Table, row: &Row, body: &Map<String, Value>) -> Result<Planned> {
    check(table, body)?;
    let id = own_text(row, table.id);
    let mut alteration = None;
    for (property, value) in body {
        if property.starts_with('@') || row.get(property) == Some(value) {
            continue;
        }
        let wanted = value.as_str().map(str::to_owned);
        let next = match (table.logical_name, property.as_str(), wanted) {
            ("solution", "version", Some(version)) => {
                Alteration::SetVersion { unique_name: own_text(row, "uniquename"), version: parse_version(&version)? }
            }
            ("connectionreference", "connectionid", connection) if value.is_string() || value.is_null() => {
                Alteration::BindReference {
                    logical_name: own_text(row, "connectionreferencelogicalname"),
                    connection: connection.filter(|id| !id.is_empty()),
                }
            }
            ("environmentvariablevalue", "value", Some(value)) => {
                Alteration::SetValue { schema_name: own_text(row, "schemaname"), value: Some(value) }
            }
            ("environmentvariabledefinition", "defaultvalue", Some(value)) if own_text(row, "schemaname") == MARK => {
                Alteration::Bind(mark(&value)?)
            }
            _ => {
                return Err(ApiError::not_allowed(format!(
                    "The property '{property}' of '{}' cannot be changed in a built-in environment; it comes with a solution package.",
                    table.logical_name
                )));
            }
        };
        alteration = Some(next);
    }
    Ok(Planned { alteration, found_by: (table.id, id) })
}

/// Works out a delete of a row. Solutions are uninstalled instead.
pub fn delete(table: &'static Table, row: &Row) -> Result<Alteration> {
    match table.logical_name {
        "environmentvariablevalue" => {
            Ok(Alteration::SetValue { schema_name: own_text(row, "schemaname"), value: None })
        }
        "environmentvariabledefinition" if own_text(row, "schemaname") == MARK => {
            Ok(Alteration::Release(mark(&own_text(row, "defaultvalue"))?.record))
        }
        _ => Err(ApiError::not_allowed(format!(
            "Records of '{}' are not deleted one by one in a built-in environment.",
            table.set_name
        ))),
    }
}

/// Finds the row that a key means: an id, or `column='value'`.
pub fn find<'a>(table: &'static Table, key: &str, snapshot: &'a Snapshot) -> Result<&'a Row> {
    let rows = snapshot.get(table.logical_name).map(Vec::as_slice).unwrap_or_default();
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
fn conditions(table: &'static Table, key: &str) -> Result<Vec<(String, String)>> {
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
enum Target<'a> {
    Row(&'a Row),
    Pending(&'static Table, &'a Map<String, Value>),
}

fn reference<'a>(
    table: &'static Table,
    body: &'a Map<String, Value>,
    navigation: &str,
    schema: Schema,
    snapshot: &'a Snapshot,
    pending: &'a Pending,
) -> Result<Target<'a>> {
    let wanted = format!("{navigation}@odata.bind");
    let found = body.iter().find(|(name, _)| name.eq_ignore_ascii_case(&wanted)).and_then(|(_, value)| value.as_str());
    let Some(address) = found else {
        return Err(ApiError::argument(format!("'{wanted}' is required to create a record of '{}'.", table.set_name)));
    };
    if let Some(content_id) = address.strip_prefix('$') {
        let (table, body) = pending.get(content_id).ok_or_else(|| {
            ApiError::odata(format!("There is no request with the Content-ID '{content_id}' before."))
        })?;
        return Ok(Target::Pending(table, body));
    }
    let segments: Vec<Segment> = crate::call::Call::segments(address)?;
    let last = segments.last().ok_or_else(|| ApiError::odata(format!("'{wanted}' is empty.")))?;
    let target = schema.set(&last.name).ok_or_else(|| ApiError::no_segment(&last.name))?;
    let expected = table.lookup(navigation).map(|(_, target)| target);
    if expected != Some(target.logical_name) {
        return Err(ApiError::odata(format!("'{wanted}' cannot lead to a record of '{}'.", target.set_name)));
    }
    let key = last.key.as_deref().ok_or_else(|| ApiError::odata(format!("'{wanted}' names no record.")))?;
    find(target, key, snapshot).map(Target::Row)
}

/// Refuses properties that the table does not have.
fn check(table: &'static Table, body: &Map<String, Value>) -> Result<()> {
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
                Kind::Id | Kind::Guid | Kind::Lookup { .. } => {
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
    }
    Ok(())
}

fn text<'a>(body: &'a Map<String, Value>, property: &str) -> Option<&'a str> {
    body.get(property).and_then(Value::as_str)
}

fn required<'a>(table: &Table, body: &'a Map<String, Value>, property: &str) -> Result<&'a str> {
    text(body, property).filter(|text| !text.is_empty()).ok_or_else(|| {
        ApiError::argument(format!("'{property}' is required to create a record of '{}'.", table.set_name))
    })
}

fn own_text(row: &Row, property: &str) -> String {
    row.get(property).and_then(Value::as_str).unwrap_or_default().to_owned()
}

fn new_publisher(table: &Table, body: &Map<String, Value>) -> Result<Publisher> {
    let unique_name = required(table, body, "uniquename")?.to_owned();
    let number = body.get("customizationoptionvalueprefix").and_then(Value::as_u64).unwrap_or(10_000);
    Ok(Publisher {
        display_name: text(body, "friendlyname").unwrap_or(&unique_name).to_owned(),
        prefix: text(body, "customizationprefix").unwrap_or("new").to_owned(),
        option_value_prefix: u32::try_from(number).unwrap_or(u32::MAX),
        unique_name,
    })
}

/// A publisher as its row says it.
pub fn publisher_of(row: &Row) -> Publisher {
    let number = row.get("customizationoptionvalueprefix").and_then(Value::as_u64).unwrap_or_default();
    Publisher {
        unique_name: own_text(row, "uniquename"),
        display_name: own_text(row, "friendlyname"),
        prefix: own_text(row, "customizationprefix"),
        option_value_prefix: u32::try_from(number).unwrap_or_default(),
    }
}

fn parse_version(text: &str) -> Result<SolutionVersion> {
    text.parse().map_err(|error: model::version::InvalidVersion| {
        environment::EnvironmentError::refused(model::ErrorCode::INVALID_VERSION, error.to_string()).into()
    })
}

fn mark(text: &str) -> Result<HostBinding> {
    let bad = || {
        ApiError::argument(format!("The default value of {MARK} is {{\"record\": id, \"environmentType\": number}}."))
    };
    let value: Value = serde_json::from_str(text).map_err(|_| bad())?;
    let record = value.get("record").and_then(Value::as_str).and_then(|id| id.parse::<DeploymentEnvironmentId>().ok());
    let kind = value.get("environmentType").and_then(Value::as_i64).and_then(|code| i32::try_from(code).ok());
    let kind = kind.and_then(EnvironmentType::from_code);
    Ok(HostBinding { record: record.ok_or_else(bad)?, kind: kind.ok_or_else(bad)? })
}
