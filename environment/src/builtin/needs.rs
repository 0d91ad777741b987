//! Who needs a solution. A pure rule over what the other solutions of the environment ask for.

use crate::staging::Inventory;
use model::{
    Component,
    package::{MissingDependency, RequiredSolution},
};

/// Another solution of the environment.
pub(super) struct Other {
    /// Unique name.
    pub unique_name: String,
    /// What it needs from elsewhere.
    pub dependencies: Vec<MissingDependency>,
}

/// Something that would no longer be met.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Need {
    /// Unique name of the solution that needs it.
    pub solution: String,
    /// What it needs.
    pub component: Component,
}

/// Works out what the other solutions need of a solution that has `own` where those that stay have `elsewhere`.
pub(super) fn needs(unique_name: &str, own: &Inventory, others: &[Other], elsewhere: &Inventory) -> Vec<Need> {
    let mut needs = Vec::new();
    for other in others {
        for dependency in &other.dependencies {
            let is_in = |inventory: &Inventory| inventory.has(&dependency.required, dependency.required_id.as_deref());
            let is_named = matches!(
                &dependency.required_solution,
                RequiredSolution::Named { name, .. } if name.eq_ignore_ascii_case(unique_name)
            );
            if (is_named || is_in(own)) && !is_in(elsewhere) {
                needs.push(Need { solution: other.unique_name.clone(), component: dependency.required.clone() });
            }
        }
    }
    needs
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::builtin::tests::package::dependency;
    use model::ComponentType;

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
        let found = needs("Base", &own, &others, &Inventory::default());
        assert_eq!(found, [Need { solution: "Orders".to_owned(), component: table("NEW_customer") }]);
        let elsewhere = Inventory::of_components(&[table("new_CUSTOMER")]);
        assert!(needs("Base", &own, &others, &elsewhere).is_empty());
    }

    #[test]
    fn a_solution_that_is_asked_for_by_name_is_needed() {
        let others = [other(vec![dependency("new_hidden", "BASE (1.0.0.0)")])];
        let nothing = Inventory::default();
        assert_eq!(needs("Base", &nothing, &others, &nothing).len(), 1);
        assert!(needs("Elsewhere", &nothing, &others, &nothing).is_empty());
    }
}
