//! Which components there are, found by every name a dependency may use for them.

use model::{Component, ComponentType, package::PackageFacts, solution::SolutionContents};
use std::collections::HashSet;

/// Components by type and name, in lower case.
#[derive(Debug, Default)]
pub(crate) struct Inventory(HashSet<(ComponentType, String)>);

impl Inventory {
    /// What solutions have in a target.
    pub(crate) fn of_solutions<'a>(solutions: impl Iterator<Item = &'a SolutionContents>) -> Self {
        let mut inventory = Self::default();
        for solution in solutions {
            for component in &solution.components {
                inventory.add(component);
            }
            for bound in &solution.connection_references {
                inventory.add_name(&ComponentType::connection_reference(), &bound.reference.logical_name);
            }
            for variable in &solution.environment_variables {
                inventory.add_name(&ComponentType::ENVIRONMENT_VARIABLE_DEFINITION, &variable.definition.schema_name);
            }
        }
        inventory
    }

    /// What some components are.
    pub(crate) fn of_components<'a>(components: impl IntoIterator<Item = &'a Component>) -> Self {
        let mut inventory = Self::default();
        inventory.add_components(components);
        inventory
    }

    /// Adds components.
    pub(crate) fn add_components<'a>(&mut self, components: impl IntoIterator<Item = &'a Component>) {
        for component in components {
            self.add(component);
        }
    }

    /// What a package brings as its own. A table that it only extends has to be there already, and so has whatever the
    /// export misses of that table.
    pub(crate) fn of_package(package: &PackageFacts) -> Self {
        let extended: HashSet<String> = package.extended_tables.iter().map(|table| table.to_lowercase()).collect();
        let is_own = |component: &&Component| {
            let table =
                if component.kind == ComponentType::ENTITY { Some(&component.name) } else { component.parent.as_ref() };
            !table.is_some_and(|table| extended.contains(&table.to_lowercase()))
        };
        let mut inventory = Self::default();
        for component in package.components.iter().filter(is_own) {
            inventory.add(component);
        }
        inventory
    }

    /// Whether a component is there, by its name or by its id.
    pub(crate) fn has(&self, required: &Component, id: Option<&str>) -> bool {
        let by_id = id.is_some_and(|id| self.contains(&required.kind, id));
        by_id
            || self.contains(&required.kind, &key(required))
            || titles(required).any(|title| self.contains(&required.kind, &title))
    }

    fn contains(&self, kind: &ComponentType, name: &str) -> bool {
        self.0.contains(&(same_kind(kind), name.to_lowercase()))
    }

    fn add(&mut self, component: &Component) {
        self.add_name(&component.kind, &key(component));
        if component.kind == ComponentType::ATTRIBUTE {
            // A dependency without a parent means a column of any table.
            self.add_name(&component.kind, &component.name);
        }
        if let (true, Some(parent), Some(title)) =
            (is_titled(&component.kind), &component.parent, &component.display_name)
        {
            self.add_name(&component.kind, &within(parent, title));
        }
    }

    fn add_name(&mut self, kind: &ComponentType, name: &str) {
        self.0.insert((same_kind(kind), name.to_lowercase()));
    }
}

/// What a component is known by: a column by its table and its name, anything else by its name.
fn key(component: &Component) -> String {
    match &component.parent {
        Some(parent) if component.kind == ComponentType::ATTRIBUTE => within(parent, &component.name),
        _ => component.name.clone(),
    }
}

/// Views and charts are required by the name they have for people, where they are known by id.
fn titles(required: &Component) -> impl Iterator<Item = String> {
    let parent = required.parent.as_ref().filter(|_| is_titled(&required.kind));
    parent.map(|parent| within(parent, &required.name)).into_iter()
}

fn is_titled(kind: &ComponentType) -> bool {
    matches!(kind, ComponentType::Number(26 | 59))
}

/// Forms and relationships have two numbers each.
fn same_kind(kind: &ComponentType) -> ComponentType {
    match kind {
        ComponentType::Number(3) => ComponentType::RELATIONSHIP,
        ComponentType::Number(24) => ComponentType::FORM,
        other => other.clone(),
    }
}

fn within(parent: &str, name: &str) -> String {
    format!("{parent}\n{name}")
}
