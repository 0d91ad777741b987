//! What a package needs of the platform is taken for granted, and said.

use super::{Entry, Group, Rule, Subject, wording::listed};
use model::{Finding, Severity};

pub(super) const RULE: Rule = Rule {
    findings,
    entries: &[Entry {
        id: "platform-dependency-assumed",
        group: Group::Dependencies,
        severity: Severity::Information,
        codes: &[],
        summary: "The package needs solutions of the platform itself, whose presence the target cannot tell.",
    }],
};

fn findings(subject: &Subject<'_>) -> Vec<Finding> {
    let assumed = &subject.staged.assumed;
    if assumed.is_empty() {
        return Vec::new();
    }
    let mut solutions: Vec<String> = assumed.iter().map(|dependency| dependency.required_solution.text()).collect();
    solutions.sort();
    let mut components: Vec<_> = assumed.iter().map(|dependency| dependency.required.clone()).collect();
    components.sort();
    components.dedup();
    vec![Finding {
        severity: Severity::Information,
        code: None,
        rule: "platform-dependency-assumed".to_owned(),
        title: "Needs solutions of the platform".to_owned(),
        message: format!(
            "The package needs {} of the platform itself: {}. Every environment has them, so they were not looked for.",
            if components.len() == 1 { "a component".to_owned() } else { format!("{} components", components.len()) },
            listed(solutions),
        ),
        components,
        remedy: String::new(),
        action: None,
    }]
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

    use crate::preflight::fixture::{needs, package, rules, target, verdict};
    use model::{Component, ComponentType, Severity};

    #[test]
    fn a_need_of_the_platform_is_no_error() {
        let mut orders = package("Orders", "1.0.0.0");
        let image = Component::new(ComponentType::WEB_RESOURCE, "msdyn_/Images/AppModule_Default_Icon.png");
        orders.missing_dependencies.push(needs(image, "AppModuleWebResources (2.5)"));
        let findings = verdict(&orders, &target(&[]));
        assert_eq!(rules(&findings), ["platform-dependency-assumed"]);
        assert_eq!(findings[0].severity, Severity::Information);
    }
}
