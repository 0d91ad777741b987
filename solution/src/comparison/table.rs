//! A table: its columns, keys, forms, views and charts as parts of it.

use super::{
    difference::{Differences, Part},
    node::Node,
    text,
};
use crate::naming;
use model::stage_run::ChangeKind;
use std::collections::{BTreeMap, BTreeSet};

/// A list of parts: where it stands in the table, what a part is called, and how a part is known.
struct List {
    path: &'static [&'static str],
    kind: &'static str,
    key: &'static str,
}

const LISTS: [List; 4] = [
    List { path: &["EntityInfo", "entity", "attributes"], kind: "Column", key: "PhysicalName" },
    List { path: &["EntityInfo", "entity", "EntityKeys"], kind: "Key", key: "LogicalName" },
    List { path: &["SavedQueries", "savedqueries"], kind: "View", key: "savedqueryid" },
    List { path: &["Visualizations"], kind: "Chart", key: "savedqueryvisualizationid" },
];

/// A part with its key and its name for people.
type Parts = BTreeMap<String, (String, Node)>;

/// Compares two tables.
pub(super) fn compare(differences: &mut Differences, mut before: Node, mut after: Node) {
    for list in &LISTS {
        let ones = take(&mut before, list.path, list.key);
        let others = take(&mut after, list.path, list.key);
        parts(differences, list.kind, &ones, &others, list.kind == "Column");
    }
    parts(differences, "Form", &take_forms(&mut before), &take_forms(&mut after), false);
    differences.nodes(Part::default(), &before, &after);
}

/// The columns of a table that are its solution's own. The others stay whatever becomes of the solution.
pub(super) fn own_columns(table: &Node) -> Vec<String> {
    let columns = table.child("EntityInfo").and_then(|info| info.child("entity")?.child("attributes"));
    let columns = columns.into_iter().flat_map(|columns| &columns.children);
    columns
        .filter(|column| is_own(column))
        .filter_map(|column| Some(column.value("PhysicalName")?.to_lowercase()))
        .collect()
}

/// Whether a part goes with its solution: everything but columns that came with the platform.
fn is_own(part: &Node) -> bool {
    part.text_of("IsCustomField").is_none_or(|own| own == "1")
}

/// Compares the privileges of two roles.
pub(super) fn role(differences: &mut Differences, mut before: Node, mut after: Node) {
    let ones = take(&mut before, &["RolePrivileges"], "name");
    let others = take(&mut after, &["RolePrivileges"], "name");
    parts(differences, "Privilege", &ones, &others, false);
    differences.nodes(Part::default(), &before, &after);
}

/// Compares parts by their keys.
pub(super) fn parts(
    differences: &mut Differences,
    kind: &'static str,
    before: &Parts,
    after: &Parts,
    loses_data: bool,
) {
    let keys: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    for key in keys {
        match (before.get(key), after.get(key)) {
            (Some((name, one)), Some((other_name, other))) => {
                // Either name would do; the greater one is the same in both directions.
                let mut name = name.max(other_name).clone();
                text::shorten(&mut name);
                differences.nodes(Part { kind, name: &name }, one, other);
            }
            (Some((name, one)), None) => {
                differences.part(Part { kind, name }, ChangeKind::Removed, loses_data && is_own(one));
            }
            (None, Some((name, _))) => differences.part(Part { kind, name }, ChangeKind::Added, false),
            (None, None) => {}
        }
    }
}

fn at<'a>(table: &'a mut Node, path: &[&str]) -> Option<&'a mut Node> {
    let mut node = table;
    for name in path {
        node = node.children.iter_mut().find(|child| child.name == *name)?;
    }
    Some(node)
}

fn take(table: &mut Node, path: &[&str], key: &str) -> Parts {
    let Some(list) = at(table, path) else { return Parts::new() };
    // The list may have children of other kinds, which stay.
    let (taken, left) = std::mem::take(&mut list.children).into_iter().partition(|child| child.value(key).is_some());
    list.children = left;
    named(taken, key)
}

fn named(nodes: Vec<Node>, key: &str) -> Parts {
    let mut parts = Parts::new();
    for node in nodes {
        let key = naming::id(node.value(key).unwrap_or_default());
        let name = match node.name.as_str() {
            "attribute" => key.clone(),
            "RolePrivilege" => node.value("name").unwrap_or_default().to_owned(),
            _ => node.title().map_or_else(|| key.clone(), str::to_owned),
        };
        parts.insert(key, (name, node));
    }
    parts
}

fn take_forms(table: &mut Node) -> Parts {
    let Some(list) = at(table, &["FormXml"]) else { return Parts::new() };
    let mut parts = Parts::new();
    for mut forms in std::mem::take(&mut list.children) {
        let kind = forms.attribute("type").unwrap_or_default().to_owned();
        let of_kind = std::mem::take(&mut forms.children);
        for (key, (name, form)) in named(of_kind, "formid") {
            let name = if kind.is_empty() { name } else { format!("{name} ({kind})") };
            parts.insert(format!("{kind} {key}"), (name, form));
        }
    }
    parts
}
