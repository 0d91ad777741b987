//! Connection references of solutions, and the connections of environments they are bound to.

use serde::{Deserialize, Serialize};

/// A connection reference as a package declares it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ConnectionReference {
    /// Logical name, in the package's own casing.
    pub logical_name: String,
    /// Name for people.
    pub display_name: String,
    /// Description, possibly empty.
    #[serde(default)]
    pub description: String,
    /// The connector: `/providers/Microsoft.PowerApps/apis/shared_sharepointonline`.
    pub connector_id: String,
    /// Id of the custom connector's row, where the connector is a custom one.
    pub custom_connector_id: Option<String>,
}

impl ConnectionReference {
    /// The last part of the connector's id, for people: `shared_sharepointonline`.
    pub fn connector_name(&self) -> &str {
        connector_name(&self.connector_id)
    }
}

/// The last part of a connector's id.
pub fn connector_name(connector_id: &str) -> &str {
    connector_id.rsplit('/').next().unwrap_or(connector_id)
}

/// Whether two connector ids mean the same connector. The platform compares them without regard to case.
pub fn same_connector(a: &str, b: &str) -> bool {
    a.trim_matches('/').eq_ignore_ascii_case(b.trim_matches('/'))
}

/// A connection in an environment, ready to be bound.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Connection {
    /// Id, a text of at most 100 characters.
    pub id: String,
    /// Name for people.
    pub display_name: String,
    /// The connector it connects with.
    pub connector_id: String,
    /// Name of the person or service who owns it.
    pub owner: String,
    /// Whether it works; a broken connection has to be signed in again.
    pub usable: bool,
}
