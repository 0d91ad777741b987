//! Looking into the files of a package: what is named and not there, what is not whole, what gives something away.

use crate::{
    Limits, Result,
    archive::Archive,
    customizations::{self, Customizations},
    exposure, flow,
    manifest::{self, Manifest},
    read::{CONTENT_TYPES, ContentTypes, extension},
    variables::OLD_VALUES,
};
use model::{
    Component, ComponentType, ErrorCode,
    inspection::{ConnectorUse, Exposure, ExposureKind, FileExtension, Inspection, PackagedFile},
    package::UnreadableFile,
    variable::VariableType,
};
use std::{
    collections::{BTreeMap, HashSet},
    io::{self, Read, Seek},
};

/// Places that give something away: more are not told.
const MOST_EXPOSURES: usize = 500;
/// Bytes from the end of a zip in which its directory's end stands: the record and its comment.
const TAIL: usize = 22 + 65_535;
const END_SIGNATURE: [u8; 4] = [0x50, 0x4b, 0x05, 0x06];
const LOCAL_SIGNATURE: [u8; 4] = [0x50, 0x4b, 0x03, 0x04];

/// What is noted of flows while they are read.
#[derive(Debug, Default)]
pub(crate) struct Notes {
    exposures: Vec<Exposure>,
    connector_uses: Vec<ConnectorUse>,
    /// Whether `customizations.xml` could be read to its end; else nobody knows what it does not define.
    pub(crate) is_whole: bool,
}

impl Notes {
    /// Notes what a flow works with and gives away.
    pub(crate) fn flow(&mut self, component: &Component, uses: &flow::Uses, content: &[u8]) {
        let connectors = uses.connectors.iter().cloned();
        self.connector_uses
            .extend(connectors.map(|connector| ConnectorUse { connector, component: component.clone() }));
        let left = MOST_EXPOSURES.saturating_sub(self.exposures.len());
        self.exposures.extend(flow::exposed(content, left).into_iter().map(|found| exposed(component, found)));
    }
}

fn exposed(component: &Component, found: exposure::Found) -> Exposure {
    Exposure { kind: found.kind, component: component.clone(), place: found.place, masked: found.masked }
}

/// Looks into a package that was read.
pub(crate) fn inspect<R: Read + Seek>(
    archive: &mut Archive<R>,
    manifest: &Manifest,
    customizations: &mut Customizations,
    types: &ContentTypes,
    notes: Notes,
    limits: &Limits,
) -> Result<Inspection> {
    let Notes { mut exposures, mut connector_uses, is_whole } = notes;
    connector_uses.append(&mut customizations.connector_uses);
    connector_uses.extend(customizations.connection_references.iter().map(|reference| ConnectorUse {
        connector: reference.connector_name().to_ascii_lowercase(),
        component: Component {
            display_name: Some(reference.display_name.clone()),
            ..Component::new(ComponentType::connection_reference(), reference.logical_name.clone())
        },
    }));
    connector_uses.sort();
    connector_uses.dedup();
    exposures.extend(of_variables(customizations));
    exposures.truncate(MOST_EXPOSURES);
    let mut languages = std::mem::take(&mut customizations.languages);
    languages.extend(manifest.language_code);
    languages.sort_unstable();
    languages.dedup();
    let missing_files =
        customizations.files.iter().filter(|named| archive.find(&named.file).is_none()).cloned().collect();
    let files = archive.entries().iter().filter(|entry| !entry.is_folder());
    let is_own = |name: &str| [manifest::FILE, customizations::FILE, CONTENT_TYPES].contains(&name);
    let largest = files.clone().filter(|entry| !is_own(&entry.name)).max_by_key(|entry| entry.unpacked.value);
    let largest_file = largest.map(|entry| PackagedFile { file: entry.name.clone(), bytes: entry.unpacked.value });
    let untyped_files = untyped(files.clone().map(|entry| entry.name.as_str()), types);
    let web_resources =
        customizations.components.iter().filter(|component| component.kind == ComponentType::WEB_RESOURCE);
    let names = files.map(|entry| entry.name.as_str()).chain(web_resources.map(|component| component.name.as_str()));
    let extensions = extensions(names);
    Ok(Inspection {
        languages,
        missing_files,
        damaged_apps: damaged_apps(archive, customizations, limits)?,
        exposures,
        undefined_components: if is_whole { undefined(manifest, customizations) } else { Vec::new() },
        undeclared_components: undeclared(manifest, customizations),
        repeated_components: repeated(customizations),
        untyped_files,
        extensions,
        largest_file,
        connector_uses,
        variables_in_old_layout: archive.find(OLD_VALUES).is_some(),
    })
}

/// What the values of variables give away. That a value is an address is what variables are for.
fn of_variables(customizations: &Customizations) -> Vec<Exposure> {
    let mut exposures = Vec::new();
    for variable in &customizations.variables {
        if variable.kind == VariableType::Secret {
            continue;
        }
        let component = Component {
            display_name: Some(variable.display_name.clone()),
            ..Component::new(ComponentType::ENVIRONMENT_VARIABLE_DEFINITION, variable.schema_name.clone())
        };
        for (place, value) in [("default value", &variable.default_value), ("current value", &variable.packaged_value)]
        {
            let found = exposure::of_text(place, value.as_deref().unwrap_or_default());
            let secret = found.into_iter().filter(|found| {
                matches!(found.kind, ExposureKind::Signature | ExposureKind::Key | ExposureKind::Token)
            });
            exposures.extend(secret.map(|found| exposed(&component, found)));
        }
    }
    exposures
}

/// One file of each extension that has no content type. A list without any type says nothing.
fn untyped<'a>(files: impl Iterator<Item = &'a str>, types: &ContentTypes) -> Vec<String> {
    if types.extensions.is_empty() {
        return Vec::new();
    }
    let mut first = BTreeMap::new();
    for file in files.filter(|file| !file.eq_ignore_ascii_case(CONTENT_TYPES)) {
        let extension = extension(file);
        if !types.extensions.contains(&extension) && !types.parts.contains(&file.to_ascii_lowercase()) {
            first.entry(extension).or_insert(file);
        }
    }
    first.into_values().map(str::to_owned).collect()
}

fn extensions<'a>(files: impl Iterator<Item = &'a str>) -> Vec<FileExtension> {
    let mut first = BTreeMap::new();
    for file in files {
        first.entry(extension(file)).or_insert(file);
    }
    first.remove("");
    first.into_iter().map(|(extension, file)| FileExtension { extension, file: file.to_owned() }).collect()
}

type Key = (ComponentType, String);

fn key(component: &Component) -> Key {
    (component.kind.clone(), component.name.to_ascii_lowercase())
}

/// Processes, web resources and canvas apps that only the manifest knows. Components of other kinds may be the target's.
fn undefined(manifest: &Manifest, customizations: &Customizations) -> Vec<Component> {
    let defined: HashSet<Key> = customizations.components.iter().map(key).collect();
    let is_defined_here = |root: &&Component| {
        matches!(root.kind, ComponentType::WORKFLOW | ComponentType::WEB_RESOURCE | ComponentType::CANVAS_APP)
    };
    let roots = manifest.root_components.iter().filter(is_defined_here);
    roots.filter(|root| !defined.contains(&key(root))).cloned().collect()
}

/// Tables and canvas apps that the manifest does not know. Packages of before 2013 are not asked.
fn undeclared(manifest: &Manifest, customizations: &Customizations) -> Vec<Component> {
    if manifest.solution_package_version.is_none() {
        return Vec::new();
    }
    let declared: HashSet<Key> = manifest.root_components.iter().map(key).collect();
    let is_root = |component: &&Component| matches!(component.kind, ComponentType::ENTITY | ComponentType::CANVAS_APP);
    let defined = customizations.components.iter().filter(is_root);
    defined.filter(|component| !declared.contains(&key(component))).cloned().collect()
}

fn repeated(customizations: &Customizations) -> Vec<Component> {
    let mut seen = HashSet::new();
    let reference = ComponentType::connection_reference();
    let once = |component: &&Component| {
        component.kind == reference || matches!(component.kind, ComponentType::WORKFLOW | ComponentType::CANVAS_APP)
    };
    let variables = customizations.variables.iter().map(|variable| Component {
        display_name: Some(variable.display_name.clone()),
        ..Component::new(ComponentType::ENVIRONMENT_VARIABLE_DEFINITION, variable.schema_name.clone())
    });
    let all = customizations.components.iter().filter(once).cloned().chain(variables);
    all.filter(|component| !seen.insert(key(component))).collect()
}

/// The documents of canvas apps that are cut off. Packages with more of them than may be unpacked are looked through as
/// far as half of that goes.
fn damaged_apps<R: Read + Seek>(
    archive: &mut Archive<R>,
    customizations: &Customizations,
    limits: &Limits,
) -> Result<Vec<UnreadableFile>> {
    let mut left = limits.work_bytes / 2;
    let mut damaged = Vec::new();
    let is_document = |file: &str| extension(file) == "msapp";
    for named in customizations.files.iter().filter(|named| is_document(&named.file)) {
        let Some(index) = archive.find(&named.file) else { continue };
        let size = archive.entries().get(index).map_or(0, |entry| entry.unpacked.value);
        let Some(rest) = left.checked_sub(size) else { continue };
        left = rest;
        let reason = match archive.unpack(index).map(zip_problem) {
            Ok(Ok(None)) => continue,
            Ok(Ok(Some(reason))) => reason,
            Ok(Err(error)) => match crate::PackageError::inside(&error) {
                Some(refusal) if !refusal.is_of_one_file() => return Err(refusal),
                _ => "it is damaged and cannot be unpacked",
            },
            Err(error) if error.is_of_one_file() => "it is damaged and cannot be unpacked",
            Err(error) => return Err(error),
        };
        let message = format!("The canvas app “{}” is not whole: {reason}.", named.component.label());
        damaged.push(UnreadableFile { file: named.file.clone(), code: ErrorCode::MISSING_APP_FILE, message });
    }
    Ok(damaged)
}

/// What is wrong with a zip that is read from beginning to end, without keeping it: it has to begin with a file and to
/// end with a directory that lies within it.
fn zip_problem(mut source: impl Read) -> io::Result<Option<&'static str>> {
    let mut head = Vec::with_capacity(4);
    source.by_ref().take(4).read_to_end(&mut head)?;
    let mut length = head.len() as u64;
    let mut tail: Vec<u8> = Vec::with_capacity(TAIL * 2);
    let mut buffer = vec![0; 32 << 10];
    loop {
        let count = match source.read(&mut buffer) {
            Ok(0) => break,
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        length += count as u64;
        tail.extend_from_slice(buffer.get(..count).unwrap_or_default());
        if tail.len() >= TAIL * 2 {
            tail.drain(..tail.len() - TAIL);
        }
    }
    if length == 0 {
        return Ok(Some("its document is empty"));
    }
    if head != LOCAL_SIGNATURE {
        return Ok(Some("its document is not a zip file"));
    }
    let number = |at: usize| {
        let bytes = tail.get(at..at + 4)?;
        Some(u64::from(u32::from_le_bytes(bytes.try_into().ok()?)))
    };
    let end = tail.windows(4).rposition(|window| window == END_SIGNATURE);
    let whole = end.and_then(|end| {
        let (size, start) = (number(end + 12)?, number(end + 16)?);
        let end_in_file = length - (tail.len() - end) as u64;
        Some(start.saturating_add(size) <= end_in_file || start == u64::from(u32::MAX))
    });
    Ok(match whole {
        Some(true) => None,
        Some(false) => Some("its document has lost a piece"),
        None => Some("its document ends too early"),
    })
}
