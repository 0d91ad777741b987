//! From a package to its facts.

use crate::{
    Limits, Manifest, PackageError, Result,
    archive::{Archive, invalid},
    customizations::{self, Customizations},
    flow,
    inspect::{self, Notes},
    manifest as solution_xml,
    variables::{self, DEFINITION, FOLDER, OLD_VALUES, VALUE},
    xml::{self, Attributes, Reading},
};
use model::{
    Component, ComponentType, ErrorCode,
    inspection::Inspection,
    package::{PackageFacts, UnreadableFile},
};
use std::{
    collections::HashSet,
    fs::File,
    io::{Read, Seek},
    path::Path,
};

/// The list of content types that every package has.
pub(crate) const CONTENT_TYPES: &str = "[Content_Types].xml";

/// Reads a package. Only files that say something of it are unpacked, and none of them is held in memory as a whole
/// but JSON.
///
/// # Errors
/// Whatever is not a solution package, or costs more than the limits allow. A file other than the manifest that is
/// damaged does not make it unreadable: it is listed in [`PackageFacts::unreadable_files`].
pub fn read(reader: impl Read + Seek, limits: &Limits) -> Result<PackageFacts> {
    let mut archive = open(reader, limits)?;
    let manifest = read_manifest(&mut archive, limits)?;
    let mut unreadable = Vec::new();

    let index = at_root(&archive, CONTENT_TYPES)?;
    let mut types = ContentTypes::default();
    xml::read(archive.unpack(index)?, CONTENT_TYPES, limits, &mut types)?;

    let mut customizations = Customizations::default();
    let index = at_root(&archive, customizations::FILE)?;
    let result = archive.unpack(index).and_then(|content| customizations::read(content, limits, &mut customizations));
    note(&mut unreadable, customizations::FILE, result)?;
    let is_whole = unreadable.is_empty();

    read_variables(&mut archive, limits, &mut customizations, &mut unreadable)?;
    let mut notes = read_flows(&mut archive, limits, &mut customizations, &mut unreadable)?;
    notes.is_whole = is_whole;
    let inspection = inspect::inspect(&mut archive, &manifest, &mut customizations, &types, notes, limits)?;
    facts(&archive, manifest, customizations, unreadable, inspection, limits)
}

/// Reads a package from a file.
pub fn read_file(path: impl AsRef<Path>, limits: &Limits) -> Result<PackageFacts> {
    let file = File::open(path.as_ref()).map_err(not_opened)?;
    read(file, limits)
}

/// A file that cannot be opened.
pub(crate) fn not_opened(cause: std::io::Error) -> PackageError {
    PackageError::new(ErrorCode::INVALID_FILE, format!("The file could not be opened: {cause}.")).caused_by(cause)
}

/// Reads `solution.xml` of a package and nothing else. For lists of packages, where the rest would be wasted.
pub fn manifest(reader: impl Read + Seek, limits: &Limits) -> Result<Manifest> {
    read_manifest(&mut open(reader, limits)?, limits)
}

/// Opens a package that has the three files at its root.
pub(crate) fn open<R: Read + Seek>(reader: R, limits: &Limits) -> Result<Archive<R>> {
    let archive = Archive::open(reader, limits)?;
    let missing: Vec<&str> = [solution_xml::FILE, customizations::FILE, CONTENT_TYPES]
        .into_iter()
        .filter(|name| archive.find(name).is_none())
        .collect();
    if missing.is_empty() {
        return Ok(archive);
    }
    Err(PackageError::new(
        ErrorCode::INVALID_SOLUTION_FILE,
        format!(
            "The solution file is invalid: it has no {} at its root. A solution package is a zip file with {}, {} and {CONTENT_TYPES} at its root; \
             other exports, such as apps, flows or data, are not solutions.",
            missing.join(" and no "),
            solution_xml::FILE,
            customizations::FILE,
        ),
    ))
}

fn at_root<R: Read + Seek>(archive: &Archive<R>, name: &str) -> Result<usize> {
    archive.find(name).ok_or_else(|| invalid(format!("it has no {name}")))
}

pub(crate) fn read_manifest<R: Read + Seek>(archive: &mut Archive<R>, limits: &Limits) -> Result<Manifest> {
    let index = at_root(archive, solution_xml::FILE)?;
    solution_xml::read(archive.unpack(index)?, limits)
}

/// Takes note of a file that is damaged. Used-up limits are no damage: they end the reading.
fn note(unreadable: &mut Vec<UnreadableFile>, file: &str, result: Result<()>) -> Result<()> {
    let Err(error) = result else { return Ok(()) };
    if !error.is_of_one_file() {
        return Err(error);
    }
    unreadable.push(UnreadableFile { file: file.to_owned(), code: error.code(), message: error.to_string() });
    Ok(())
}

fn read_variables<R: Read + Seek>(
    archive: &mut Archive<R>,
    limits: &Limits,
    customizations: &mut Customizations,
    unreadable: &mut Vec<UnreadableFile>,
) -> Result<()> {
    let mut definitions = Vec::new();
    let mut values = Vec::new();
    for (index, entry) in archive.entries().iter().enumerate() {
        let Some((folder, file)) = strip_prefix(&entry.name, FOLDER).and_then(|rest| rest.split_once('/')) else {
            continue;
        };
        if file.eq_ignore_ascii_case(DEFINITION) {
            definitions.push((index, entry.name.clone()));
        } else if file.eq_ignore_ascii_case(VALUE) {
            values.push((index, entry.name.clone(), folder.to_owned()));
        }
    }
    for (index, name) in definitions {
        let read = archive.unpack(index).and_then(|content| variables::definition(content, &name, limits));
        let read = read.map(|variable| customizations.variables.push(variable));
        note(unreadable, &name, read)?;
    }
    let mut packaged = Vec::new();
    for (index, name, folder) in values {
        let read = archive.whole(index, limits).and_then(|content| variables::value(&content, &name));
        let read = read.map(|value| packaged.push((folder, value)));
        note(unreadable, &name, read)?;
    }
    if let Some(index) = archive.find(OLD_VALUES) {
        let read = archive.whole(index, limits).and_then(|content| variables::old_values(&content));
        let read = read.map(|values| packaged.extend(values));
        note(unreadable, OLD_VALUES, read)?;
    }
    customizations.variables.sort_by_cached_key(|variable| variable.schema_name.to_ascii_lowercase());
    customizations.values = u32::try_from(packaged.len()).unwrap_or(u32::MAX);
    for (schema_name, value) in packaged {
        let key = schema_name.to_ascii_lowercase();
        let found =
            customizations.variables.binary_search_by_key(&key, |variable| variable.schema_name.to_ascii_lowercase());
        if let Some(variable) = found.ok().and_then(|at| customizations.variables.get_mut(at)) {
            variable.packaged_value = value;
        }
    }
    Ok(())
}

fn read_flows<R: Read + Seek>(
    archive: &mut Archive<R>,
    limits: &Limits,
    customizations: &mut Customizations,
    unreadable: &mut Vec<UnreadableFile>,
) -> Result<Notes> {
    let mut notes = Notes::default();
    let mut used = 0;
    for workflow in &mut customizations.workflows {
        let Some(file) = workflow.file.as_deref().filter(|file| extension(file) == "json") else { continue };
        // What is named and not there is told with the other files that are missing.
        let Some(index) = archive.find(file) else { continue };
        let component = Component {
            display_name: Some(workflow.name.clone()).filter(|name| !name.is_empty()),
            ..Component::new(ComponentType::WORKFLOW, workflow.id.clone())
        };
        let read = archive.whole(index, limits).and_then(|content| Ok((flow::uses(&content, file)?, content)));
        let read = read.map(|(uses, content)| {
            notes.flow(&component, &uses, &content);
            used += uses.connectors.len() + uses.references.len() + uses.variables.len();
            workflow.connection_references = uses.references;
            workflow.embedded_connections = uses.embedded;
            workflow.environment_variables = uses.variables;
        });
        note(unreadable, file, read)?;
        if used > limits.items {
            return Err(invalid(format!("its flows use {used} things")));
        }
    }
    Ok(notes)
}

fn facts<R: Read + Seek>(
    archive: &Archive<R>,
    manifest: Manifest,
    customizations: Customizations,
    unreadable_files: Vec<UnreadableFile>,
    inspection: Inspection,
    limits: &Limits,
) -> Result<PackageFacts> {
    let files = archive.entries().iter().filter(|entry| !entry.is_folder());
    let mut components = customizations.components;
    components.extend(customizations.variables.iter().map(|variable| Component {
        display_name: Some(variable.display_name.clone()),
        ..Component::new(ComponentType::ENVIRONMENT_VARIABLE_DEFINITION, variable.schema_name.clone())
    }));
    components.extend(files.clone().filter_map(|entry| row(&entry.name)));
    components.extend(manifest.root_components.iter().cloned());
    if components.len() > limits.items.saturating_mul(2) {
        return Err(invalid(format!("it has {} components", components.len())));
    }
    let components = without_repeats(components);
    let directory = archive.directory();
    Ok(PackageFacts {
        unique_name: manifest.unique_name,
        display_name: manifest.display_name,
        description: manifest.description,
        version: manifest.version,
        managed: manifest.managed,
        publisher: manifest.publisher.unique_name.clone(),
        publisher_details: manifest.publisher,
        platform_version: manifest.platform_version,
        solution_package_version: manifest.solution_package_version,
        language_code: manifest.language_code,
        root_components: manifest.root_components,
        missing_dependencies: manifest.missing_dependencies,
        connection_references: customizations.connection_references,
        environment_variables: customizations.variables,
        workflows: u32::try_from(customizations.workflows.len()).unwrap_or(u32::MAX),
        workflow_details: customizations.workflows,
        components,
        extended_tables: manifest.extended_tables,
        unreadable_files,
        inspection,
        environment_variable_values: customizations.values,
        canvas_apps: customizations.canvas_apps,
        entities: customizations.entities,
        files: u32::try_from(files.clone().count()).unwrap_or(u32::MAX),
        packed_bytes: directory.length,
        unpacked_bytes: files.map(|entry| entry.unpacked.value).sum(),
    })
}

/// A component that is a row of a table has a folder of its own in a folder named after the table's rows:
/// `customapis/cat_Do/customapi.xml`, and rows below it likewise.
pub(crate) fn row(path: &str) -> Option<Component> {
    let mut parts = path.rsplit('/');
    let (file, name, collection) = (parts.next()?, parts.next()?, parts.next()?);
    let table = file.strip_suffix(".xml").or_else(|| file.strip_suffix(".XML"))?;
    let is_row =
        collection.len() > table.len() && strip_prefix(collection, table).is_some_and(|plural| plural.len() <= 3);
    if !is_row || table.is_empty() || name.is_empty() {
        return None;
    }
    let parent = parts.next().map(str::to_owned);
    Some(Component { parent, ..Component::new(ComponentType::parse(table), name) })
}

/// Sorted, each component once: the one with a parent and a name for people where there is a choice.
fn without_repeats(mut components: Vec<Component>) -> Vec<Component> {
    components.sort_by_cached_key(|component| {
        let of_table = component.parent.as_deref().filter(|_| component.kind == ComponentType::ATTRIBUTE);
        (
            component.kind.clone(),
            of_table.unwrap_or_default().to_ascii_lowercase(),
            component.name.to_ascii_lowercase(),
            component.display_name.is_none(),
            component.parent.is_none(),
        )
    });
    components.dedup_by(|next, kept| {
        next.kind == kept.kind
            && next.name.eq_ignore_ascii_case(&kept.name)
            && (next.kind != ComponentType::ATTRIBUTE || same(next.parent.as_deref(), kept.parent.as_deref()))
    });
    components
}

fn same(one: Option<&str>, other: Option<&str>) -> bool {
    one.unwrap_or_default().eq_ignore_ascii_case(other.unwrap_or_default())
}

fn strip_prefix<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let (head, rest) = text.split_at_checked(prefix.len())?;
    head.eq_ignore_ascii_case(prefix).then_some(rest)
}

/// The extension of a file as content types count it: what stands behind the last dot of its name, in lower case; empty
/// where there is none.
pub(crate) fn extension(file: &str) -> String {
    let name = file.rsplit('/').next().unwrap_or(file);
    name.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase()).unwrap_or_default()
}

/// Content types, at most.
const MOST_TYPES: usize = 65_535;

/// `[Content_Types].xml`: which files have a type.
#[derive(Default)]
pub(crate) struct ContentTypes {
    /// Extensions in lower case.
    pub(crate) extensions: HashSet<String>,
    /// Single files, in lower case, without a slash at the beginning.
    pub(crate) parts: HashSet<String>,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum TypesElement {
    #[default]
    Other,
    Document,
    Types,
}

impl Reading for ContentTypes {
    type Element = TypesElement;

    const DOCUMENT: TypesElement = TypesElement::Document;

    fn start(&mut self, parent: TypesElement, name: &str, attributes: &Attributes<'_>) -> Result<TypesElement> {
        Ok(match (parent, name) {
            (TypesElement::Document, "Types") => TypesElement::Types,
            (TypesElement::Document, other) => {
                return Err(invalid(format!("{CONTENT_TYPES} begins with “{other}” instead of “Types”")));
            }
            // More than there can be files.
            (TypesElement::Types, _) if self.extensions.len() + self.parts.len() > MOST_TYPES => TypesElement::Other,
            (TypesElement::Types, "Default") => {
                self.extensions.extend(attributes.get("Extension")?.map(|extension| extension.to_ascii_lowercase()));
                TypesElement::Other
            }
            (TypesElement::Types, "Override") => {
                let part = attributes.get("PartName")?;
                self.parts.extend(part.map(|part| part.trim_start_matches('/').to_ascii_lowercase()));
                TypesElement::Other
            }
            _ => TypesElement::Other,
        })
    }

    fn end(&mut self, _: TypesElement, _: &str) -> Result<()> {
        Ok(())
    }

    fn has_text(_: TypesElement) -> bool {
        false
    }
}
