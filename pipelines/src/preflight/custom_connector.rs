//! A custom connector is in the package or in the target.

use super::{Entry, Group, Rule, Subject};
use model::{Component, ComponentType, Finding, Severity, connection::custom_connector_name};

pub(super) const RULE: Rule = Rule {
    findings,
    entries: &[Entry {
        id: "custom-connector-missing",
        group: Group::Connections,
        severity: Severity::Warning,
        codes: &[],
        summary: "A connection reference is of a custom connector that the package neither has nor declares as needed, and no connection of the target is of it.",
    }],
};

fn findings(subject: &Subject<'_>) -> Vec<Finding> {
    let package = subject.package;
    let is_connector = |component: &&Component| component.kind == ComponentType::CONNECTOR;
    let brings_connectors = package.components.iter().any(|component| is_connector(&component));
    let needs_connectors = package.missing_dependencies.iter().any(|needed| is_connector(&&needed.required));
    let custom = package.connection_references.iter().filter(|reference| reference.custom_connector_id.is_some());
    let missing = custom.filter(|reference| {
        let mut connections = subject.staged.connections.iter();
        !brings_connectors
            && !needs_connectors
            && !connections.any(|connection| reference.accepts(&connection.connector_id))
    });
    missing
        .map(|reference| {
            let connector = custom_connector_name(reference.connector_name());
            Finding {
                severity: Severity::Warning,
                code: None,
                rule: "custom-connector-missing".to_owned(),
                title: format!("Nothing brings the custom connector {connector}"),
                message: format!(
                    "The connection reference “{}” is of the custom connector {connector}. The package does not have it and does not say that it needs it, and no connection of the target is of it.",
                    reference.display_name
                ),
                components: vec![Component {
                    display_name: Some(reference.display_name.clone()),
                    ..Component::new(ComponentType::connection_reference(), reference.logical_name.clone())
                }],
                remedy: "Deploy the solution with the custom connector to the target first.".to_owned(),
                action: None,
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

    use crate::preflight::fixture::{connection, package, reference, rules, target, verdict};
    use model::{Component, ComponentType};

    #[test]
    fn a_custom_connector_comes_from_somewhere() {
        let mut orders = package("Orders", "1.0.0.0");
        let mut custom = reference("new_Ref");
        custom.connector_id = "/providers/Microsoft.PowerApps/apis/shared_orders-5f0123456789abcdef".to_owned();
        custom.custom_connector_id = Some("c1".to_owned());
        orders.connection_references.push(custom);
        let mut place = target(&[]);
        assert!(rules(&verdict(&orders, &place)).contains(&"custom-connector-missing"));
        let elsewhere = "/providers/Microsoft.PowerApps/apis/shared_orders-5ffedcba9876543210";
        place.connections.push(connection("c1", elsewhere, true));
        assert!(verdict(&orders, &place).is_empty(), "the same connector in another environment");
        orders.components.push(Component::new(ComponentType::CONNECTOR, "new_orders"));
        assert!(!rules(&verdict(&orders, &target(&[]))).contains(&"custom-connector-missing"));
    }
}
