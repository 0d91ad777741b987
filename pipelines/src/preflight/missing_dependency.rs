//! What a package needs has to be in the target.

use super::{
    Entry, Group, Rule, Subject,
    wording::{described, listed},
};
use environment::staging::UnmetDependency;
use model::{
    Action, Component, ComponentType, ErrorCode, Finding, Severity, SolutionVersion, package::RequiredSolution,
};
use std::collections::{HashMap, HashSet};

pub(super) const RULE: Rule = Rule {
    findings,
    entries: &[Entry {
        id: "missing-dependency",
        group: Group::Dependencies,
        severity: Severity::Error,
        codes: &[ErrorCode::MISSING_DEPENDENCIES],
        summary: "The target lacks a component that the package says it needs. `Active` means that whoever brings it is welcome; `Name (version)` is also met by that solution in the same or a later build.",
    }],
};

/// One finding for each table, or for each component outside of a table, and the solution that would bring it.
fn findings(subject: &Subject<'_>) -> Vec<Finding> {
    let mut order: Vec<Missing<'_>> = Vec::new();
    let mut places: HashMap<(String, String), usize> = HashMap::new();
    for unmet in &subject.staged.unmet {
        let place = *places.entry(key(unmet)).or_insert_with(|| {
            order.push(Missing::default());
            order.len() - 1
        });
        if let Some(group) = order.get_mut(place) {
            group.add(unmet);
        }
    }
    order.iter().filter_map(Missing::finding).collect()
}

/// Solution and table.
fn key(unmet: &UnmetDependency) -> (String, String) {
    let required = &unmet.dependency.required;
    let solution = match &unmet.dependency.required_solution {
        RequiredSolution::Named { name, .. } => name.to_lowercase(),
        other => other.text(),
    };
    let table = required.parent.as_ref().map_or_else(
        || {
            if required.kind == ComponentType::ENTITY {
                required.name.to_lowercase()
            } else {
                format!("{} {}", required.kind, required.name)
            }
        },
        |parent| parent.to_lowercase(),
    );
    (solution, table)
}

#[derive(Default)]
struct Missing<'a> {
    unmet: Vec<&'a UnmetDependency>,
    required: Vec<&'a Component>,
    seen: HashSet<(&'a ComponentType, String, Option<String>)>,
    dependents: Vec<String>,
    seen_dependents: HashSet<String>,
}

impl<'a> Missing<'a> {
    fn add(&mut self, unmet: &'a UnmetDependency) {
        let required = &unmet.dependency.required;
        let table = required.parent.as_ref().map(|table| table.to_lowercase());
        if self.seen.insert((&required.kind, required.name.to_ascii_lowercase(), table)) {
            self.required.push(required);
        }
        let dependent = described(&unmet.dependency.dependent);
        if self.seen_dependents.insert(dependent.clone()) {
            self.dependents.push(dependent);
        }
        self.unmet.push(unmet);
    }

    fn finding(&self) -> Option<Finding> {
        let first = self.unmet.first()?;
        // The table itself comes before what is in it.
        let mut required = self.required.clone();
        required.sort_by_key(|component| component.kind != ComponentType::ENTITY);
        let head = required.first()?;
        let several = required.len() > 1;
        let what = listed(required.iter().map(|component| described(component)).collect());
        let within = match &head.parent {
            Some(parent) if !several => format!(" of the table “{parent}”"),
            _ => String::new(),
        };
        let (is, it) = if several { ("are", "them") } else { ("is", "it") };
        let needs = if self.dependents.len() == 1 { "needs" } else { "need" };
        let needed_by = listed(self.dependents.clone());
        let (bringer, remedy) = self.bringer(&first.dependency.required_solution, it);
        Some(Finding {
            severity: Severity::Error,
            code: Some(ErrorCode::MISSING_DEPENDENCIES),
            rule: "missing-dependency".to_owned(),
            title: format!("Missing {}", described(head)),
            message: format!(
                "The target lacks what the package needs: {what}{within} {is} not there. In this package, {needed_by} {needs} {it}. {bringer}"
            ),
            components: required.into_iter().cloned().collect(),
            remedy,
            action: match &first.dependency.required_solution {
                RequiredSolution::Named { name, .. } => Some(Action::DeploySolution { unique_name: name.clone() }),
                _ => None,
            },
        })
    }

    /// Which solution would bring it, and what to do.
    fn bringer(&self, solution: &RequiredSolution, it: &str) -> (String, String) {
        match solution {
            RequiredSolution::Active => (
                format!(
                    "Where the package was exported, no managed solution brought {it}; any solution that has {it} will do."
                ),
                format!(
                    "Deploy the solution that has {it} to the target first, or add {it} to this solution and export again."
                ),
            ),
            RequiredSolution::System => (
                format!("The platform itself should bring {it}."),
                "Update the target environment, then check again.".to_owned(),
            ),
            RequiredSolution::Named { name, .. } => {
                let version = self.version();
                let needed = version.map_or_else(|| name.clone(), |version| format!("{name} ({version})"));
                let installed = self.unmet.iter().find_map(|unmet| unmet.installed.as_ref());
                match (installed, version) {
                    (Some(installed), Some(version)) => (
                        format!(
                            "The solution {needed} brings {it}; the target has version {installed} of it, which is older."
                        ),
                        format!("Update “{name}” in the target to version {version} or later, then check again."),
                    ),
                    _ => (
                        format!("The solution {needed} brings {it}, and the target does not have it."),
                        format!("Install {needed} or a later version of it in the target, then check again."),
                    ),
                }
            }
        }
    }

    /// The highest version that is asked for.
    fn version(&self) -> Option<&SolutionVersion> {
        self.unmet
            .iter()
            .filter_map(|unmet| match &unmet.dependency.required_solution {
                RequiredSolution::Named { version, .. } => version.as_ref(),
                _ => None,
            })
            .max()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

    use crate::preflight::fixture::{codes, needs, package, target, verdict};
    use model::{Component, ComponentType};

    fn column(name: &str, table: &str) -> Component {
        Component { parent: Some(table.to_owned()), ..Component::new(ComponentType::ATTRIBUTE, name) }
    }

    #[test]
    fn a_table_and_its_columns_are_one_finding_that_names_all_of_them() {
        let mut orders = package("Orders", "1.0.0.0");
        for required in [
            column("new_name", "new_region"),
            Component::new(ComponentType::ENTITY, "new_region"),
            column("new_code", "new_region"),
        ] {
            orders.missing_dependencies.push(needs(required, "Active"));
        }
        let findings = verdict(&orders, &target(&[]));
        assert_eq!(codes(&findings), ["0x8004801D"]);
        let names: Vec<_> = findings[0].components.iter().map(|component| component.name.as_str()).collect();
        assert_eq!(names, ["new_region", "new_name", "new_code"]);
        assert!(
            findings[0].message.contains("table “new_region”, column “new_name” and column “new_code” are not there")
        );
        assert!(findings[0].message.contains("form “Main” needs them"), "{}", findings[0].message);
    }

    #[test]
    fn one_thing_that_several_need_is_one_thing() {
        let mut orders = package("Orders", "1.0.0.0");
        let named = Component {
            display_name: Some("Region".to_owned()),
            ..Component::new(ComponentType::ENTITY, "new_Region")
        };
        for required in [Component::new(ComponentType::ENTITY, "new_region"), named] {
            orders.missing_dependencies.push(needs(required, "Active"));
        }
        let findings = verdict(&orders, &target(&[]));
        assert!(findings[0].message.contains("table “new_region” is not there"), "{}", findings[0].message);
    }

    #[test]
    fn the_solution_that_would_bring_it_is_named_with_the_highest_version_asked_for() {
        let mut orders = package("Orders", "1.0.0.0");
        orders.missing_dependencies.push(needs(column("new_a", "new_region"), "Regions (1.0.0.0)"));
        orders.missing_dependencies.push(needs(column("new_b", "new_region"), "Regions (1.2.0.0)"));
        let missing = verdict(&orders, &target(&[]));
        assert!(
            missing[0].message.contains("The solution Regions (1.2.0.0) brings them, and the target does not have it.")
        );
        assert_eq!(
            missing[0].remedy,
            "Install Regions (1.2.0.0) or a later version of it in the target, then check again."
        );
        let old = verdict(&orders, &target(&[package("Regions", "0.9.0.0")]));
        assert!(old[0].message.contains("the target has version 0.9.0.0 of it, which is older"), "{}", old[0].message);
        assert!(verdict(&orders, &target(&[package("Regions", "1.2.0.0")])).is_empty());
    }
}
