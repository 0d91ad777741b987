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

    /// Gives a variable a value; an empty one takes it away.
    pub fn set_value(&mut self, setting: VariableSetting) {
        let same = |kept: &VariableSetting| kept.schema_name.eq_ignore_ascii_case(&setting.schema_name);
        self.environment_variables.retain(|kept| !same(kept));
        if !setting.value.is_empty() {
            self.environment_variables.push(setting);
        }
    }

    /// Gives a reference a connection; an empty one takes it away.
    pub fn set_connection(&mut self, setting: ConnectionSetting) {
        let same = |kept: &ConnectionSetting| kept.logical_name.eq_ignore_ascii_case(&setting.logical_name);
        self.connection_references.retain(|kept| !same(kept));
        if !setting.connection_id.is_empty() {
            self.connection_references.push(setting);
        }
    }

    /// These settings with others on top, as far as those give something.
    #[must_use]
    pub fn overlaid(mut self, others: &Self) -> Self {
        for setting in others.environment_variables.iter().filter(|setting| !setting.value.is_empty()) {
            self.set_value(setting.clone());
        }
        for setting in others.connection_references.iter().filter(|setting| !setting.connection_id.is_empty()) {
            self.set_connection(setting.clone());
        }
        self
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

    #[test]
    fn what_lies_on_top_wins_and_what_gives_nothing_takes_nothing_away() {
        let value = |name: &str, value: &str| VariableSetting { schema_name: name.to_owned(), value: value.to_owned() };
        let connection = |name: &str, id: &str| ConnectionSetting {
            logical_name: name.to_owned(),
            connection_id: id.to_owned(),
            connector_id: String::new(),
        };
        let below = DeploymentSettings {
            environment_variables: vec![value("a_Text", "old"), value("a_Kept", "kept")],
            connection_references: vec![connection("a_Ref", "c1")],
        };
        let top = DeploymentSettings {
            environment_variables: vec![value("A_TEXT", "new"), value("a_kept", "")],
            connection_references: vec![connection("a_ref", ""), connection("a_Other", "c2")],
        };
        let both = below.overlaid(&top);
        assert_eq!((both.value("a_Text"), both.value("a_Kept")), (Some("new"), Some("kept")));
        assert_eq!((both.connection("a_Ref"), both.connection("a_Other")), (Some("c1"), Some("c2")));
        assert_eq!((both.environment_variables.len(), both.connection_references.len()), (2, 2));
    }
}
