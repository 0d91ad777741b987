//! Flows are switched on and use connection references.

use super::{
    Entry, Group, Rule, Subject,
    wording::{described, listed},
};
use model::{Component, ComponentType, Finding, Severity, package::Workflow};

pub(super) const RULE: Rule = Rule {
    findings,
    entries: &[
        Entry {
            id: "flow-switched-off",
            group: Group::Hygiene,
            severity: Severity::Warning,
            codes: &[],
            summary: "A cloud flow is packaged switched off.",
        },
        Entry {
            id: "embedded-connection",
            group: Group::Hygiene,
            severity: Severity::Warning,
            codes: &[],
            summary: "A cloud flow carries a connection of its own instead of using a connection reference.",
        },
    ],
};

/// The platform's category of cloud flows.
const CLOUD_FLOW: u32 = 5;

fn findings(subject: &Subject<'_>) -> Vec<Finding> {
    let flows = || subject.package.workflow_details.iter().filter(|flow| flow.category == CLOUD_FLOW);
    let off = finding(
        flows().filter(|flow| !flow.active),
        "flow-switched-off",
        "Flows are switched off",
        "are packaged switched off and stay so in a target that does not have them yet",
        "Switch them on in the development environment before the solution is exported, or in the target afterwards.",
    );
    let embedded = finding(
        flows().filter(|flow| flow.embedded_connections > 0),
        "embedded-connection",
        "Flows carry connections of their own",
        "use connections without a connection reference, so a deployment cannot give them the target's connections",
        "Let the flows use connection references in the development environment and export again.",
    );
    off.into_iter().chain(embedded).collect()
}

fn finding<'a>(
    flows: impl Iterator<Item = &'a Workflow>,
    rule: &str,
    title: &str,
    what: &str,
    remedy: &str,
) -> Option<Finding> {
    let components: Vec<Component> = flows
        .map(|flow| Component {
            display_name: Some(flow.name.clone()),
            ..Component::new(ComponentType::WORKFLOW, flow.id.clone())
        })
        .collect();
    if components.is_empty() {
        return None;
    }
    Some(Finding {
        severity: Severity::Warning,
        code: None,
        rule: rule.to_owned(),
        title: title.to_owned(),
        message: format!("In this package {} {what}.", listed(components.iter().map(described).collect())),
        components,
        remedy: remedy.to_owned(),
        action: None,
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

    use crate::preflight::fixture::{package, rules, target, verdict};
    use model::package::Workflow;

    #[test]
    fn flows_that_are_off_or_carry_connections_are_told_and_other_processes_are_not() {
        let process = |category, active, embedded_connections| Workflow {
            id: format!("{category}{active}"),
            name: "It".to_owned(),
            category,
            active,
            file: None,
            connection_references: Vec::new(),
            embedded_connections,
            environment_variables: Vec::new(),
        };
        let mut orders = package("Orders", "1.0.0.0");
        orders.workflow_details = vec![process(5, true, 0), process(2, false, 0)];
        assert!(verdict(&orders, &target(&[])).is_empty());
        orders.workflow_details = vec![process(5, false, 2)];
        assert_eq!(rules(&verdict(&orders, &target(&[]))), ["flow-switched-off", "embedded-connection"]);
    }
}
