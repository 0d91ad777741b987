//! What the manifest lists is in the package.

use super::{Entry, Group, Rule, Subject, wording::described};
use model::{ComponentType, ErrorCode, Finding, Severity};

pub(super) const RULE: Rule = Rule {
    findings,
    entries: &[Entry {
        id: "undefined-component",
        group: Group::Package,
        severity: Severity::Error,
        codes: &[ErrorCode::MISSING_COMPONENT],
        summary: "The manifest lists a process, web resource or canvas app that the package does not have. A warning for web resources, which the target may have.",
    }],
};

fn findings(subject: &Subject<'_>) -> Vec<Finding> {
    let roots = &subject.package.inspection.undefined_components;
    let finding = |root: &model::Component| Finding {
        severity: if root.kind == ComponentType::WEB_RESOURCE { Severity::Warning } else { Severity::Error },
        code: Some(ErrorCode::MISSING_COMPONENT),
        rule: "undefined-component".to_owned(),
        title: format!("The package does not have {}", described(root)),
        message: format!(
            "The manifest lists the {}, and nothing in the package describes it. The target cannot add what it does not have.",
            described(root)
        ),
        components: vec![root.clone()],
        remedy: "Export the solution again.".to_owned(),
        action: None,
    };
    roots.iter().map(finding).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

    use crate::preflight::fixture::{codes, package, rules, target, verdict};
    use model::{Component, ComponentType};

    #[test]
    fn a_process_that_is_only_listed_is_an_error_and_a_web_resource_a_warning() {
        let mut orders = package("Orders", "1.0.0.0");
        for kind in [ComponentType::WORKFLOW, ComponentType::WEB_RESOURCE] {
            orders.inspection.undefined_components.push(Component::new(kind, "new_it"));
        }
        let findings = verdict(&orders, &target(&[]));
        assert_eq!(rules(&findings), ["undefined-component", "undefined-component"]);
        assert_eq!(codes(&findings), ["0x8004801F"]);
    }
}
