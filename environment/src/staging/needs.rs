//! Who needs what. Pure rules over what solutions ask for.

use super::Inventory;
use model::{
    Component, ComponentType,
    package::{MissingDependency, PackageFacts, RequiredSolution},
};
use std::collections::HashSet;

/// Another solution of the environment.
pub(crate) struct Other {
    /// Unique name.
    pub unique_name: String,
    /// What it needs from elsewhere.
    pub dependencies: Vec<MissingDependency>,
}

/// Something that would no longer be met.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Need {
    /// Unique name of the solution that needs it.
    pub solution: String,
    /// What it needs.
    pub component: Component,
}

/// Works out what the other solutions need of components that leave where those that stay have `elsewhere`. Leaves a
/// whole solution, it is given by name: whoever asks for the solution needs it.
pub(crate) fn needs(
    unique_name: Option<&str>,
    leaving: &Inventory,
    others: &[Other],
    elsewhere: &Inventory,
) -> Vec<Need> {
    let mut needs = Vec::new();
    for other in others {
        for dependency in &other.dependencies {
            let is_in = |inventory: &Inventory| inventory.has(&dependency.required, dependency.required_id.as_deref());
            let is_named = matches!(
                &dependency.required_solution,
                RequiredSolution::Named { name, .. } if unique_name.is_some_and(|unique_name| name.eq_ignore_ascii_case(unique_name))
            );
            if (is_named || is_in(leaving)) && !is_in(elsewhere) {
                needs.push(Need { solution: other.unique_name.clone(), component: dependency.required.clone() });
            }
        }
    }
    needs
}

/// What flows of a package use without the package having it or saying that it needs it: connection references and
/// variables.
pub(crate) fn implied(package: &PackageFacts) -> Vec<MissingDependency> {
    let (reference, variable) = (ComponentType::connection_reference(), ComponentType::ENVIRONMENT_VARIABLE_DEFINITION);
    let known: HashSet<(&ComponentType, String)> = package
        .connection_references
        .iter()
        .map(|one| (&reference, &one.logical_name))
        .chain(package.environment_variables.iter().map(|one| (&variable, &one.schema_name)))
        .chain(package.components.iter().map(|one| (&one.kind, &one.name)))
        .chain(package.missing_dependencies.iter().map(|one| (&one.required.kind, &one.required.name)))
        .map(|(kind, name)| (kind, name.to_lowercase()))
        .collect();
    let mut implied = Vec::new();
    for flow in &package.workflow_details {
        let references = flow.connection_references.iter().map(|name| (&reference, name));
        let variables = flow.environment_variables.iter().map(|name| (&variable, name));
        for (kind, name) in references.chain(variables) {
            if !known.contains(&(kind, name.to_lowercase())) {
                implied.push(MissingDependency {
                    required: Component::new(kind.clone(), name.clone()),
                    required_solution: RequiredSolution::Active,
                    dependent: Component {
                        display_name: Some(flow.name.clone()),
                        ..Component::new(ComponentType::WORKFLOW, flow.id.clone())
                    },
                    required_id: None,
                });
            }
        }
    }
    implied
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::builtin::tests::package::dependency;

    fn table(name: &str) -> Component {
        Component::new(ComponentType::ENTITY, name)
    }

    fn other(dependencies: Vec<MissingDependency>) -> Other {
        Other { unique_name: "Orders".to_owned(), dependencies }
    }

    #[test]
    fn a_solution_is_needed_for_what_only_it_brings() {
        let own = Inventory::of_components(&[table("new_customer")]);
        let others = [other(vec![dependency("NEW_customer", "Active"), dependency("new_other", "Active")])];
        let found = needs(Some("Base"), &own, &others, &Inventory::default());
        assert_eq!(found, [Need { solution: "Orders".to_owned(), component: table("NEW_customer") }]);
        let elsewhere = Inventory::of_components(&[table("new_CUSTOMER")]);
        assert!(needs(Some("Base"), &own, &others, &elsewhere).is_empty());
    }

    #[test]
    fn a_solution_that_is_asked_for_by_name_is_needed() {
        let others = [other(vec![dependency("new_hidden", "BASE (1.0.0.0)")])];
        let nothing = Inventory::default();
        assert_eq!(needs(Some("Base"), &nothing, &others, &nothing).len(), 1);
        assert!(needs(Some("Elsewhere"), &nothing, &others, &nothing).is_empty());
    }
}
