//! What the package has is listed in the manifest.

use super::{Entry, Group, Rule, Subject, wording::described};
use model::{ErrorCode, Finding, Severity};

pub(super) const RULE: Rule = Rule {
    findings,
    entries: &[Entry {
        id: "undeclared-component",
        group: Group::Package,
        severity: Severity::Error,
        codes: &[ErrorCode::MISSING_ROOT_COMPONENT],
        summary: "The package has a table or canvas app that the manifest does not list.",
    }],
};

fn findings(subject: &Subject<'_>) -> Vec<Finding> {
    let finding = |component: &model::Component| Finding {
        severity: Severity::Error,
        code: Some(ErrorCode::MISSING_ROOT_COMPONENT),
        rule: "undeclared-component".to_owned(),
        title: format!("The manifest does not list {}", described(component)),
        message: format!(
            "The package has the {}, and the manifest does not list it as a root component.",
            described(component)
        ),
        components: vec![component.clone()],
        remedy: "Export the solution again.".to_owned(),
        action: None,
    };
    subject.package.inspection.undeclared_components.iter().map(finding).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

    use crate::preflight::fixture::{codes, package, target, verdict};
    use model::{Component, ComponentType};

    #[test]
    fn a_table_that_is_not_listed_is_an_error() {
        let mut orders = package("Orders", "1.0.0.0");
        orders.inspection.undeclared_components.push(Component::new(ComponentType::ENTITY, "new_order"));
        assert_eq!(codes(&verdict(&orders, &target(&[]))), ["0x8004803A"]);
    }
}
