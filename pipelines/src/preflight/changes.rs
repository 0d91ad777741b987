//! What a deployment will change in the target.

use model::{
    Component, ComponentType,
    package::{Foreign, PackageFacts},
    solution::SolutionContents,
    stage_run::{Change, ChangeKind},
};
use std::collections::HashSet;

/// What a deployment of a package changes, against what the target has of the same solution: added, changed, removed,
/// unchanged, each in order. A component that is in both is changed when the versions differ, as its content is not
/// compared. Only a managed solution loses what its new version does not have; an unmanaged import only adds. What is
/// `shared` with other solutions leaves this one and stays in the target with its data.
pub fn changes(package: &PackageFacts, installed: Option<&SolutionContents>, shared: &[Component]) -> Vec<Change> {
    let there = installed.map(|solution| solution.components.as_slice()).unwrap_or_default();
    let there_keys: HashSet<Key> = there.iter().map(key).collect();
    let brought_keys: HashSet<Key> = package.components.iter().map(key).collect();
    let is_same_version = installed.is_some_and(|solution| solution.summary.version == package.version);

    let brought = package.components.iter().map(|component| {
        let kind = match (there_keys.contains(&key(component)), is_same_version) {
            (false, _) => ChangeKind::Added,
            (true, false) => ChangeKind::Changed,
            (true, true) => ChangeKind::Unchanged,
        };
        Change { kind, component: component.clone(), loses_data: false }
    });
    // A damaged file hides components, and what is hidden has not left.
    let removes = package.managed
        && installed.is_some_and(|solution| solution.summary.managed)
        && package.unreadable_files.is_empty();
    let shared: HashSet<Key> = shared.iter().map(key).collect();
    let foreign =
        |solution: &SolutionContents| Foreign::of(&solution.summary.unique_name, &solution.missing_dependencies);
    let foreign = installed.map(foreign).unwrap_or_default();
    let holds_data =
        |component: &Component| [ComponentType::ENTITY, ComponentType::ATTRIBUTE].contains(&component.kind);
    let has_left =
        |component: &&Component| removes && !brought_keys.contains(&key(component)) && !is_platform_column(component);
    let left = there.iter().filter(has_left).map(|component| Change {
        kind: ChangeKind::Removed,
        component: component.clone(),
        loses_data: holds_data(component) && !foreign.has(component) && !shared.contains(&key(component)),
    });
    let mut changes: Vec<Change> = brought.chain(left).collect();
    changes.sort_by(|one, other| (one.kind, &one.component).cmp(&(other.kind, &other.component)));
    changes
}

/// Whether a column is one that the platform gives to tables, such as `createdby`: it comes and goes with its table,
/// whether a package lists it or not. Columns that somebody made have the prefix of a publisher.
fn is_platform_column(component: &Component) -> bool {
    component.kind == ComponentType::ATTRIBUTE && !component.name.contains('_')
}

/// Those of some components that a package does not have.
pub(crate) fn missing_in<'a>(
    package: &PackageFacts,
    components: &'a [Component],
) -> impl Iterator<Item = &'a Component> + use<'a> {
    let brought: HashSet<Key> = package.components.iter().map(key).collect();
    components.iter().filter(move |component| !brought.contains(&key(component)))
}

type Key = (ComponentType, String);

/// What tells components apart: a column belongs to its table, everything else has a name of its own.
fn key(component: &Component) -> Key {
    let name = match &component.parent {
        Some(parent) if component.kind == ComponentType::ATTRIBUTE => format!("{parent}\n{}", component.name),
        _ => component.name.clone(),
    };
    (component.kind.clone(), name.to_lowercase())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

    use super::*;
    use crate::preflight::fixture::{needs, package};
    use environment::staging::installed;
    use model::Timestamp;

    fn with(version: &str, components: &[(u32, &str)]) -> PackageFacts {
        let mut package = package("Orders", version);
        package.components =
            components.iter().map(|(kind, name)| Component::new(ComponentType::Number(*kind), *name)).collect();
        package
    }

    fn told(changes: &[Change]) -> Vec<(ChangeKind, &str)> {
        changes.iter().map(|change| (change.kind, change.component.name.as_str())).collect()
    }

    #[test]
    fn a_first_deployment_adds_everything() {
        let changes = changes(&with("1.0", &[(1, "new_order"), (61, "new_script")]), None, &[]);
        assert_eq!(told(&changes), [(ChangeKind::Added, "new_order"), (ChangeKind::Added, "new_script")]);
    }

    #[test]
    fn an_upgrade_adds_changes_and_removes() {
        let old = installed(&with("1.0", &[(1, "new_order"), (1, "new_gone"), (61, "new_script")]), Timestamp(0));
        let changes = changes(&with("1.1", &[(1, "NEW_order"), (61, "new_other")]), Some(&old), &[]);
        assert_eq!(
            told(&changes),
            [
                (ChangeKind::Added, "new_other"),
                (ChangeKind::Changed, "NEW_order"),
                (ChangeKind::Removed, "new_gone"),
                (ChangeKind::Removed, "new_script")
            ]
        );
        let losing: Vec<_> =
            changes.iter().filter(|change| change.loses_data).map(|change| &change.component.name).collect();
        assert_eq!(losing, ["new_gone"]);
    }

    #[test]
    fn the_same_version_changes_nothing_and_a_damaged_package_removes_nothing() {
        let package = with("1.0", &[(1, "new_order")]);
        let same = changes(&package, Some(&installed(&package, Timestamp(0))), &[]);
        assert_eq!(told(&same), [(ChangeKind::Unchanged, "new_order")]);
        let mut damaged = with("1.1", &[]);
        damaged.unreadable_files.push(model::package::UnreadableFile {
            file: "customizations.xml".to_owned(),
            code: model::ErrorCode::INVALID_XML,
            message: String::new(),
        });
        assert!(changes(&damaged, Some(&installed(&package, Timestamp(0))), &[]).is_empty());
    }

    #[test]
    fn what_the_platform_or_another_solution_brings_loses_no_data() {
        let column = |name: &str| Component {
            parent: Some("msdyn_project".to_owned()),
            ..Component::new(ComponentType::ATTRIBUTE, name)
        };
        let table = Component::new(ComponentType::ENTITY, "msdyn_Project");
        let mut old = with("1.0", &[]);
        old.components = vec![table.clone(), column("createdby"), column("new_budget")];
        let losing = |old: &PackageFacts| {
            let changes = changes(&with("1.1", &[]), Some(&installed(old, Timestamp(0))), &[]);
            let losing = changes.into_iter().filter(|change| change.loses_data);
            losing.map(|change| change.component.name).collect::<Vec<_>>()
        };
        assert_eq!(losing(&old), ["msdyn_Project", "new_budget"]);
        // The table of somebody else stays, and loses what was added to it.
        old.missing_dependencies = vec![needs(table.clone(), "msdyn_ProjectServiceCore (1.0.0.87)")];
        assert_eq!(losing(&old), ["new_budget"]);
        old.missing_dependencies = vec![needs(table.clone(), "Active")];
        assert_eq!(losing(&old), ["new_budget"]);
        old.missing_dependencies = vec![needs(table, "Orders (1.0.0.0)")];
        assert_eq!(losing(&old), ["msdyn_Project", "new_budget"]);
        // So does a column that somebody else made, and only where they made it.
        old.missing_dependencies = vec![needs(column("NEW_budget"), "Budgets (1.0.0.0)")];
        assert_eq!(losing(&old), ["msdyn_Project"]);
        let elsewhere = Component { parent: Some("new_region".to_owned()), ..column("new_budget") };
        old.missing_dependencies = vec![needs(elsewhere, "Budgets (1.0.0.0)")];
        assert_eq!(losing(&old), ["msdyn_Project", "new_budget"]);
        // Unmanaged where it was exported: the package itself brings it.
        old.missing_dependencies = vec![needs(column("new_budget"), "Active")];
        assert_eq!(losing(&old), ["msdyn_Project", "new_budget"]);
    }

    #[test]
    fn what_another_solution_of_the_target_brings_too_leaves_without_its_data() {
        let old = installed(&with("1.0", &[(1, "new_order"), (1, "new_region")]), Timestamp(0));
        let shared = [Component::new(ComponentType::ENTITY, "NEW_region")];
        let changes = changes(&with("1.1", &[]), Some(&old), &shared);
        let told: Vec<_> = changes.iter().map(|change| (change.component.name.as_str(), change.loses_data)).collect();
        assert_eq!(told, [("new_order", true), ("new_region", false)]);
    }

    #[test]
    fn columns_of_one_name_in_two_tables_are_two() {
        let column = |table: &str| Component {
            parent: Some(table.to_owned()),
            ..Component::new(ComponentType::ATTRIBUTE, "new_name")
        };
        let mut old = with("1.0", &[]);
        old.components = vec![column("new_a"), column("new_b")];
        let mut new = with("1.1", &[]);
        new.components = vec![column("new_a")];
        let changes = changes(&new, Some(&installed(&old, Timestamp(0))), &[]);
        assert_eq!(changes[1].component.parent.as_deref(), Some("new_b"));
        assert_eq!(changes[1].kind, ChangeKind::Removed);
    }
}
