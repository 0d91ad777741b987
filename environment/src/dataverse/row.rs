//! Rows of the Web API, read into the vocabulary.

use model::{
    Component, ComponentType, SolutionVersion, Timestamp,
    connection::{Connection, ConnectionReference},
    package::Publisher,
    solution::{BoundReference, CurrentVariable, SolutionSummary},
    variable::{EnvironmentVariable, VariableType},
};
use serde_json::{Map, Value};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

/// A row.
pub(super) type Row = Map<String, Value>;

/// Types whose components are known by id rather than by name, in packages as well.
const BY_ID: [u32; 11] = [20, 24, 26, 29, 59, 60, 70, 92, 95, 152, 401];

/// A text, empty where there is none.
pub(super) fn text<'a>(row: &'a Row, column: &str) -> &'a str {
    row.get(column).and_then(Value::as_str).unwrap_or_default()
}

fn some(text: &str) -> Option<String> {
    Some(text).filter(|text| !text.is_empty()).map(str::to_owned)
}

/// A moment; the beginning of time where there is none.
pub(super) fn moment(row: &Row, column: &str) -> Option<Timestamp> {
    let moment = OffsetDateTime::parse(text(row, column), &Rfc3339).ok()?;
    i64::try_from(moment.unix_timestamp_nanos() / 1_000_000).ok().map(Timestamp)
}

fn flag(row: &Row, column: &str) -> bool {
    row.get(column).and_then(Value::as_bool).unwrap_or_default()
}

pub(super) fn publisher(row: &Row) -> Publisher {
    let number = row.get("customizationoptionvalueprefix").and_then(Value::as_u64).unwrap_or_default();
    Publisher {
        unique_name: text(row, "uniquename").to_owned(),
        display_name: text(row, "friendlyname").to_owned(),
        prefix: text(row, "customizationprefix").to_owned(),
        option_value_prefix: u32::try_from(number).unwrap_or_default(),
    }
}

/// A solution with its publisher expanded. None for what has no version that can be read.
pub(super) fn solution(row: &Row) -> Option<SolutionSummary> {
    let version: SolutionVersion = text(row, "version").parse().ok()?;
    let installed = moment(row, "installedon").unwrap_or_default();
    let unique_name = text(row, "uniquename").to_owned();
    Some(SolutionSummary {
        display_name: some(text(row, "friendlyname")).unwrap_or_else(|| unique_name.clone()),
        unique_name,
        version,
        managed: flag(row, "ismanaged"),
        publisher: row.get("publisherid").and_then(Value::as_object).map_or_else(|| publisher(&Row::new()), publisher),
        installed,
        modified: moment(row, "modifiedon").unwrap_or(installed),
    })
}

/// A component of `msdyn_solutioncomponentsummaries`.
pub(super) fn component(row: &Row) -> Component {
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "component types are small numbers")]
    let number = row.get("msdyn_componenttype").and_then(Value::as_f64).unwrap_or_default() as u32;
    let logical = text(row, "msdyn_componentlogicalname");
    let kind = if number >= 10_000 && !logical.is_empty() {
        ComponentType::parse(logical)
    } else {
        ComponentType::parse(&number.to_string())
    };
    let id = text(row, "msdyn_objectid").trim_matches(['{', '}']).to_lowercase();
    let names = ["msdyn_schemaname", "msdyn_uniquename", "msdyn_name"];
    let called = names.iter().map(|column| text(row, column)).find(|name| !name.is_empty());
    let name = match called {
        Some(name) if !BY_ID.contains(&number) => name.to_owned(),
        _ => id,
    };
    Component {
        kind,
        name,
        parent: some(text(row, "msdyn_primaryentityname")),
        display_name: some(text(row, "msdyn_displayname")),
    }
}

pub(super) fn reference(row: &Row) -> BoundReference {
    let logical_name = text(row, "connectionreferencelogicalname").to_owned();
    BoundReference {
        reference: ConnectionReference {
            display_name: some(text(row, "connectionreferencedisplayname")).unwrap_or_else(|| logical_name.clone()),
            logical_name,
            description: text(row, "description").to_owned(),
            connector_id: text(row, "connectorid").to_owned(),
            custom_connector_id: some(text(row, "_customconnectorid_value")),
        },
        connection_id: some(text(row, "connectionid")),
    }
}

/// A variable with the value that hangs on it.
pub(super) fn variable(row: &Row) -> CurrentVariable {
    let schema_name = text(row, "schemaname").to_owned();
    let code = row.get("type").and_then(Value::as_u64).and_then(|code| u32::try_from(code).ok());
    CurrentVariable {
        definition: EnvironmentVariable {
            display_name: some(text(row, "displayname")).unwrap_or_else(|| schema_name.clone()),
            schema_name,
            description: text(row, "description").to_owned(),
            kind: code.and_then(VariableType::from_code).unwrap_or(VariableType::String),
            default_value: some(text(row, "defaultvalue")),
            packaged_value: None,
            required: flag(row, "isrequired"),
        },
        value: value_row(row).and_then(|value| value.get("value")).and_then(Value::as_str).map(str::to_owned),
    }
}

/// The row of a variable's value.
pub(super) fn value_row(row: &Row) -> Option<&Row> {
    row.get("environmentvariabledefinition_environmentvariablevalue")?.as_array()?.first()?.as_object()
}

/// A connection of the Power Platform API.
pub(super) fn connection(row: &Row) -> Option<Connection> {
    let properties = row.get("properties")?.as_object()?;
    let id = some(text(row, "name"))?;
    let statuses = properties.get("statuses").and_then(Value::as_array);
    let usable = statuses.is_none_or(|all| {
        all.iter().all(|one| {
            one.get("status").and_then(Value::as_str).is_none_or(|status| status.eq_ignore_ascii_case("connected"))
        })
    });
    let owner = properties.get("createdBy").and_then(|by| by.get("displayName")).and_then(Value::as_str);
    Some(Connection {
        display_name: some(text(properties, "displayName")).unwrap_or_else(|| id.clone()),
        id,
        connector_id: text(properties, "apiId").to_owned(),
        owner: owner.unwrap_or_default().to_owned(),
        usable,
    })
}
