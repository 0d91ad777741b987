//! `solution.xml`: what a package says of itself.

use crate::{
    Limits, PackageError, Result,
    naming::{self, Named},
    xml::{self, Attributes, Reading, unexpected},
};
use model::{
    Component, ComponentType, ErrorCode, SolutionVersion,
    package::{MissingDependency, Publisher, RequiredSolution},
};
use std::{collections::HashSet, io::Read};

/// The file.
pub(crate) const FILE: &str = "solution.xml";

/// What stands in `solution.xml`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manifest {
    /// Unique name of the solution.
    pub unique_name: String,
    /// Name for people; the unique name where the package has none.
    pub display_name: String,
    /// Description, possibly empty.
    pub description: String,
    /// Version of the solution.
    pub version: SolutionVersion,
    /// Whether the package is managed.
    pub managed: bool,
    /// The publisher.
    pub publisher: Publisher,
    /// Version of the platform that wrote the package.
    pub platform_version: Option<String>,
    /// `SolutionPackageVersion`.
    pub solution_package_version: Option<String>,
    /// Language code of the package.
    pub language_code: Option<u32>,
    /// The components it lists.
    pub root_components: Vec<Component>,
    /// Tables it only extends.
    pub extended_tables: Vec<String>,
    /// What has to be in the target.
    pub missing_dependencies: Vec<MissingDependency>,
}

/// Reads the file.
pub(crate) fn read(source: impl Read, limits: &Limits) -> Result<Manifest> {
    let mut draft = Draft { most: limits.items, ..Draft::default() };
    xml::read(source, FILE, limits, &mut draft)?;
    draft.finish()
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Element {
    #[default]
    Other,
    Document,
    Root,
    Manifest,
    UniqueName,
    Names,
    Descriptions,
    Version,
    Managed,
    Publisher,
    PublisherUniqueName,
    PublisherNames,
    PublisherPrefix,
    PublisherOptionPrefix,
    RootComponents,
    MissingDependencies,
    MissingDependency,
}

#[derive(Default)]
struct Draft {
    most: usize,
    unique_name: Option<String>,
    names: Texts,
    descriptions: Texts,
    version: Option<String>,
    managed: Option<String>,
    publisher_name: Option<String>,
    publisher_names: Texts,
    prefix: Option<String>,
    option_prefix: Option<String>,
    platform_version: Option<String>,
    package_version: Option<String>,
    language: Option<u32>,
    root_components: Vec<Component>,
    seen: HashSet<(ComponentType, String, Option<String>)>,
    extended_tables: Vec<String>,
    missing: Vec<MissingDependency>,
    required: Option<(Component, Option<String>, RequiredSolution)>,
}

/// A text in several languages.
#[derive(Default)]
struct Texts(Vec<(Option<u32>, String)>);

impl Texts {
    fn add(&mut self, attributes: &Attributes<'_>) -> Result<()> {
        let language = attributes.get("languagecode")?.and_then(|code| code.parse().ok());
        if let Some(text) = attributes.get("description")? {
            self.0.push((language, text));
        }
        Ok(())
    }

    /// The text in a language; the first one where there is none.
    fn take(self, language: Option<u32>) -> Option<String> {
        let at = self.0.iter().position(|(code, _)| code.is_some() && *code == language).unwrap_or_default();
        self.0.into_iter().nth(at).map(|(_, text)| text).filter(|text| !text.trim().is_empty())
    }
}

impl Reading for Draft {
    type Element = Element;

    const DOCUMENT: Element = Element::Document;

    fn start(&mut self, parent: Element, name: &str, attributes: &Attributes<'_>) -> Result<Element> {
        use Element as E;
        Ok(match (parent, name) {
            (E::Document, "ImportExportXml") => {
                self.platform_version = attributes.get("version")?;
                self.package_version = attributes.get("SolutionPackageVersion")?;
                self.language = attributes.get("languagecode")?.and_then(|code| code.parse().ok());
                E::Root
            }
            (E::Document, other) => {
                return Err(unexpected(FILE, format!("it begins with “{other}” instead of “ImportExportXml”")));
            }
            (E::Root, "SolutionManifest") => E::Manifest,
            (E::Manifest, "UniqueName") => E::UniqueName,
            (E::Manifest, "LocalizedNames") => E::Names,
            (E::Manifest, "Descriptions") => E::Descriptions,
            (E::Manifest, "Version") => E::Version,
            (E::Manifest, "Managed") => E::Managed,
            (E::Manifest, "Publisher") => E::Publisher,
            (E::Manifest, "RootComponents") => E::RootComponents,
            (E::Manifest, "MissingDependencies") => E::MissingDependencies,
            (E::Names, "LocalizedName") => {
                self.names.add(attributes)?;
                E::Other
            }
            (E::Descriptions, "Description") => {
                self.descriptions.add(attributes)?;
                E::Other
            }
            (E::Publisher, "UniqueName") => E::PublisherUniqueName,
            (E::Publisher, "LocalizedNames") => E::PublisherNames,
            (E::Publisher, "CustomizationPrefix") => E::PublisherPrefix,
            (E::Publisher, "CustomizationOptionValuePrefix") => E::PublisherOptionPrefix,
            (E::PublisherNames, "LocalizedName") => {
                self.publisher_names.add(attributes)?;
                E::Other
            }
            (E::RootComponents, "RootComponent") => {
                self.root_component(attributes)?;
                E::Other
            }
            (E::MissingDependencies, "MissingDependency") => E::MissingDependency,
            (E::MissingDependency, "Required") => {
                let required = named(attributes, "Required")?;
                let solution = required_solution(required.solution.as_deref().unwrap_or_default());
                self.required = Some((required.component, required.id, solution));
                E::Other
            }
            (E::MissingDependency, "Dependent") => {
                let dependent = named(attributes, "Dependent")?.component;
                let (required, required_id, required_solution) = self
                    .required
                    .take()
                    .ok_or_else(|| unexpected(FILE, "a missing dependency does not say what is required"))?;
                if self.missing.len() >= self.most {
                    return Err(unexpected(FILE, format!("it has more than {} missing dependencies", self.most)));
                }
                self.missing.push(MissingDependency { required, required_solution, dependent, required_id });
                E::Other
            }
            _ => E::Other,
        })
    }

    fn end(&mut self, element: Element, text: &str) -> Result<()> {
        let place = match element {
            Element::UniqueName => &mut self.unique_name,
            Element::Version => &mut self.version,
            Element::Managed => &mut self.managed,
            Element::PublisherUniqueName => &mut self.publisher_name,
            Element::PublisherPrefix => &mut self.prefix,
            Element::PublisherOptionPrefix => &mut self.option_prefix,
            Element::MissingDependency if self.required.take().is_some() => {
                return Err(unexpected(FILE, "a missing dependency does not say what needs it"));
            }
            _ => return Ok(()),
        };
        *place = Some(text.trim().to_owned());
        Ok(())
    }

    fn has_text(element: Element) -> bool {
        use Element as E;
        matches!(
            element,
            E::UniqueName
                | E::Version
                | E::Managed
                | E::PublisherUniqueName
                | E::PublisherPrefix
                | E::PublisherOptionPrefix
        )
    }
}

impl Draft {
    fn root_component(&mut self, attributes: &Attributes<'_>) -> Result<()> {
        let Named { component, behavior, .. } = named(attributes, "RootComponent")?;
        if self.root_components.len() >= self.most {
            return Err(unexpected(FILE, format!("it has more than {} components", self.most)));
        }
        // Two tables may each have a column of the same name.
        let parent = component.parent.as_ref().map(|parent| parent.to_ascii_lowercase());
        if !self.seen.insert((component.kind.clone(), component.name.to_ascii_lowercase(), parent)) {
            return Err(PackageError::new(
                ErrorCode::DUPLICATE_COMPONENT,
                format!(
                    "The file “{FILE}” lists the {} “{}” twice.",
                    component.kind.label().to_lowercase(),
                    component.name
                ),
            ));
        }
        if component.kind == ComponentType::ENTITY && matches!(behavior.as_deref(), Some("1" | "2")) {
            self.extended_tables.push(component.name.clone());
        }
        self.root_components.push(component);
        Ok(())
    }

    fn finish(self) -> Result<Manifest> {
        let missing = |what: &str| unexpected(FILE, format!("it has no {what}"));
        let unique_name = naming::name(self.unique_name.ok_or_else(|| missing("unique name"))?, FILE)?;
        if !is_unique_name(&unique_name) {
            return Err(PackageError::new(
                ErrorCode::INVALID_UNIQUE_NAME,
                format!(
                    "“{}” is not a unique name of a solution. It begins with a letter or an underscore and has only letters, digits and underscores.",
                    unique_name.chars().take(100).collect::<String>()
                ),
            ));
        }
        let version = self.version.ok_or_else(|| missing("version"))?;
        let version = version.parse().map_err(|cause: model::version::InvalidVersion| {
            PackageError::new(ErrorCode::INVALID_VERSION, cause.to_string())
        })?;
        let managed = match self.managed.as_deref() {
            Some("0") => false,
            Some("1") => true,
            Some(_) => {
                return Err(unexpected(FILE, "it says neither that the solution is managed nor that it is unmanaged"));
            }
            None => return Err(missing("mark whether the solution is managed")),
        };
        let publisher_name = self.publisher_name.filter(|name| !name.is_empty()).ok_or_else(|| missing("publisher"))?;
        Ok(Manifest {
            display_name: self.names.take(self.language).unwrap_or_else(|| unique_name.clone()),
            description: self.descriptions.take(self.language).unwrap_or_default(),
            unique_name,
            version,
            managed,
            publisher: Publisher {
                display_name: self.publisher_names.take(self.language).unwrap_or_else(|| publisher_name.clone()),
                unique_name: publisher_name,
                prefix: self.prefix.unwrap_or_default(),
                option_value_prefix: self.option_prefix.and_then(|text| text.parse().ok()).unwrap_or_default(),
            },
            platform_version: self.platform_version,
            solution_package_version: self.package_version,
            language_code: self.language,
            root_components: self.root_components,
            extended_tables: self.extended_tables,
            missing_dependencies: self.missing,
        })
    }
}

fn named(attributes: &Attributes<'_>, element: &str) -> Result<Named> {
    naming::component(attributes)?
        .ok_or_else(|| unexpected(FILE, format!("an element “{element}” has no type or no name")))
}

/// Whether a text can be the unique name of a solution.
fn is_unique_name(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
        && name.chars().all(|character| character.is_ascii_alphanumeric() || character == '_')
}

/// Reads `Active`, `System (5.0)` or `Name (version)`. Nothing means the same as `Active`: somebody has to bring it.
fn required_solution(text: &str) -> RequiredSolution {
    let text = text.trim();
    let (name, version) = match text.split_once('(') {
        Some((name, rest)) => (name.trim(), rest.trim_end_matches(')').trim().parse().ok()),
        None => (text, None),
    };
    if name.is_empty() || name.eq_ignore_ascii_case("Active") {
        RequiredSolution::Active
    } else if name.eq_ignore_ascii_case("System") {
        RequiredSolution::System
    } else {
        RequiredSolution::Named { name: name.to_owned(), version }
    }
}
