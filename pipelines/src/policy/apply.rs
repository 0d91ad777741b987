//! What policies make of findings.

use super::expression;
use model::{
    Component, ComponentType, Finding, Severity, SolutionVersion, Timestamp, package::PackageFacts, policy::Policy,
};

/// Milliseconds of an hour.
const HOUR: i64 = 3_600_000;

/// What is known of a package in the stage before.
#[derive(Clone, Debug, Default)]
pub(crate) struct Before {
    /// The name of the stage before.
    pub(crate) stage: String,
    /// Since when it has this very version; none where it does not have it.
    pub(crate) since: Option<Timestamp>,
}

/// The findings under policies: warnings become errors or are left out, and what only policies ask for is added.
/// Errors always stay. `before` is none for a first stage.
pub(crate) async fn apply(
    policies: &[Policy],
    package: &PackageFacts,
    before: Option<&Before>,
    now: Timestamp,
    findings: Vec<Finding>,
) -> Vec<Finding> {
    let mut findings: Vec<Finding> = findings.into_iter().filter_map(|finding| treated(policies, finding)).collect();
    for policy in policies {
        findings.extend(connectors(policy, package));
        findings.extend(component_types(policy, package));
        findings.extend(before.and_then(|before| too_early(policy, &package.version, before, now)));
        for rule in &policy.rules {
            let held = expression::holds(&rule.expression, package).await;
            if held != Ok(true) {
                let why = held.err().map(|error| format!(" {error}")).unwrap_or_default();
                let severity = if rule.blocks { Severity::Error } else { Severity::Warning };
                findings.push(finding(
                    severity,
                    "policy-rule",
                    "A rule of the pipeline does not hold",
                    &format!("{}{why}", rule.sentence),
                    Vec::new(),
                ));
            }
        }
    }
    findings.sort_by_key(|finding| finding.severity);
    findings
}

/// The stricter of two policies wins.
fn treated(policies: &[Policy], mut finding: Finding) -> Option<Finding> {
    if finding.blocks() {
        return Some(finding);
    }
    if policies.iter().any(|policy| policy.errors.contains(&finding.rule)) {
        finding.severity = Severity::Error;
        finding.message = format!("{} The policy here makes it an error.", finding.message);
        return Some(finding);
    }
    (!policies.iter().any(|policy| policy.off.contains(&finding.rule))).then_some(finding)
}

fn finding(severity: Severity, rule: &str, title: &str, message: &str, components: Vec<Component>) -> Finding {
    Finding {
        severity,
        code: None,
        rule: rule.to_owned(),
        title: title.to_owned(),
        message: message.to_owned(),
        components,
        remedy: "Change the solution, or ask an administrator about the policy.".to_owned(),
        action: None,
    }
}

fn connectors(policy: &Policy, package: &PackageFacts) -> Option<Finding> {
    let is_in = |list: &[String], name: &str| list.iter().any(|one| one.eq_ignore_ascii_case(name));
    let is_refused = |name: &str| {
        is_in(&policy.denied_connectors, name)
            || (!policy.allowed_connectors.is_empty() && !is_in(&policy.allowed_connectors, name))
    };
    let uses: Vec<_> = package.inspection.connector_uses.iter().filter(|used| is_refused(&used.connector)).collect();
    if uses.is_empty() {
        return None;
    }
    let mut names: Vec<&str> = uses.iter().map(|used| used.connector.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    let message = format!("The package uses connectors that the policy here does not allow: {}.", names.join(", "));
    let components = uses.iter().map(|used| used.component.clone()).collect();
    Some(finding(Severity::Error, "policy-connector", "Connectors are not allowed", &message, components))
}

fn component_types(policy: &Policy, package: &PackageFacts) -> Option<Finding> {
    let types = |names: &[String]| names.iter().map(|kind| ComponentType::parse(kind)).collect::<Vec<_>>();
    let (allowed, denied) = (types(&policy.allowed_component_types), types(&policy.denied_component_types));
    let is_refused = |component: &&Component| {
        let goes_with_table = component.parent.is_some() && allowed.contains(&ComponentType::ENTITY);
        let is_allowed = allowed.is_empty() || allowed.contains(&component.kind) || goes_with_table;
        denied.contains(&component.kind) || !is_allowed
    };
    let components: Vec<Component> = package.components.iter().filter(is_refused).cloned().collect();
    if components.is_empty() {
        return None;
    }
    let mut kinds: Vec<String> = components.iter().map(|component| component.kind.label()).collect();
    kinds.sort();
    kinds.dedup();
    let message =
        format!("The package has components of types that the policy here does not allow: {}.", kinds.join(", "));
    Some(finding(Severity::Error, "policy-component-type", "Types of components are not allowed", &message, components))
}

fn too_early(policy: &Policy, version: &SolutionVersion, before: &Before, now: Timestamp) -> Option<Finding> {
    let asked = policy.hours_in_previous_stage;
    let since = before.since.map(|since| (now.0 - since.0) / HOUR);
    if asked == 0 || since.is_some_and(|hours| hours >= i64::from(asked)) {
        return None;
    }
    let (stage, there) = (&before.stage, since.map_or("not at all".to_owned(), |hours| format!("for {hours} hours")));
    let message = format!(
        "Version {version} has to be in {stage} for {asked} hours before it is deployed here. It has been there {there}."
    );
    Some(finding(Severity::Error, "policy-previous-stage", "It is too early", &message, Vec::new()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

    use super::*;
    use crate::preflight::fixture::{package, rules};
    use model::{inspection::ConnectorUse, policy::CustomRule};

    fn warning(rule: &str) -> Finding {
        finding(Severity::Warning, rule, "", "Something.", Vec::new())
    }

    async fn under(policies: &[Policy], findings: Vec<Finding>) -> Vec<Finding> {
        apply(policies, &package("Orders", "1.0.0.0"), None, Timestamp(0), findings).await
    }

    #[tokio::test]
    async fn a_warning_becomes_an_error_or_is_left_out_and_the_stricter_policy_wins() {
        let strict = Policy { errors: vec!["a".to_owned()], ..Policy::default() };
        let lax = Policy { off: vec!["a".to_owned(), "b".to_owned()], ..Policy::default() };
        let both = under(&[lax.clone(), strict], vec![warning("a"), warning("b")]).await;
        assert_eq!(rules(&both), ["a"]);
        assert!(both[0].blocks());
        let mut error = warning("b");
        error.severity = Severity::Error;
        assert_eq!(under(&[lax], vec![error]).await.len(), 1, "an error is never left out");
    }

    #[tokio::test]
    async fn connectors_and_types_are_allowed_or_not() {
        let mut orders = package("Orders", "1.0.0.0");
        let flow = Component::new(ComponentType::WORKFLOW, "f1");
        orders.components.push(flow.clone());
        let column = Component::new(ComponentType::ATTRIBUTE, "new_column");
        orders.components.push(Component { parent: Some("new_order".to_owned()), ..column });
        orders.inspection.connector_uses.push(ConnectorUse { connector: "shared_twitter".to_owned(), component: flow });
        for (policy, expected) in [
            (
                Policy { denied_connectors: vec!["Shared_Twitter".to_owned()], ..Policy::default() },
                vec!["policy-connector"],
            ),
            (
                Policy { allowed_connectors: vec!["shared_teams".to_owned()], ..Policy::default() },
                vec!["policy-connector"],
            ),
            (Policy { allowed_connectors: vec!["shared_twitter".to_owned()], ..Policy::default() }, vec![]),
            (
                Policy { denied_component_types: vec!["29".to_owned()], ..Policy::default() },
                vec!["policy-component-type"],
            ),
            (Policy { denied_component_types: vec!["canvasapp".to_owned()], ..Policy::default() }, vec![]),
            (
                Policy { allowed_component_types: vec!["1".to_owned()], ..Policy::default() },
                vec!["policy-component-type"],
            ),
            (Policy { allowed_component_types: vec!["29".to_owned(), "1".to_owned()], ..Policy::default() }, vec![]),
            (
                Policy { allowed_component_types: vec!["29".to_owned()], ..Policy::default() },
                vec!["policy-component-type"],
            ),
            (
                Policy {
                    allowed_component_types: vec!["29".to_owned(), "1".to_owned()],
                    denied_component_types: vec!["2".to_owned()],
                    ..Policy::default()
                },
                vec!["policy-component-type"],
            ),
        ] {
            let found = apply(std::slice::from_ref(&policy), &orders, None, Timestamp(0), Vec::new()).await;
            assert_eq!(rules(&found), expected, "{policy:?}");
        }
    }

    #[tokio::test]
    async fn a_version_has_to_have_been_in_the_stage_before_for_hours() {
        let policy = [Policy { hours_in_previous_stage: 2, ..Policy::default() }];
        let orders = package("Orders", "1.0.0.0");
        for (since, refused) in [(None, true), (Some(HOUR), true), (Some(0), false)] {
            let before = Before { stage: "Test".to_owned(), since: since.map(Timestamp) };
            let found = apply(&policy, &orders, Some(&before), Timestamp(2 * HOUR), Vec::new()).await;
            assert_eq!(found.len(), usize::from(refused), "{since:?}: {found:?}");
        }
        assert!(
            apply(&policy, &orders, None, Timestamp(0), Vec::new()).await.is_empty(),
            "a first stage has none before"
        );
    }

    #[tokio::test]
    async fn a_rule_of_ones_own_has_to_hold() {
        let rule = |expression: &str, blocks| CustomRule {
            sentence: "Solutions are managed.".to_owned(),
            expression: expression.to_owned(),
            blocks,
        };
        let policy = Policy {
            rules: vec![rule("solution.managed", true), rule("!solution.managed", false)],
            ..Policy::default()
        };
        let found = under(&[policy], Vec::new()).await;
        assert_eq!(rules(&found), ["policy-rule"]);
        assert!(!found[0].blocks() && found[0].message == "Solutions are managed.");
        let broken = Policy { rules: vec![rule("solution.nothing", true)], ..Policy::default() };
        assert!(under(&[broken], Vec::new()).await[0].message.contains("cannot be worked out"));
    }
}
