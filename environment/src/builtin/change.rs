//! What an import changes among the components of a solution.

use super::{entity::component, name_key};
use model::Component;
use std::collections::{BTreeSet, HashMap, HashSet};
use uuid::Uuid;

/// The difference between two sets of components of one solution.
#[derive(Debug, Default)]
pub(super) struct Change {
    /// Keys of names under which rows have to go, because a component left or is written differently.
    pub outdated: Vec<String>,
    /// Rows to write after that.
    pub rows: Vec<component::Model>,
    /// Components that were not there before.
    pub added: usize,
    /// Components that are no longer there.
    pub removed: usize,
}

/// Works out the difference. A component is the same when type, name and parent are, without regard to case.
pub(super) fn change(solution_id: Uuid, before: Vec<component::Model>, after: &[Component]) -> Change {
    let mut left: HashMap<Key, component::Model> = before.into_iter().map(|row| (key(&row), row)).collect();
    let mut change = Change::default();
    let mut outdated = BTreeSet::new();
    let mut same = Vec::new();
    let mut seen = HashSet::new();
    for row in after.iter().map(|component| row(solution_id, component)) {
        let key = key(&row);
        if !seen.insert(key.clone()) {
            continue;
        }
        match left.remove(&key) {
            Some(present) if present == row => same.push(row),
            Some(_) => {
                outdated.insert(row.name_key.clone());
                change.rows.push(row);
            }
            None => {
                change.added += 1;
                change.rows.push(row);
            }
        }
    }
    change.removed = left.len();
    outdated.extend(left.into_values().map(|row| row.name_key));
    // Rows go by the key of their name alone; what shares one with a row that goes is written again.
    change.rows.extend(same.into_iter().filter(|row| outdated.contains(&row.name_key)));
    change.outdated = outdated.into_iter().collect();
    change
}

type Key = (String, String, String);

fn key(row: &component::Model) -> Key {
    (row.kind.clone(), row.name_key.clone(), row.parent_key.clone())
}

fn row(solution_id: Uuid, component: &Component) -> component::Model {
    component::Model {
        solution_id,
        name_key: name_key(&component.name),
        kind: name_key(&component.kind.to_string()),
        parent_key: component.parent.as_deref().map(name_key).unwrap_or_default(),
        name: component.name.clone(),
        parent: component.parent.clone(),
        display_name: component.display_name.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::ComponentType;

    fn column(table: &str, name: &str) -> Component {
        Component { parent: Some(table.to_owned()), ..Component::new(ComponentType::ATTRIBUTE, name) }
    }

    fn rows(components: &[Component]) -> Vec<component::Model> {
        change(Uuid::nil(), Vec::new(), components).rows
    }

    #[test]
    fn components_that_stay_are_left_alone() {
        let components = [Component::new(ComponentType::ENTITY, "new_a"), column("new_a", "new_name")];
        let change = change(Uuid::nil(), rows(&components), &components);
        assert!(change.outdated.is_empty() && change.rows.is_empty());
        assert_eq!((change.added, change.removed), (0, 0));
    }

    #[test]
    fn what_left_goes_and_its_namesake_of_another_table_stays() {
        let before = [column("new_a", "new_name"), column("new_b", "new_name"), column("new_b", "new_size")];
        let after = [column("new_b", "New_Name"), column("new_b", "new_size"), column("new_c", "new_colour")];
        let change = change(Uuid::nil(), rows(&before), &after);
        assert_eq!((change.added, change.removed), (1, 1));
        assert_eq!(change.outdated, ["new_name"]);
        let mut written: Vec<_> = change.rows.iter().map(|row| (row.parent_key.as_str(), row.name.as_str())).collect();
        written.sort_unstable();
        assert_eq!(written, [("new_b", "New_Name"), ("new_c", "new_colour")]);
    }

    #[test]
    fn spellings_of_one_component_are_one_row() {
        let twice = [Component::new(ComponentType::ENTITY, "new_A"), Component::new(ComponentType::ENTITY, "NEW_a")];
        assert_eq!(rows(&twice).len(), 1);
    }
}
