//! The file of a cloud flow: which connections it uses.

use crate::{Result, variables::json};
use serde::Deserialize;
use std::collections::BTreeMap;

/// The connections of a flow.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Connections {
    /// Logical names of connection references, sorted, without repeats.
    pub(crate) references: Vec<String>,
    /// Connections without a reference.
    pub(crate) embedded: u32,
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
}

#[derive(Deserialize)]
struct Use {
    #[serde(default)]
    connection: Option<Connection>,
}

#[derive(Deserialize)]
struct Connection {
    #[serde(default, rename = "connectionReferenceLogicalName")]
    logical_name: Option<String>,
}

/// Reads the file.
pub(crate) fn connections(content: &[u8], file: &str) -> Result<Connections> {
    let flow: Flow = json(content, file)?;
    let mut connections = Connections::default();
    for used in flow.properties.connection_references.unwrap_or_default().into_values() {
        match used.connection.and_then(|connection| connection.logical_name).filter(|name| !name.is_empty()) {
            Some(name) => connections.references.push(name),
            None => connections.embedded += 1,
        }
    }
    connections.references.sort_unstable();
    connections.references.dedup();
    Ok(connections)
}
