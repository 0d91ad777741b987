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

impl ConnectionReference {
    /// Whether a connection of a connector can be bound to it. A custom connector has a name of its own in every
    /// environment: the same one with other marks of the environment behind it.
    pub fn accepts(&self, connector_id: &str) -> bool {
        same_connector(&self.connector_id, connector_id)
            || (self.custom_connector_id.is_some()
                && custom_connector_name(self.connector_name())
                    .eq_ignore_ascii_case(custom_connector_name(self::connector_name(connector_id))))
    }
}

/// The name of a custom connector without the marks of its environment: each is `-5f` (an underscore) and sixteen
/// hexadecimal digits, as in `shared_azureusage-5fcb336cc1377ded3a-5fe4caae088dbe83f8`.
pub fn custom_connector_name(name: &str) -> &str {
    let mut name = name;
    while let Some((head, mark)) = name.len().checked_sub(19).and_then(|at| name.split_at_checked(at)) {
        let is_mark = mark.strip_prefix("-5f").or_else(|| mark.strip_prefix("-5F"));
        if !is_mark.is_some_and(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit())) {
            break;
        }
        name = head;
    }
    name
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_custom_connector_is_the_same_in_every_environment() {
        let of = |name: &str| format!("/providers/Microsoft.PowerApps/apis/{name}");
        let mut reference = ConnectionReference {
            logical_name: "new_ref".to_owned(),
            display_name: String::new(),
            description: String::new(),
            connector_id: of("shared_azureusage-5fcb336cc1377ded3a-5fe4caae088dbe83f8"),
            custom_connector_id: Some("8e8f2ece-3d1f-44b3-8a76-1e1bc5fa8567".to_owned()),
        };
        let elsewhere = of("shared_azureUsage-5f0123456789abcdef-5ffedcba9876543210");
        assert!(reference.accepts(&elsewhere));
        assert!(!reference.accepts(&of("shared_azureusages-5f0123456789abcdef")));
        assert!(!reference.accepts(&of("shared_teams")));
        reference.custom_connector_id = None;
        assert!(!reference.accepts(&elsewhere), "what is no custom connector has one name everywhere");
    }
}
