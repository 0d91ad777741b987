//! Connection references need a connection that works.

use super::{Entry, Group, Rule, Subject};
use environment::Staged;
use model::{
    Component, ComponentType, Finding, Severity, connection::ConnectionReference, settings::DeploymentSettings,
};

pub(super) const RULE: Rule = Rule {
    findings,
    entries: &[Entry {
        id: "connection-reference-without-connection",
        group: Group::Connections,
        severity: Severity::Warning,
        codes: &[],
        summary: "No connection that works is known for a connection reference. An error once settings are given.",
    }],
};

fn findings(subject: &Subject<'_>) -> Vec<Finding> {
    subject.package.connection_references.iter().filter_map(|reference| finding(reference, subject)).collect()
}

fn finding(reference: &ConnectionReference, subject: &Subject<'_>) -> Option<Finding> {
    let name = &reference.display_name;
    let connector = reference.connector_name();
    let (severity, message, remedy) = match subject.settings {
        Some(settings) => (
            Severity::Error,
            format!(
                "The connection reference “{name}” cannot be used as it is set: {}",
                problem(reference, subject.staged, settings)?
            ),
            "Choose another connection for it.".to_owned(),
        ),
        None if is_bound(reference, subject.staged) || has_choice(reference, subject.staged) => return None,
        None => (
            Severity::Warning,
            format!(
                "The connection reference “{name}” needs a connection of {connector}, and none that works is known in the target. The deployment will ask for one."
            ),
            format!("Create a connection of {connector} in the target."),
        ),
    };
    Some(Finding {
        severity,
        code: None,
        rule: "connection-reference-without-connection".to_owned(),
        title: format!("No connection for “{name}”"),
        message,
        components: vec![Component {
            display_name: Some(name.clone()),
            ..Component::new(ComponentType::connection_reference(), reference.logical_name.clone())
        }],
        remedy,
        action: Some(model::Action::BindConnection { logical_name: reference.logical_name.clone() }),
    })
}

/// What is wrong with the connection a reference would have, in a sentence.
pub(super) fn problem(
    reference: &ConnectionReference,
    staged: &Staged,
    settings: &DeploymentSettings,
) -> Option<String> {
    let connector = reference.connector_name();
    let chosen = settings.connection(&reference.logical_name);
    let Some(id) = chosen.or_else(|| bound(reference, staged)) else {
        return Some(format!("it has no connection. Choose a connection of {connector}."));
    };
    let Some(connection) = staged.connections.iter().find(|connection| connection.id == id) else {
        // The target may keep a connection to itself; one that was chosen here has to be among those that can be chosen.
        return chosen.map(|_| "the chosen connection is not in the target any more. Choose another one.".to_owned());
    };
    if !reference.accepts(&connection.connector_id) {
        let other = model::connection::connector_name(&connection.connector_id);
        return Some(format!(
            "the connection “{}” is one of {other}. Choose a connection of {connector}.",
            connection.display_name
        ));
    }
    (!connection.usable).then(|| {
        format!(
            "the connection “{}” does not work. Sign in to it again, or choose another one.",
            connection.display_name
        )
    })
}

fn bound<'a>(reference: &ConnectionReference, staged: &'a Staged) -> Option<&'a str> {
    let previous = staged.previous.as_ref()?;
    let is_same = |logical_name: &str| logical_name.eq_ignore_ascii_case(&reference.logical_name);
    let found = previous.connection_references.iter().find(|bound| is_same(&bound.reference.logical_name))?;
    found.connection_id.as_deref().filter(|id| !id.is_empty())
}

/// Whether the target's own connection will do.
fn is_bound(reference: &ConnectionReference, staged: &Staged) -> bool {
    bound(reference, staged).is_some() && problem(reference, staged, &DeploymentSettings::default()).is_none()
}

fn has_choice(reference: &ConnectionReference, staged: &Staged) -> bool {
    let fits =
        |connection: &&model::connection::Connection| connection.usable && reference.accepts(&connection.connector_id);
    staged.connections.iter().any(|connection| fits(&connection))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

    use crate::preflight::fixture::{SHAREPOINT, connection, package, reference, target, verdict, verdict_with};
    use model::{
        Severity,
        settings::{ConnectionSetting, DeploymentSettings},
    };

    fn chosen(id: &str) -> DeploymentSettings {
        let setting = ConnectionSetting {
            logical_name: "NEW_ref".to_owned(),
            connection_id: id.to_owned(),
            ..Default::default()
        };
        DeploymentSettings { connection_references: vec![setting], ..Default::default() }
    }

    #[test]
    fn before_settings_are_given_a_missing_connection_is_a_warning() {
        let mut orders = package("Orders", "1.0.0.0");
        orders.connection_references.push(reference("new_ref"));
        let mut place = target(&[]);
        assert_eq!(verdict(&orders, &place)[0].severity, Severity::Warning);
        place.connections.push(connection("c1", SHAREPOINT, false));
        assert_eq!(verdict(&orders, &place).len(), 1, "a broken one does not count");
        place.connections.push(connection("c2", &SHAREPOINT.to_uppercase(), true));
        assert!(verdict(&orders, &place).is_empty());
    }

    #[test]
    fn with_settings_every_reference_needs_a_working_connection_of_its_connector() {
        let mut orders = package("Orders", "1.0.0.0");
        orders.connection_references.push(reference("new_ref"));
        let mut place = target(&[]);
        place.connections.push(connection("good", SHAREPOINT, true));
        place.connections.push(connection("broken", SHAREPOINT, false));
        place.connections.push(connection("other", "/providers/Microsoft.PowerApps/apis/shared_teams", true));
        for (settings, expected) in [
            (DeploymentSettings::default(), Some("it has no connection")),
            (chosen("gone"), Some("not in the target any more")),
            (chosen("broken"), Some("does not work")),
            (chosen("other"), Some("is one of shared_teams")),
            (chosen("good"), None),
        ] {
            let findings = verdict_with(&orders, &place, &settings);
            assert_eq!(findings.is_empty(), expected.is_none(), "{findings:?}");
            if let Some(expected) = expected {
                assert!(findings[0].message.contains(expected), "{}", findings[0].message);
                assert!(findings[0].blocks());
            }
        }
    }

    #[test]
    fn what_the_target_has_bound_already_is_kept() {
        let mut orders = package("Orders", "1.0.0.0");
        orders.connection_references.push(reference("new_ref"));
        let mut place = target(&[orders.clone()]);
        place.solutions[0].connection_references[0].connection_id = Some("c1".to_owned());
        place.connections.push(connection("c1", SHAREPOINT, true));
        orders.version = "1.1.0.0".parse().unwrap();
        assert!(verdict_with(&orders, &place, &DeploymentSettings::default()).is_empty());
    }
}
