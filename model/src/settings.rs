//! Deployment settings: the connections and values a deployment sets in the target, in the shape of the platform's
//! own deployment-settings file. Keys that other tools add are tolerated.

use serde::{Deserialize, Serialize};

/// The settings of one deployment.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct DeploymentSettings {
    /// Values for environment variables.
    pub environment_variables: Vec<VariableSetting>,
    /// Connections for connection references.
    pub connection_references: Vec<ConnectionSetting>,
}

/// A value for an environment variable.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct VariableSetting {
    /// Schema name of the variable; compared without regard to case.
    pub schema_name: String,
    /// The value. An empty one means: leave what the target has.
    pub value: String,
}

/// A connection for a connection reference.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct ConnectionSetting {
    /// Logical name of the reference; compared without regard to case.
    pub logical_name: String,
    /// The connection in the target.
    pub connection_id: String,
    /// Its connector.
    pub connector_id: String,
}

impl DeploymentSettings {
    /// The value given for a variable; none where it is absent or empty.
    pub fn value(&self, schema_name: &str) -> Option<&str> {
        self.environment_variables
            .iter()
            .find(|setting| setting.schema_name.eq_ignore_ascii_case(schema_name))
            .map(|setting| setting.value.as_str())
            .filter(|value| !value.is_empty())
    }

    /// The connection given for a reference; none where it is absent or empty.
    pub fn connection(&self, logical_name: &str) -> Option<&str> {
        self.connection_references
            .iter()
            .find(|setting| setting.logical_name.eq_ignore_ascii_case(logical_name))
            .map(|setting| setting.connection_id.as_str())
            .filter(|id| !id.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_settings_file_of_another_tool_is_read_and_its_own_keys_are_skipped() {
        let settings: DeploymentSettings = serde_json::from_str(
            r##"{"EnvironmentVariables":[{"SchemaName":"a_Text","Value":"abc","Extra":1}],
                "ConnectionReferences":[{"LogicalName":"a_Ref","ConnectionId":"c1","ConnectorId":"/x","ConnectionOwner":"#{o}#"}],
                "ActivateFlows":[]}"##,
        )
        .unwrap();
        assert_eq!(settings.value("A_TEXT"), Some("abc"));
        assert_eq!(settings.connection("a_ref"), Some("c1"));
        assert_eq!(settings.value("other"), None);
    }
}
