//! Who needs a solution. A pure rule over what the other solutions of the environment ask for.

use super::name_key;
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

/// Works out what the other solutions need of a solution with these components. `elsewhere` says whether a component
/// is brought by a solution that stays.
pub(super) fn needs(
    unique_name: &str,
    components: &[Component],
    others: &[Other],
    elsewhere: impl Fn(&Component) -> bool,
) -> Vec<Need> {
    let mut needs = Vec::new();
    for other in others {
        for dependency in &other.dependencies {
            let named = matches!(&dependency.required_solution, RequiredSolution::Named { name, .. } if name.eq_ignore_ascii_case(unique_name));
            let brought = components.iter().any(|component| same(component, &dependency.required));
            if (named || brought) && !elsewhere(&dependency.required) {
                needs.push(Need { solution: other.unique_name.clone(), component: dependency.required.clone() });
            }
        }
    }
    needs
}

/// Whether two components are one: type and name, and the parent where both know it.
pub(super) fn same(a: &Component, b: &Component) -> bool {
    let parents = match (&a.parent, &b.parent) {
        (Some(a), Some(b)) => name_key(a) == name_key(b),
        _ => true,
    };
    a.kind == b.kind && parents && name_key(&a.name) == name_key(&b.name)
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
        let components = [table("new_customer")];
        let others = [other(vec![dependency("NEW_customer", "Active"), dependency("new_other", "Active")])];
        let found = needs("Base", &components, &others, |_| false);
        assert_eq!(found, [Need { solution: "Orders".to_owned(), component: table("NEW_customer") }]);
        assert!(needs("Base", &components, &others, |component| component.name == "NEW_customer").is_empty());
    }

    #[test]
    fn a_solution_that_is_asked_for_by_name_is_needed() {
        let others = [other(vec![dependency("new_hidden", "BASE (1.0.0.0)")])];
        assert_eq!(needs("Base", &[], &others, |_| false).len(), 1);
        assert!(needs("Elsewhere", &[], &others, |_| false).is_empty());
    }
}
