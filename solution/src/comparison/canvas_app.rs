//! A canvas app: its screens, controls with their formulas, data sources, settings and media, read from the `.msapp`
//! inside the package (a zip in the zip).

use super::{
    difference::{Differences, Part},
    node::{Kind, Node},
    source,
    table::parts,
    text::shorten,
};
use crate::{Limits, PackageError, Result, archive::Archive, variables::json};
use model::stage_run::ChangeKind;
use std::{
    collections::{BTreeMap, BTreeSet},
    io::Cursor,
};

type Parts = BTreeMap<String, (String, Node)>;

/// Bytes of an app that is looked into.
pub(super) const MOST: u64 = 64 << 20;

/// Files that say when and with what an app was saved, and nothing of the app.
const MARKS: [&str; 10] = [
    "header.json",
    "checksum.json",
    "appcheckerresult.sarif",
    ".gitignore",
    "resources/publishinfo.json",
    "componentsmetadata.json",
    "entropy/",
    "src/_editorstate.pa.yaml",
    "src/editorstate/",
    "editorstate/",
];

/// Settings that are counted or measured when an app is saved.
const MEASURED: [&str; 8] = [
    "LastControlUniqueId",
    "ControlCount",
    "AnalysisLoadTime",
    "DeserializationLoadTime",
    "ErrorCount",
    "ParserErrorCount",
    "BindingErrorCount",
    "InstrumentationKey",
];

/// What is in an app.
#[derive(Default)]
pub(super) struct CanvasApp {
    /// From `Controls/*.json` and `Components/*.json`: every property of every control.
    controls: Option<Controls>,
    /// From `Src/*.pa.yaml`: properties that are not as they are by default.
    source: Option<Controls>,
    data_sources: Parts,
    settings: Node,
    /// Media and all other files, with their checksums and sizes.
    files: BTreeMap<String, (u32, u64)>,
}

/// Controls by their names, which are unique in an app: screens, components, and all others.
#[derive(Clone, Default)]
pub(super) struct Controls {
    pub(super) screens: Parts,
    pub(super) components: Parts,
    pub(super) others: Parts,
}

impl CanvasApp {
    /// Reads an app.
    pub(super) fn read(content: Vec<u8>, limits: &Limits) -> Result<Self> {
        let limits = Limits { entries: 20_000, whole_bytes: 32 << 20, ..limits.clone() };
        let mut archive = Archive::open(Cursor::new(content), &limits)?;
        let mut app = Self::default();
        let entries: Vec<_> = archive
            .entries()
            .iter()
            .enumerate()
            .filter(|(_, entry)| !entry.is_folder())
            .map(|(index, entry)| (index, entry.name.clone(), entry.crc, entry.unpacked.value))
            .collect();
        for (index, name, crc, size) in entries {
            let lower = name.to_ascii_lowercase();
            let is_json = has_extension(&lower, ".json");
            if is_json && (lower.starts_with("controls/") || lower.starts_with("components/")) {
                let file: serde_json::Value = json(&archive.whole(index, &limits)?, &name)?;
                let controls = app.controls.get_or_insert_default();
                if let Some(top) = file.get("TopParent") {
                    controls.add(top, None);
                }
            } else if MARKS.iter().any(|mark| lower == *mark || (mark.ends_with('/') && lower.starts_with(mark))) {
                // Nothing of the app.
            } else if lower.starts_with("src/") && lower.ends_with(".pa.yaml") {
                let content = archive.whole(index, &limits)?;
                let node = source::yaml(&content, &name, &limits)?;
                source::controls(&node, app.source.get_or_insert_default());
            } else if lower == "references/datasources.json" {
                let file: serde_json::Value = json(&archive.whole(index, &limits)?, &name)?;
                app.data_sources = data_sources(&file);
            } else if lower == "properties.json" {
                let file: serde_json::Value = json(&archive.whole(index, &limits)?, &name)?;
                app.settings = Node::of_json("", &file);
                app.settings.children.retain(|setting| !MEASURED.contains(&setting.name.as_str()));
            } else if !lower.starts_with("src/") {
                app.files.insert(name, (crc, size));
            }
        }
        if app.controls.is_none() && app.source.is_none() {
            return Err(not_an_app());
        }
        Ok(app)
    }

    /// Compares two apps.
    pub(super) fn compare(differences: &mut Differences, before: Self, after: Self) {
        let (ones, others) = alike(before.controls, before.source, after.controls, after.source);
        parts(differences, "Screen", &ones.screens, &others.screens, false);
        parts(differences, "Component", &ones.components, &others.components, false);
        parts(differences, "Control", &ones.others, &others.others, false);
        parts(differences, "Data source", &before.data_sources, &after.data_sources, false);
        differences.nodes(Part { kind: "Setting", name: "App" }, &before.settings, &after.settings);
        let names: BTreeSet<&String> = before.files.keys().chain(after.files.keys()).collect();
        for name in names {
            let lower = name.to_ascii_lowercase();
            let is_media =
                lower.starts_with("assets/") || (lower.starts_with("resources/") && !has_extension(&lower, ".json"));
            let part = Part { kind: if is_media { "Media" } else { "File" }, name };
            match (before.files.get(name), after.files.get(name)) {
                (Some(one), Some(other)) if one != other => differences.part(part, ChangeKind::Changed, false),
                (Some(_), None) => differences.part(part, ChangeKind::Removed, false),
                (None, Some(_)) => differences.part(part, ChangeKind::Added, false),
                _ => {}
            }
        }
    }
}

fn not_an_app() -> PackageError {
    PackageError::new(model::ErrorCode::INVALID_FILE, "It has no controls in it.").of_one_file()
}

fn has_extension(name: &str, extension: &str) -> bool {
    name.ends_with(extension)
}

/// The controls of two apps in one form. The two forms differ in what they leave out, so where the apps have none in
/// common, only what both say is compared.
fn alike(
    controls: Option<Controls>,
    source: Option<Controls>,
    other_controls: Option<Controls>,
    other_source: Option<Controls>,
) -> (Controls, Controls) {
    match (controls, source, other_controls, other_source) {
        (Some(one), _, Some(other), _) | (_, Some(one), _, Some(other)) => (one, other),
        (one, one_source, other, other_source) => {
            let mut one = one.or(one_source).unwrap_or_default();
            let mut other = other.or(other_source).unwrap_or_default();
            one.keep_common(&mut other);
            (one, other)
        }
    }
}

impl Controls {
    /// Adds a control of `Controls/*.json` with all that is in it.
    fn add(&mut self, control: &serde_json::Value, screen: Option<&str>) {
        let text = |name: &str| control.get(name).and_then(serde_json::Value::as_str);
        let Some(name) = text("Name") else { return };
        let template = control.get("Template");
        let of_template = |name: &str| template.and_then(|template| template.get(name)?.as_str()).unwrap_or_default();
        let kind = of_template("Name").to_owned();
        let mut properties = vec![("Type".to_owned(), format!("{kind} {}", of_template("Version")).trim().to_owned())];
        if let Some(parent) = text("Parent").filter(|parent| !parent.is_empty()) {
            properties.push(("Parent".to_owned(), parent.to_owned()));
        }
        if let Some(variant) = text("VariantName").filter(|variant| !variant.is_empty()) {
            properties.push(("Variant".to_owned(), variant.to_owned()));
        }
        let rules = control.get("Rules").and_then(serde_json::Value::as_array);
        for rule in rules.into_iter().flatten() {
            let of_rule = |name: &str| rule.get(name).and_then(serde_json::Value::as_str);
            if let (Some(property), Some(formula)) = (of_rule("Property"), of_rule("InvariantScript")) {
                properties.push((property.to_owned(), formula.to_owned()));
            }
        }
        let is_component = of_template("IsComponentDefinition") == "true"
            || template.and_then(|template| template.get("IsComponentDefinition")?.as_bool()) == Some(true);
        self.insert(name, screen, kind == "screen", is_component, properties);
        let screen = screen.unwrap_or(name);
        let children = control.get("Children").and_then(serde_json::Value::as_array);
        for child in children.into_iter().flatten() {
            self.add(child, Some(screen));
        }
    }

    /// Adds one control with its properties.
    pub(super) fn insert(
        &mut self,
        name: &str,
        screen: Option<&str>,
        is_screen: bool,
        is_component: bool,
        properties: Vec<(String, String)>,
    ) {
        let property = |(name, text): (String, String)| Node { kind: Kind::Text, name, text, ..Node::default() };
        let node = Node {
            kind: Kind::Object,
            name: name.to_owned(),
            children: properties.into_iter().map(property).collect(),
            ..Node::default()
        };
        let mut shown = name.to_owned();
        shorten(&mut shown);
        if let Some(screen) = screen {
            // Everything on a screen says where it is.
            let mut screen = screen.to_owned();
            shorten(&mut screen);
            shown = format!("{screen} › {shown}");
        }
        let parts = match (is_screen, is_component) {
            (true, _) => &mut self.screens,
            (false, true) => &mut self.components,
            (false, false) => &mut self.others,
        };
        parts.insert(name.to_owned(), (shown, node));
    }

    fn keep_common(&mut self, other: &mut Self) {
        for (ones, others) in [
            (&mut self.screens, &mut other.screens),
            (&mut self.components, &mut other.components),
            (&mut self.others, &mut other.others),
        ] {
            for (key, (_, one)) in ones.iter_mut() {
                let Some((_, other)) = others.get_mut(key) else { continue };
                let is_formula = |name: &str| !matches!(name, "Type" | "Parent" | "Variant");
                one.children.retain(|child| is_formula(&child.name) && other.child(&child.name).is_some());
                other.children.retain(|child| is_formula(&child.name) && one.child(&child.name).is_some());
            }
        }
    }
}

fn data_sources(file: &serde_json::Value) -> Parts {
    let list = file.get("DataSources").and_then(serde_json::Value::as_array);
    let mut parts = Parts::new();
    for source in list.into_iter().flatten() {
        let text = |name: &str| source.get(name).and_then(serde_json::Value::as_str).unwrap_or_default();
        let (name, kind) = (text("Name"), text("Type"));
        parts.insert(format!("{name} {kind}"), (name.to_owned(), Node::of_json("", source)));
    }
    parts
}
