//! The file of a cloud flow: what it works with, and what it gives away.

use crate::{
    Result,
    exposure::{Found, Scan},
    naming,
    variables::json,
};
use model::{connection::connector_name, inspection::ExposureKind};
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// What a flow works with.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Uses {
    /// Logical names of connection references, sorted, without repeats.
    pub(crate) references: Vec<String>,
    /// Connections without a reference.
    pub(crate) embedded: u32,
    /// Names of connectors in lower case, sorted, without repeats.
    pub(crate) connectors: Vec<String>,
    /// Schema names of environment variables, sorted, without repeats.
    pub(crate) variables: Vec<String>,
}

#[derive(Deserialize)]
struct Flow {
    #[serde(default)]
    properties: Properties,
}

#[derive(Default, Deserialize)]
struct Properties {
    #[serde(default, rename = "connectionReferences")]
    connection_references: Option<BTreeMap<String, Use>>,
    #[serde(default)]
    definition: Option<Definition>,
}

#[derive(Deserialize)]
struct Use {
    #[serde(default)]
    connection: Option<Connection>,
    #[serde(default)]
    api: Option<Value>,
    #[serde(default)]
    id: Option<Value>,
}

#[derive(Deserialize)]
struct Connection {
    #[serde(default, rename = "connectionReferenceLogicalName")]
    logical_name: Option<String>,
}

/// Everything else of the definition is only looked through.
#[derive(Deserialize)]
struct Definition {
    #[serde(default)]
    parameters: Option<Value>,
}

impl Use {
    fn connector(&self) -> Option<String> {
        let name = self.api.as_ref().and_then(|api| api.get("name")).or(self.id.as_ref())?.as_str()?;
        Some(connector_name(name).to_ascii_lowercase())
    }
}

/// Reads what a flow works with.
pub(crate) fn uses(content: &[u8], file: &str) -> Result<Uses> {
    let flow: Flow = json(content, file)?;
    let mut uses = Uses::default();
    for used in flow.properties.connection_references.unwrap_or_default().into_values() {
        uses.connectors.extend(used.connector());
        match used.connection.and_then(|connection| connection.logical_name).filter(|name| !name.is_empty()) {
            Some(name) => uses.references.push(name),
            None => uses.embedded += 1,
        }
    }
    let parameters = flow.properties.definition.and_then(|definition| definition.parameters);
    let parameters = parameters.as_ref().and_then(Value::as_object);
    let schema_name = |parameter: &Value| Some(parameter.get("metadata")?.get("schemaName")?.as_str()?.to_owned());
    uses.variables.extend(parameters.into_iter().flat_map(|all| all.values().filter_map(schema_name)));
    for names in [&mut uses.references, &mut uses.connectors, &mut uses.variables] {
        *names = naming::used(std::mem::take(names), file)?;
    }
    Ok(uses)
}

/// Looks through every text of a flow for what it should not give away: at most `most` places.
pub(crate) fn exposed(content: &[u8], most: usize) -> Vec<Found> {
    let content = content.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(content);
    let mut scan = Scan::new(most);
    let mut document = serde_json::Deserializer::from_slice(content);
    // A file that is no JSON has been told of already.
    let _ = serde::de::DeserializeSeed::deserialize(scan.visit(), &mut document);
    // Parameters carry the defaults of environment variables along, and addresses are what variables are for.
    let is_parameter = |found: &Found| found.place.starts_with("properties › definition › parameters › ");
    let is_address =
        |found: &Found| matches!(found.kind, ExposureKind::Mail | ExposureKind::Tenant | ExposureKind::EnvironmentUrl);
    scan.found.retain(|found| !(is_parameter(found) && is_address(found)));
    scan.found
}
