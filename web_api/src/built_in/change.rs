//! Changes of records of a built-in environment: what a create, an update or a delete comes to, worked out before
//! anything is done.

use super::{MARK, tables::ORGANIZATION};
use crate::{
    change::{Target, bound, check, find},
    error::{ApiError, Result},
    odata::{Row, Snapshot},
    table::Table,
};
use environment::{HostBinding, NewSolution, builtin::Alteration};
use model::{SolutionVersion, environment::EnvironmentType, id::DeploymentEnvironmentId, package::Publisher};
use serde_json::{Map, Value};
use std::collections::HashMap;

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
            let publisher = match reference(table, body, "publisherid", snapshot, pending)? {
                Led::Row(row) => publisher_of(row),
                Led::Pending(table, body) => new_publisher(table, body)?,
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
            let definition = match reference(table, body, "EnvironmentVariableDefinitionId", snapshot, pending)? {
                Led::Row(row) => row,
                Led::Pending(..) => {
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

/// Where a lookup of a body leads, with what is there.
enum Led<'a> {
    Row(&'a Row),
    Pending(&'static Table, &'a Map<String, Value>),
}

fn reference<'a>(
    table: &'static Table,
    body: &Map<String, Value>,
    navigation: &str,
    snapshot: &'a Snapshot,
    pending: &'a Pending,
) -> Result<Led<'a>> {
    let missing = || {
        ApiError::argument(format!("'{navigation}@odata.bind' is required to create a record of '{}'.", table.set_name))
    };
    match bound(table, body, navigation, ORGANIZATION)?.ok_or_else(missing)? {
        Target::Nothing => Err(missing()),
        Target::Pending(content_id) => {
            let (table, body) = pending.get(&content_id).ok_or_else(|| {
                ApiError::odata(format!("There is no request with the Content-ID '{content_id}' before."))
            })?;
            Ok(Led::Pending(table, body))
        }
        Target::Key(key) => {
            let target = table.lookup(navigation).and_then(|(_, target)| ORGANIZATION.table(target));
            find(target.ok_or_else(missing)?, &key, snapshot).map(Led::Row)
        }
    }
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
