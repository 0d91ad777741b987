//! An upgrade removes nothing that other solutions need.

use super::{
    Entry, Group, Rule, Subject,
    wording::{described, listed},
};
use model::{Component, ErrorCode, Finding, Severity};
use std::collections::BTreeMap;
pub(super) const RULE: Rule = Rule {
    findings,
    entries: &[Entry {
        id: "component-in-use",
        group: Group::Target,
        severity: Severity::Error,
        codes: &[ErrorCode::COMPONENT_IN_USE],
        summary: "The upgrade would delete a component that another solution of the target needs.",
    }],
};

fn findings(subject: &Subject<'_>) -> Vec<Finding> {
    let mut solutions: BTreeMap<&str, Vec<&Component>> = BTreeMap::new();
    for need in &subject.staged.needed {
        solutions.entry(&need.solution).or_default().push(&need.component);
    }
    let finding = |(solution, mut components): (&str, Vec<&Component>)| {
        components.sort();
        components.dedup();
        Finding {
            severity: Severity::Error,
            code: Some(ErrorCode::COMPONENT_IN_USE),
            rule: "component-in-use".to_owned(),
            title: format!("“{solution}” needs what this version removes"),
            message: format!(
                "This version no longer brings {}, and the solution “{solution}” in the target needs {}. The platform refuses to delete it.",
                listed(components.iter().map(|component| described(component)).collect()),
                if components.len() == 1 { "it" } else { "them" },
            ),
            components: components.into_iter().cloned().collect(),
            remedy: format!(
                "Deploy a version of “{solution}” that does not need it first, or add it to this solution again."
            ),
            action: Some(model::Action::DeploySolution { unique_name: solution.to_owned() }),
        }
    };
    solutions.into_iter().map(finding).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

    use crate::preflight::fixture::{codes, needs, package, target, verdict};
    use model::{Component, ComponentType};

    #[test]
    fn what_another_solution_needs_cannot_leave() {
        let table = Component::new(ComponentType::ENTITY, "new_region");
        let mut regions = package("Regions", "1.0.0.0");
        regions.components.push(table.clone());
        let mut orders = package("Orders", "1.0.0.0");
        orders.missing_dependencies.push(needs(table.clone(), "Regions (1.0.0.0)"));
        let place = target(&[regions.clone(), orders]);
        let findings = verdict(&package("Regions", "1.1.0.0"), &place);
        assert_eq!(codes(&findings), ["0x8004F01F"]);
        assert_eq!(findings[0].components, [table]);
        regions.version = "1.1.0.0".parse().unwrap();
        assert!(verdict(&regions, &place).is_empty(), "it stays");
    }
}
