//! One of two packages: its components, each with a digest and its files.

use super::{
    component,
    node::Node,
    remark,
    tree::{self, Item},
};
use crate::{
    Limits, Manifest, Result,
    archive::Archive,
    customizations, manifest, naming,
    read::{self, CONTENT_TYPES},
    variables,
};
use model::{Component, ComponentType, comparison::Remark, package::Foreign, variable::VariableType};
use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    io::{Read, Seek},
    path::Path,
};

/// What a component is known by: its type, and its name in lower case.
pub(super) type Key = (ComponentType, String);

/// Type of files that belong to no component.
const FILE: &str = "file";

/// A component of a package.
#[derive(Clone, Debug)]
pub(super) struct Unit {
    pub(super) key: Key,
    pub(super) component: Component,
    /// Of its item in `customizations.xml`.
    pub(super) digest: u128,
    pub(super) is_too_large: bool,
    /// Whether its values are secrets.
    pub(super) is_secret: bool,
    /// Its files by what they are to it, with their places in the archive.
    pub(super) files: BTreeMap<String, usize>,
}

/// An opened package.
pub(super) struct Package<R> {
    pub(super) archive: Archive<R>,
    pub(super) manifest: Manifest,
    pub(super) units: HashMap<Key, Unit>,
    /// Tables, in lower case, that the package extends without bringing them.
    pub(super) extended: HashSet<String>,
    /// Tables and columns that the package needs from elsewhere.
    pub(super) foreign: Foreign,
    /// Whether every component could be read.
    pub(super) is_whole: bool,
    /// Names of all files, in lower case.
    names: HashSet<String>,
}

impl<R> Package<R> {
    /// Whether a component is a table of the package itself, with rows of data.
    pub(super) fn owns(&self, unit: &Unit) -> bool {
        unit.key.0 == ComponentType::ENTITY && !self.extended.contains(&unit.key.1)
    }

    /// Whether a table leaves that stays in the target without the columns the package had given it.
    pub(super) fn leaves_columns<S>(&self, unit: &Unit, after: &Package<S>) -> bool {
        unit.key.0 == ComponentType::ENTITY && !after.units.contains_key(&unit.key) && !self.owns(unit)
    }
}

impl<R: Read + Seek> Package<R> {
    pub(super) fn open(reader: R, limits: &Limits) -> Result<Self> {
        let mut archive = read::open(reader, limits)?;
        let manifest = read::read_manifest(&mut archive, limits)?;
        let names = archive.entries().iter().map(|entry| entry.name.to_ascii_lowercase()).collect();
        let foreign = Foreign::of(&manifest.unique_name, &manifest.missing_dependencies);
        let mut extended = foreign.tables.clone();
        extended.extend(manifest.extended_tables.iter().map(|table| table.to_lowercase()));
        Ok(Self { archive, manifest, units: HashMap::new(), extended, foreign, is_whole: true, names })
    }

    /// Reads every component, and shows those of `customizations.xml` with their content.
    pub(super) fn read_units(
        &mut self,
        limits: &Limits,
        remarks: &mut Vec<Remark>,
        of_after: bool,
        mut visit: impl FnMut(&Unit, Node),
    ) -> Result<()> {
        let mut units = HashMap::new();
        let mut repeats = HashMap::new();
        let mut files: HashMap<Key, Vec<(String, String)>> = HashMap::new();
        let names = &self.names;
        let mut too_many = false;
        let read = items(&mut self.archive, limits, |mut item| {
            let links = links(&mut item.node, names);
            let unit = unit(&item, &mut repeats);
            too_many |= units.len() >= limits.items;
            if !too_many {
                if !links.is_empty() {
                    files.insert(unit.key.clone(), links);
                }
                visit(&unit, item.node);
                units.insert(unit.key.clone(), unit);
            }
        });
        if let Err(error) = read {
            if !error.is_of_one_file() {
                return Err(error);
            }
            self.is_whole = false;
            remarks.push(remark(of_after, customizations::FILE, error.to_string()));
        }
        if too_many {
            return Err(crate::archive::invalid(format!("it has more than {} components", limits.items)));
        }
        self.units = units;
        self.give_files(files);
        self.read_rows(limits, remarks, of_after)
    }

    /// Reads the components of `customizations.xml` once more, with their content.
    pub(super) fn read_trees(&mut self, limits: &Limits, mut visit: impl FnMut(&Unit, Node)) -> Result<()> {
        let mut repeats = HashMap::new();
        let names = &self.names;
        let read = items(&mut self.archive, limits, |mut item| {
            links(&mut item.node, names);
            let unit = unit(&item, &mut repeats);
            visit(&unit, item.node);
        });
        match read {
            Err(error) if !error.is_of_one_file() => Err(error),
            _ => Ok(()),
        }
    }

    /// Gives every file to the component that names it, or in whose folder it is.
    fn give_files(&mut self, links: HashMap<Key, Vec<(String, String)>>) {
        let mut taken: HashSet<usize> = [manifest::FILE, customizations::FILE, CONTENT_TYPES]
            .iter()
            .filter_map(|name| self.archive.find(name))
            .collect();
        let mut folders: HashMap<String, Key> = HashMap::new();
        for (key, links) in links {
            for (role, path) in links {
                let Some(index) = self.archive.find(&path) else { continue };
                taken.insert(index);
                if let Some((folder, _)) = folder_of(&path) {
                    folders.insert(folder, key.clone());
                }
                if let Some(unit) = self.units.get_mut(&key) {
                    unit.files.insert(role, index);
                }
            }
        }
        let left: Vec<(usize, String)> = self
            .archive
            .entries()
            .iter()
            .enumerate()
            .filter(|(index, entry)| !entry.is_folder() && !taken.contains(index))
            .map(|(index, entry)| (index, entry.name.clone()))
            .collect();
        for (_, name) in &left {
            if let Some(component) = row_of(name)
                && let Some((folder, _)) = folder_of(name)
            {
                let key = (component.kind.clone(), component.name.to_lowercase());
                self.units.entry(key.clone()).or_insert_with(|| empty(key.clone(), component));
                folders.insert(folder, key);
            }
        }
        for (index, name) in left {
            let of_folder = folder_of(&name).and_then(|(folder, rest)| Some((folders.get(&folder)?.clone(), rest)));
            let (key, role) = of_folder.unwrap_or_else(|| {
                let kind = ComponentType::Table(FILE.to_owned());
                ((kind, name.to_lowercase()), String::new())
            });
            let unit = self
                .units
                .entry(key.clone())
                .or_insert_with(|| empty(key.clone(), Component::new(key.0.clone(), name.clone())));
            unit.files.insert(role, index);
        }
    }

    /// Reads what rows of tables are called, and which variables are secrets.
    fn read_rows(&mut self, limits: &Limits, remarks: &mut Vec<Remark>, of_after: bool) -> Result<()> {
        let rows: Vec<(Key, usize, String)> = self
            .units
            .values()
            .filter(|unit| unit.digest == 0)
            .filter_map(|unit| {
                let (_, index) = unit.files.iter().find(|(role, _)| is_own_file(role))?;
                let entry = self.archive.entries().get(*index)?;
                (entry.unpacked.value < 1 << 20).then(|| (unit.key.clone(), *index, entry.name.clone()))
            })
            .collect();
        for (key, index, name) in rows {
            let document = self.archive.unpack(index).and_then(|content| tree::document(content, &name, limits));
            let node = match document {
                Ok(item) => item.node,
                Err(error) if error.is_of_one_file() => {
                    remarks.push(remark(of_after, &name, error.to_string()));
                    continue;
                }
                Err(error) => return Err(error),
            };
            let Some(unit) = self.units.get_mut(&key) else { continue };
            let title = |name: &str| {
                let child = node.child(name)?;
                let text = child.attribute("default").unwrap_or(&child.text);
                Some(text.to_owned()).filter(|text| !text.is_empty())
            };
            unit.component.display_name = title("displayname").or_else(|| title("name")).or_else(|| title("label"));
            unit.is_secret = key.0 == ComponentType::ENVIRONMENT_VARIABLE_DEFINITION && is_secret(node.text_of("type"));
        }
        Ok(())
    }
}

fn items<R: Read + Seek>(archive: &mut Archive<R>, limits: &Limits, visit: impl FnMut(Item)) -> Result<()> {
    let index = archive.find(customizations::FILE);
    let index = index.ok_or_else(|| crate::archive::invalid(format!("it has no {}", customizations::FILE)))?;
    tree::read(archive.unpack(index)?, customizations::FILE, limits, 2, visit)
}

fn empty(key: Key, component: Component) -> Unit {
    Unit { key, component, digest: 0, is_too_large: false, is_secret: false, files: BTreeMap::new() }
}

fn unit(item: &Item, repeats: &mut HashMap<Key, usize>) -> Unit {
    let component = component::of_item(&item.section, &item.node);
    let mut key = (component.kind.clone(), component.name.to_lowercase());
    let repeat = repeats.entry(key.clone()).or_default();
    *repeat += 1;
    if *repeat > 1 {
        key.1 = format!("{}#{repeat}", key.1);
    }
    let is_secret = key.0 == ComponentType::ENVIRONMENT_VARIABLE_DEFINITION && is_secret(item.node.text_of("Type"));
    Unit {
        // Zero stands for components without an item.
        digest: item.node.digest().max(1),
        is_too_large: item.is_too_large,
        is_secret,
        ..empty(key, component)
    }
}

fn is_secret(kind: Option<&str>) -> bool {
    kind.and_then(|kind| kind.trim().parse().ok()).and_then(VariableType::from_code) == Some(VariableType::Secret)
}

/// Takes the paths of files out of an item, each with the element it stands in. What the files are called is not what
/// the component is: many have an id of the environment they were exported from in their name.
fn links(item: &mut Node, names: &HashSet<String>) -> Vec<(String, String)> {
    fn walk(
        node: &mut Node,
        names: &HashSet<String>,
        repeats: &mut HashMap<String, usize>,
        found: &mut Vec<(String, String)>,
    ) {
        if node.children.is_empty() && node.text.len() <= 1_024 && node.text.contains(['/', '\\']) {
            let path = node.text.replace('\\', "/").trim_start_matches('/').to_ascii_lowercase();
            if names.contains(&path) {
                let repeat = repeats.entry(node.name.clone()).or_default();
                *repeat += 1;
                let role = if *repeat == 1 { node.name.clone() } else { format!("{}#{repeat}", node.name) };
                found.push((role, path));
                node.text.clear();
            }
        }
        for child in &mut node.children {
            walk(child, names, repeats, found);
        }
    }
    let mut found = Vec::new();
    walk(item, names, &mut HashMap::new(), &mut found);
    found
}

/// The folder of a component in a folder of components, in lower case, and the rest of the path.
fn folder_of(path: &str) -> Option<(String, String)> {
    let (at, _) = path.match_indices('/').nth(1)?;
    let (folder, rest) = path.split_at_checked(at)?;
    Some((folder.to_ascii_lowercase(), rest.trim_start_matches('/').to_owned()))
}

/// The component of a row's own file: `customapis/cat_Do/customapi.xml`.
fn row_of(path: &str) -> Option<Component> {
    if path.matches('/').count() != 2 {
        return None;
    }
    let component = read::row(path)?;
    Some(Component { parent: None, name: naming_of(&component), ..component })
}

fn naming_of(component: &Component) -> String {
    match &component.kind {
        ComponentType::Table(_) | ComponentType::Number(_) if component.name.starts_with('{') => {
            naming::id(&component.name)
        }
        _ => component.name.clone(),
    }
}

/// The file in the folder of a row that says what it is.
pub(super) fn is_own_file(role: &str) -> bool {
    !role.contains('/') && Path::new(role).extension().is_some_and(|extension| extension.eq_ignore_ascii_case("xml"))
}

/// The file of a variable's values.
pub(super) fn is_value_file(role: &str) -> bool {
    role.eq_ignore_ascii_case(variables::VALUE)
}

/// Names of files that both or either component has.
pub(super) fn roles(one: &Unit, other: &Unit) -> BTreeSet<String> {
    one.files.keys().chain(other.files.keys()).cloned().collect()
}
