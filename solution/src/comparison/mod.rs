//! Two packages compared, component by component and by what they mean rather than how they are written.
//!
//! Neither package is ever held as a whole. A first pass over each keeps a digest per component; only components whose
//! digests differ are looked into, one file at a time. Files that are packed alike are not even unpacked.

mod canvas_app;
mod component;
mod content;
mod difference;
mod flow;
mod node;
mod package;
mod secret;
mod source;
mod table;
mod text;
mod tree;

use crate::{Limits, Result};
use difference::{Differences, Part, natural};
use model::{
    Component, ComponentType,
    comparison::{ComparedComponent, ComparedSolution, Comparison, Difference, Remark},
    package::MissingDependency,
    stage_run::ChangeKind,
};
use node::Node;
use package::{Key, Package, Unit};
use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    fs::File,
    io::{BufReader, Read, Seek},
    path::Path,
};

/// Bytes of differing components that are held at a time. Beyond, a component is said to differ, and not how.
const HELD: usize = 48 << 20;

/// Compares two packages, the second with the first; without a first one everything is added.
///
/// # Errors
/// Whatever is not a solution package, or costs more than the limits allow. What is damaged inside of one is among the
/// remarks.
pub fn compare<R: Read + Seek, S: Read + Seek>(before: Option<R>, after: S, limits: &Limits) -> Result<Comparison> {
    let mut remarks = Vec::new();
    let mut before = before.map(|reader| Package::open(reader, limits)).transpose()?;
    let mut after = Package::open(after, limits)?;
    let differs_in_kind = before.as_ref().is_some_and(|before| before.manifest.managed != after.manifest.managed);
    if let Some(before) = &mut before {
        before.read_units(limits, &mut remarks, false, |_, _| {})?;
    }
    let mut pending = Pending::default();
    after.read_units(limits, &mut remarks, true, |unit, node| {
        if let Some(one) = before.as_ref().and_then(|before| before.units.get(&unit.key)) {
            pending.add(one, unit, node);
        }
    })?;

    let mut found: HashMap<Key, Differences> = HashMap::new();
    let mut lost_columns: HashMap<Key, Vec<String>> = HashMap::new();
    if let Some(before) = &mut before {
        let leaving_extensions = before.units.values().any(|unit| before.leaves_columns(unit, &after));
        if !pending.trees.is_empty() || leaving_extensions {
            let (extended, foreign) = (before.extended.clone(), before.foreign.clone());
            let gone = |key: &Key| !after.units.contains_key(key);
            before.read_trees(limits, |unit, node| {
                if let Some(other) = pending.trees.remove(&unit.key) {
                    let mut differences = Differences::new(differs_in_kind);
                    units(&mut differences, &unit.component, node, other);
                    for part in differences.take_deltas() {
                        let of = if part.is_empty() { String::new() } else { format!("“{part}” of ") };
                        let message = format!(
                            "The managed package has only what it changes in {of}“{}”, so it is not compared with the whole.",
                            unit.component.label()
                        );
                        remarks.push(remark(after.manifest.managed, crate::customizations::FILE, message));
                    }
                    found.insert(unit.key.clone(), differences);
                } else if gone(&unit.key) && extended.contains(&unit.key.1) {
                    let mut columns = table::own_columns(&node);
                    columns.retain(|column| !foreign.has_column(Some(&unit.key.1), column));
                    lost_columns.insert(unit.key.clone(), columns);
                }
            })?;
        }
    }

    let mut comparison = Comparison {
        before: before.as_ref().map(|before| named(&before.manifest)),
        after: Some(named(&after.manifest)),
        solution: before.as_ref().map(|before| of_solution(before, &after)).unwrap_or_default(),
        ..Comparison::default()
    };
    let keys: BTreeSet<Key> =
        before.iter().flat_map(|before| before.units.keys()).chain(after.units.keys()).cloned().collect();
    let both_whole = before.as_ref().is_none_or(|before| before.is_whole) && after.is_whole;
    for key in keys {
        let one = before.as_ref().and_then(|before| before.units.get(&key));
        let other = after.units.get(&key);
        comparison.components.push(match (one.cloned(), other.cloned()) {
            (Some(one), Some(other)) => {
                let mut differences = found.remove(&key).unwrap_or_else(|| Differences::new(differs_in_kind));
                let is_secret = one.is_secret || other.is_secret;
                let too_large = one.is_too_large || other.is_too_large || pending.too_many.contains(&key);
                if too_large && one.digest != other.digest {
                    differences.value(Part::default(), "content", Some("too large to be compared in detail"), Some(""));
                }
                if let Some(before) = &mut before {
                    content::files(&mut differences, (before, &one), (&mut after, &other), limits, &mut remarks)?;
                }
                changed(other.component, differences, is_secret)
            }
            (Some(one), None) => {
                // A damaged file hides components, and what is hidden has not left.
                if !both_whole {
                    continue;
                }
                let loses_data = before.as_ref().is_some_and(|before| before.owns(&one));
                let columns = lost_columns.remove(&key).unwrap_or_default();
                let mut differences = Differences::new(false);
                for column in &columns {
                    differences.part(Part { kind: "Column", name: column }, ChangeKind::Removed, true);
                }
                let (differences, omitted) = differences.finish();
                ComparedComponent {
                    change: ChangeKind::Removed,
                    component: one.component,
                    loses_data,
                    differences,
                    omitted,
                }
            }
            (None, Some(other)) if before.is_none() || both_whole => alone(other.component, ChangeKind::Added),
            (None, _) => continue,
        });
    }
    comparison.components.sort_by_cached_key(|compared| {
        (compared.component.kind.label(), natural(compared.component.label()), compared.component.name.to_lowercase())
    });
    remarks.sort_by(|one, other| {
        (one.of_after, &one.file, &one.message).cmp(&(other.of_after, &other.file, &other.message))
    });
    comparison.remarks = remarks;
    Ok(comparison)
}

/// Compares two packages in files.
///
/// # Errors
/// As [`compare`], and when a file cannot be opened.
pub fn compare_files(before: Option<&Path>, after: &Path, limits: &Limits) -> Result<Comparison> {
    let open = |path: &Path| File::open(path).map(BufReader::new).map_err(crate::read::not_opened);
    compare(before.map(open).transpose()?, open(after)?, limits)
}

/// Components that are in both packages and differ, until the other side of them is read.
#[derive(Default)]
struct Pending {
    trees: HashMap<Key, Node>,
    too_many: BTreeSet<Key>,
    held: usize,
}

impl Pending {
    fn add(&mut self, one: &Unit, other: &Unit, node: Node) {
        if one.digest == other.digest || one.is_too_large || other.is_too_large {
            return;
        }
        let size = node.size();
        if self.held + size > HELD {
            self.too_many.insert(other.key.clone());
            return;
        }
        self.held += size;
        self.trees.insert(other.key.clone(), node);
    }
}

fn units(differences: &mut Differences, component: &Component, before: Node, after: Node) {
    match component.kind {
        ComponentType::ENTITY => table::compare(differences, before, after),
        ComponentType::ROLE => table::role(differences, before, after),
        _ => differences.nodes(Part::default(), &before, &after),
    }
}

fn alone(component: Component, change: ChangeKind) -> ComparedComponent {
    ComparedComponent { change, component, loses_data: false, differences: Vec::new(), omitted: 0 }
}

fn changed(component: Component, differences: Differences, is_secret: bool) -> ComparedComponent {
    if differences.is_empty() {
        return alone(component, ChangeKind::Unchanged);
    }
    let (mut differences, omitted) = differences.finish();
    for difference in &mut differences {
        secret::hide(difference, is_secret);
    }
    ComparedComponent { change: ChangeKind::Changed, component, loses_data: false, differences, omitted }
}

fn named(manifest: &crate::Manifest) -> ComparedSolution {
    ComparedSolution {
        unique_name: manifest.unique_name.clone(),
        display_name: manifest.display_name.clone(),
        version: manifest.version.clone(),
        managed: manifest.managed,
    }
}

fn of_solution<R, S>(before: &Package<R>, after: &Package<S>) -> Vec<Difference> {
    let (one, other) = (&before.manifest, &after.manifest);
    let mut differences = Differences::new(false);
    let kind = |managed| if managed { "Managed" } else { "Unmanaged" };
    let prefix = |manifest: &crate::Manifest| manifest.publisher.option_value_prefix.to_string();
    let language = |manifest: &crate::Manifest| manifest.language_code.map(|code| code.to_string());
    for (name, one, other) in [
        ("Name", one.unique_name.as_str(), other.unique_name.as_str()),
        ("Display name", &one.display_name, &other.display_name),
        ("Description", &one.description, &other.description),
        ("Version", one.version.as_str(), other.version.as_str()),
        ("Package type", kind(one.managed), kind(other.managed)),
        ("Publisher", &one.publisher.unique_name, &other.publisher.unique_name),
        ("Publisher display name", &one.publisher.display_name, &other.publisher.display_name),
        ("Prefix", &one.publisher.prefix, &other.publisher.prefix),
        ("Choice value prefix", &prefix(one), &prefix(other)),
    ] {
        differences.value(Part::default(), name, Some(one), Some(other));
    }
    differences.value(Part::default(), "Language", language(one).as_deref(), language(other).as_deref());
    let needs = |needs: &[MissingDependency]| -> BTreeMap<String, String> {
        needs
            .iter()
            .map(|need| {
                let required = &need.required;
                let of = required.parent.as_ref().map(|parent| format!(" of {parent}")).unwrap_or_default();
                let name = format!("{} {}{of}", required.kind.label(), required.label());
                (name, need.required_solution.text().trim().to_owned())
            })
            .collect()
    };
    let (ones, others) = (needs(&one.missing_dependencies), needs(&other.missing_dependencies));
    for name in ones.keys().chain(others.keys()).collect::<BTreeSet<_>>() {
        let part = Part { kind: "Dependency", name };
        match (ones.get(name), others.get(name)) {
            (Some(one), Some(other)) => differences.value(part, "Solution", Some(one), Some(other)),
            (Some(_), None) => differences.part(part, ChangeKind::Removed, false),
            _ => differences.part(part, ChangeKind::Added, false),
        }
    }
    differences.finish().0
}

/// Something that could not be compared.
fn remark(of_after: bool, file: &str, message: impl Into<String>) -> Remark {
    Remark { of_after, file: file.to_owned(), message: message.into() }
}
