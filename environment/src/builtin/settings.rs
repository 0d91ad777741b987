//! What settings set in an environment besides the solution: bindings of connection references and values of
//! environment variables. A pure rule over what the solution has, the settings and the connections that are there.

use model::{
    connection::{Connection, ConnectionReference},
    settings::DeploymentSettings,
    variable::EnvironmentVariable,
};

/// What to set.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Effect {
    /// Logical names of connection references, with the ids of their connections.
    pub bindings: Vec<(String, String)>,
    /// Schema names of variables, with their values.
    pub values: Vec<(String, String)>,
}

/// Works out what to set, or why that cannot be done. Settings for what the solution does not have are passed over, as
/// other tools do with a settings file that serves several solutions. A value in the settings wins over a value that
/// the package carries; where there is neither, the environment keeps its own.
pub(super) fn effect(
    references: &[ConnectionReference],
    variables: &[EnvironmentVariable],
    settings: &DeploymentSettings,
    connections: &[Connection],
) -> Result<Effect, String> {
    let mut effect = Effect::default();
    for reference in references {
        let Some(id) = settings.connection(&reference.logical_name) else { continue };
        let Some(connection) = connections.iter().find(|connection| connection.id == id) else {
            return Err(format!(
                "The connection {id} chosen for the connection reference “{}” does not exist in this environment. Choose another one.",
                reference.logical_name
            ));
        };
        if !reference.accepts(&connection.connector_id) {
            return Err(format!(
                "The connection “{}” chosen for the connection reference “{}” connects with {}, and the reference asks for {}. Choose a connection of that connector.",
                connection.display_name,
                reference.logical_name,
                model::connection::connector_name(&connection.connector_id),
                reference.connector_name()
            ));
        }
        effect.bindings.push((reference.logical_name.clone(), connection.id.clone()));
    }
    for variable in variables {
        let packaged = variable.packaged_value.as_deref().filter(|value| !value.is_empty());
        if let Some(value) = settings.value(&variable.schema_name).or(packaged) {
            effect.values.push((variable.schema_name.clone(), value.to_owned()));
        }
    }
    Ok(effect)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;
    use crate::builtin::tests::package::facts;
    use model::{
        package::PackageFacts,
        settings::{ConnectionSetting, VariableSetting},
        variable::VariableType,
    };

    fn package() -> PackageFacts {
        let mut package = facts("Sample", "1.0.0.0", true);
        package.connection_references.push(ConnectionReference {
            logical_name: "new_Mail".to_owned(),
            display_name: "Mail".to_owned(),
            description: String::new(),
            connector_id: "/providers/Microsoft.PowerApps/apis/shared_office365".to_owned(),
            custom_connector_id: None,
        });
        for (name, packaged) in [("new_Url", Some("https://packaged")), ("new_Size", None)] {
            package.environment_variables.push(EnvironmentVariable {
                schema_name: name.to_owned(),
                display_name: name.to_owned(),
                description: String::new(),
                kind: VariableType::String,
                default_value: None,
                packaged_value: packaged.map(str::to_owned),
                required: false,
            });
        }
        package
    }

    fn of_package(settings: &DeploymentSettings, connections: &[Connection]) -> Result<Effect, String> {
        let package = package();
        effect(&package.connection_references, &package.environment_variables, settings, connections)
    }

    fn connection(id: &str, connector: &str) -> Connection {
        Connection {
            id: id.to_owned(),
            display_name: id.to_owned(),
            connector_id: connector.to_owned(),
            owner: "Owner".to_owned(),
            usable: true,
        }
    }

    fn choose(connection: &str) -> DeploymentSettings {
        DeploymentSettings {
            connection_references: vec![ConnectionSetting {
                logical_name: "NEW_MAIL".to_owned(),
                connection_id: connection.to_owned(),
                connector_id: String::new(),
            }],
            environment_variables: Vec::new(),
        }
    }

    #[test]
    fn a_connection_has_to_exist_and_to_be_of_the_references_connector() {
        let office = connection("office", "/PROVIDERS/microsoft.powerapps/apis/shared_office365");
        let sql = connection("sql", "/providers/Microsoft.PowerApps/apis/shared_sql");
        let connections = [office, sql];
        let bound = of_package(&choose("office"), &connections).unwrap();
        assert_eq!(bound.bindings, [("new_Mail".to_owned(), "office".to_owned())]);
        assert!(of_package(&choose("sql"), &connections).unwrap_err().contains("asks for shared_office365"));
        assert!(of_package(&choose("gone"), &connections).unwrap_err().contains("does not exist"));
        assert!(of_package(&choose(""), &connections).unwrap().bindings.is_empty());
    }

    #[test]
    fn a_given_value_wins_over_a_packaged_one_and_an_empty_one_leaves_what_is_there() {
        let value = |schema_name: &str, value: &str| VariableSetting {
            schema_name: schema_name.to_owned(),
            value: value.to_owned(),
        };
        let mut settings = DeploymentSettings::default();
        let packaged = ("new_Url".to_owned(), "https://packaged".to_owned());
        assert_eq!(of_package(&settings, &[]).unwrap().values, [packaged]);
        settings.environment_variables =
            vec![value("NEW_URL", "https://given"), value("new_Size", ""), value("other", "x")];
        let given = ("new_Url".to_owned(), "https://given".to_owned());
        assert_eq!(of_package(&settings, &[]).unwrap().values, [given]);
    }
}
