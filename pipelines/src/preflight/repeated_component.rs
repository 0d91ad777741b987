//! Every component stands in the package once.

use super::{Entry, Group, Rule, Subject, wording::described};
use model::{ErrorCode, Finding, Severity};

pub(super) const RULE: Rule = Rule {
    findings,
    entries: &[Entry {
        id: "repeated-component",
        group: Group::Package,
        severity: Severity::Error,
        codes: &[ErrorCode::DUPLICATE_COMPONENT],
        summary: "A connection reference, variable, process or canvas app stands in the package twice. A manifest that lists a component twice is refused outright.",
    }],
};

fn findings(subject: &Subject<'_>) -> Vec<Finding> {
    let finding = |component: &model::Component| Finding {
        severity: Severity::Error,
        code: Some(ErrorCode::DUPLICATE_COMPONENT),
        rule: "repeated-component".to_owned(),
        title: format!("The package has {} twice", described(component)),
        message: format!(
            "The {} stands in the package more than once, and the target cannot tell which one is meant.",
            described(component)
        ),
        components: vec![component.clone()],
        remedy: "Export the solution again.".to_owned(),
        action: None,
    };
    subject.package.inspection.repeated_components.iter().map(finding).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

    use crate::preflight::fixture::{codes, package, reference, target, verdict};
    use model::{Component, ComponentType};

    #[test]
    fn what_stands_twice_is_an_error() {
        let mut orders = package("Orders", "1.0.0.0");
        let twice = Component::new(ComponentType::connection_reference(), reference("new_ref").logical_name);
        orders.inspection.repeated_components.push(twice);
        assert_eq!(codes(&verdict(&orders, &target(&[]))), ["0x80071153"]);
    }
}
