//! `customizations.xml`: what a package brings.

use crate::{
    Limits, Result, naming,
    part::{Kind, is_part, list, names_file},
    xml::{self, Attributes, Reading, unexpected},
};
use model::{
    Component, ComponentType,
    connection::{ConnectionReference, connector_name},
    inspection::{ConnectorUse, MissingFile},
    package::Workflow,
    variable::{EnvironmentVariable, VariableType},
};
use serde::Deserialize;
use std::{collections::BTreeMap, io::Read};

/// The file.
pub(crate) const FILE: &str = "customizations.xml";

/// Files that one part names, at most.
const MOST_FILES: usize = 20;
/// Languages, at most; the platform has fewer than a hundred.
const MOST_LANGUAGES: usize = 1_000;

/// What stands in `customizations.xml`.
#[derive(Debug, Default)]
pub(crate) struct Customizations {
    /// Components of every kind, tables with what belongs to them.
    pub(crate) components: Vec<Component>,
    /// Connection references.
    pub(crate) connection_references: Vec<ConnectionReference>,
    /// Environment variables in the layout of 2020 and 2021.
    pub(crate) variables: Vec<EnvironmentVariable>,
    /// Processes and flows, without what stands in their own files.
    pub(crate) workflows: Vec<Workflow>,
    /// Number of tables.
    pub(crate) entities: u32,
    /// Number of canvas apps.
    pub(crate) canvas_apps: u32,
    /// Number of packaged values of variables.
    pub(crate) values: u32,
    /// The files that components name, whether they are in the package or not.
    pub(crate) files: Vec<MissingFile>,
    /// Connectors that canvas apps use.
    pub(crate) connector_uses: Vec<ConnectorUse>,
    /// Language codes of the labels.
    pub(crate) languages: Vec<u32>,
    most: usize,
    table: String,
    part: Part,
    reference: Reference,
    workflow: Process,
    definition: Definition,
}

/// Reads the file. What was read before a mistake in the file stays in `into`.
pub(crate) fn read(source: impl Read, limits: &Limits, into: &mut Customizations) -> Result<()> {
    into.most = limits.items;
    xml::read(source, FILE, limits, into)
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Element {
    #[default]
    Other,
    Document,
    Root,
    Entities,
    Entity,
    EntityName,
    EntityInfo,
    EntityBody,
    Attributes,
    EntityKeys,
    FormXml,
    Forms,
    SavedQueries,
    Views,
    Charts,
    List(Kind),
    Part(Kind),
    PartName,
    PartTitle,
    PartTitles,
    PartParent,
    PartFile,
    PartConnectors,
    PluginTypes,
    References,
    Reference,
    ReferenceText(Field),
    CustomConnector,
    Workflows,
    Workflow,
    WorkflowText(Field),
    Variables,
    Definition,
    DefinitionText(Field),
    DefinitionTitle,
    DefinitionTitles,
    DefinitionDescription,
    DefinitionDescriptions,
    Languages,
    Language,
}

/// Texts of connection references, workflows and variables.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Field {
    Title,
    Description,
    Connector,
    CustomConnector,
    Category,
    State,
    File,
    SchemaName,
    Required,
    Type,
    Default,
}

#[derive(Debug, Default)]
struct Part {
    name: String,
    title: Option<String>,
    parent: Option<String>,
    files: Vec<String>,
    connectors: Vec<String>,
}

#[derive(Debug, Default)]
struct Reference {
    logical_name: String,
    display_name: String,
    description: String,
    connector_id: String,
    custom_connector_id: Option<String>,
}

#[derive(Debug, Default)]
struct Process {
    id: String,
    name: String,
    category: u32,
    active: bool,
    file: Option<String>,
}

#[derive(Debug, Default)]
struct Definition {
    schema_name: String,
    display_name: Option<String>,
    description: Option<String>,
    kind: Option<VariableType>,
    default_value: Option<String>,
    required: bool,
}

impl Reading for Customizations {
    type Element = Element;

    const DOCUMENT: Element = Element::Document;

    fn start(&mut self, parent: Element, name: &str, attributes: &Attributes<'_>) -> Result<Element> {
        use Element as E;
        Ok(match (parent, name) {
            (E::Document, "ImportExportXml") => E::Root,
            (E::Document, other) => {
                return Err(unexpected(FILE, format!("it begins with “{other}” instead of “ImportExportXml”")));
            }
            (E::Root, "Entities") => E::Entities,
            (E::Root, "connectionreferences") => E::References,
            (E::Root, "Workflows") => E::Workflows,
            (E::Root, "EnvironmentVariables") => E::Variables,
            (E::Root, "Languages") => E::Languages,
            (E::Languages, "Language") => E::Language,
            (E::Root, other) => list(other).map_or(E::Other, E::List),
            (E::List(kind), part) if is_part(kind, part) => self.begin(kind, attributes)?,

            (E::Entities, "Entity") => {
                self.entities += 1;
                self.table.clear();
                E::Entity
            }
            (E::Entity, "Name") => {
                self.part = Part { title: attributes.get("LocalizedName")?, ..Part::default() };
                E::EntityName
            }
            (E::Entity, "EntityInfo") => E::EntityInfo,
            (E::EntityInfo, "entity") => E::EntityBody,
            (E::EntityBody, "attributes") => E::Attributes,
            (E::EntityBody, "EntityKeys") => E::EntityKeys,
            (E::Entity, "FormXml") => E::FormXml,
            (E::FormXml, "forms") => E::Forms,
            (E::Entity, "SavedQueries") => E::SavedQueries,
            (E::SavedQueries, "savedqueries") => E::Views,
            (E::Entity, "Visualizations") => E::Charts,
            (E::Attributes, "attribute") => {
                self.begin(Kind::Attribute, attributes)?;
                self.part.name = attributes.get("PhysicalName")?.unwrap_or_default().to_ascii_lowercase();
                E::Part(Kind::Attribute)
            }
            (E::EntityKeys, "EntityKey") => self.begin(Kind::EntityKey, attributes)?,
            (E::Forms, "systemform") => self.begin(Kind::Form, attributes)?,
            (E::Views, "savedquery") => self.begin(Kind::View, attributes)?,
            (E::Charts, "visualization") => self.begin(Kind::Chart, attributes)?,

            (E::Part(Kind::Assembly), "PluginTypes") => {
                // Its types are parts of their own, so the assembly is complete.
                self.finish(Kind::Assembly)?;
                E::PluginTypes
            }
            (E::PluginTypes, "PluginType") => self.begin(Kind::PluginType, attributes)?,
            (E::Part(Kind::Relationship), "ReferencingEntityName" | "FirstEntityName") => E::PartParent,
            (E::Part(_), "LocalizedNames" | "displaynames") => E::PartTitles,
            (E::PartTitles, "LocalizedName" | "displayname") => {
                if self.part.title.is_none() {
                    self.part.title = attributes.get("description")?;
                }
                E::Other
            }
            (E::Part(Kind::CanvasApp), "ConnectionReferences") => E::PartConnectors,
            (E::Part(kind), child) if names_file(kind, child) => E::PartFile,
            (E::Part(kind), child) => {
                let shape = kind.shape();
                if child == shape.name {
                    E::PartName
                } else if child == shape.title {
                    E::PartTitle
                } else {
                    E::Other
                }
            }

            (E::References, "connectionreference") => {
                let logical_name = attributes.get("connectionreferencelogicalname")?.unwrap_or_default();
                self.reference = Reference { logical_name, ..Reference::default() };
                E::Reference
            }
            (E::Reference, "connectionreferencedisplayname") => E::ReferenceText(Field::Title),
            (E::Reference, "connectorid") => E::ReferenceText(Field::Connector),
            (E::Reference, "description") => E::ReferenceText(Field::Description),
            (E::Reference, "customconnectorid") => E::CustomConnector,
            (E::CustomConnector, "connectorid") => E::ReferenceText(Field::CustomConnector),

            (E::Workflows, "Workflow") => {
                self.workflow = Process {
                    id: naming::id(&attributes.get("WorkflowId")?.unwrap_or_default()),
                    name: naming::cut(attributes.get("Name")?.unwrap_or_default()),
                    ..Process::default()
                };
                E::Workflow
            }
            (E::Workflow, "Category") => E::WorkflowText(Field::Category),
            (E::Workflow, "StateCode") => E::WorkflowText(Field::State),
            (E::Workflow, "JsonFileName" | "XamlFileName") => E::WorkflowText(Field::File),

            (E::Variables, "Definition") => {
                self.definition = Definition::default();
                E::Definition
            }
            (E::Definition, "SchemaName" | "Name") => E::DefinitionText(Field::SchemaName),
            (E::Definition, "IsRequired") => E::DefinitionText(Field::Required),
            (E::Definition, "Type") => E::DefinitionText(Field::Type),
            (E::Definition, "DefaultValue") => E::DefinitionText(Field::Default),
            (E::Definition, "DisplayName") => E::DefinitionTitle,
            (E::DefinitionTitle, "LocalizedNames") => E::DefinitionTitles,
            (E::DefinitionTitles, "LocalizedName") => {
                self.definition.display_name = self.definition.display_name.take().or(attributes.get("description")?);
                E::Other
            }
            (E::Definition, "Description") => E::DefinitionDescription,
            (E::DefinitionDescription, "LocalizedNames" | "Descriptions") => E::DefinitionDescriptions,
            (E::DefinitionDescriptions, "LocalizedName" | "Description") => {
                self.definition.description = self.definition.description.take().or(attributes.get("description")?);
                E::Other
            }
            _ => E::Other,
        })
    }

    fn end(&mut self, element: Element, text: &str) -> Result<()> {
        use Element as E;
        let text = || text.trim().to_owned();
        match element {
            E::EntityName => {
                self.table = text();
                let title = self.part.title.take();
                let table =
                    Component { display_name: title, ..Component::new(ComponentType::ENTITY, self.table.clone()) };
                self.push(table)?;
            }
            E::PartName => self.part.name = text(),
            E::PartTitle => self.part.title = Some(text()).filter(|title| !title.is_empty()),
            E::PartParent => self.part.parent = Some(text()),
            // Elements that a part has once; a thousand of them are somebody's joke.
            E::PartFile if self.part.files.len() < MOST_FILES => self.part.files.extend(path(&text())),
            E::PartConnectors => self.part.connectors = connectors(&text())?,
            E::Language if self.languages.len() < MOST_LANGUAGES => self.languages.extend(text().parse::<u32>().ok()),
            E::Part(Kind::CanvasApp) => {
                self.canvas_apps += 1;
                self.finish(Kind::CanvasApp)?;
            }
            E::Part(kind) => self.finish(kind)?,
            E::ReferenceText(Field::Title) => self.reference.display_name = text(),
            E::ReferenceText(Field::Connector) => self.reference.connector_id = text(),
            E::ReferenceText(Field::Description) => self.reference.description = text(),
            E::ReferenceText(Field::CustomConnector) => self.reference.custom_connector_id = Some(naming::id(&text())),
            E::Reference => self.finish_reference()?,
            E::WorkflowText(Field::Category) => self.workflow.category = text().parse().unwrap_or_default(),
            E::WorkflowText(Field::State) => self.workflow.active = text() == "1",
            E::WorkflowText(Field::File) => {
                self.workflow.file = path(&text());
            }
            E::Workflow => self.finish_workflow()?,
            E::DefinitionText(Field::SchemaName) => self.definition.schema_name = text(),
            E::DefinitionText(Field::Required) => self.definition.required = is_true(&text()),
            E::DefinitionText(Field::Type) => {
                self.definition.kind = text().parse().ok().and_then(VariableType::from_code);
            }
            E::DefinitionText(Field::Default) => {
                self.definition.default_value = Some(text()).filter(|value| !value.is_empty());
            }
            E::Definition => self.finish_definition()?,
            _ => {}
        }
        Ok(())
    }

    fn has_text(element: Element) -> bool {
        use Element as E;
        matches!(
            element,
            E::EntityName
                | E::PartName
                | E::PartTitle
                | E::PartParent
                | E::PartFile
                | E::PartConnectors
                | E::Language
                | E::ReferenceText(_)
                | E::WorkflowText(_)
                | E::DefinitionText(_)
        )
    }
}

/// Whether a flag of the platform's files is set.
pub(crate) fn is_true(text: &str) -> bool {
    text == "1" || text.eq_ignore_ascii_case("true")
}

/// The path of a file as it stands in the package; none where nothing is named.
fn path(text: &str) -> Option<String> {
    let path = text.replace('\\', "/").trim_start_matches('/').to_owned();
    Some(path).filter(|path| !path.is_empty())
}

/// The connectors of a canvas app, from the JSON in its `ConnectionReferences`: `{"<id>": {"id": "/providers/…"}}`. What
/// cannot be read says nothing.
fn connectors(text: &str) -> Result<Vec<String>> {
    #[derive(Deserialize)]
    struct Use {
        id: Option<String>,
    }
    let uses: BTreeMap<String, Use> = serde_json::from_str(text).unwrap_or_default();
    let names = uses.into_values().filter_map(|used| used.id).map(|id| connector_name(&id).to_ascii_lowercase());
    naming::used(names.collect(), FILE)
}

impl Customizations {
    fn begin(&mut self, kind: Kind, attributes: &Attributes<'_>) -> Result<Element> {
        let shape = kind.shape();
        let name = attributes.get(shape.name)?.unwrap_or_default();
        let title = if shape.title.is_empty() { None } else { attributes.get(shape.title)? };
        self.part = Part { name, title, ..Part::default() };
        Ok(Element::Part(kind))
    }

    fn finish(&mut self, kind: Kind) -> Result<()> {
        let part = std::mem::take(&mut self.part);
        if part.name.is_empty() {
            return Ok(());
        }
        let shape = kind.shape();
        let name = if shape.is_id { naming::id(&part.name) } else { part.name };
        let parent = if kind.is_of_table() { Some(self.table.clone()) } else { part.parent };
        let component = self.push(Component { kind: shape.kind, name, parent, display_name: part.title })?;
        let named = part.files.into_iter().map(|file| MissingFile { file, component: component.clone() });
        self.files.extend(named);
        let used =
            part.connectors.into_iter().map(|connector| ConnectorUse { connector, component: component.clone() });
        self.connector_uses.extend(used);
        if self.connector_uses.len() > self.most {
            return Err(unexpected(FILE, format!("its apps use more than {} connectors", self.most)));
        }
        Ok(())
    }

    fn finish_reference(&mut self) -> Result<()> {
        let reference = std::mem::take(&mut self.reference);
        if reference.logical_name.is_empty() {
            return Err(unexpected(FILE, "a connection reference has no logical name"));
        }
        let display_name =
            if reference.display_name.is_empty() { &reference.logical_name } else { &reference.display_name };
        let display_name = naming::cut(display_name.clone());
        let kind = ComponentType::connection_reference();
        let component = Component {
            display_name: Some(display_name.clone()),
            ..Component::new(kind, reference.logical_name.clone())
        };
        self.push(component)?;
        self.connection_references.push(ConnectionReference {
            logical_name: reference.logical_name,
            display_name,
            description: reference.description,
            connector_id: reference.connector_id,
            custom_connector_id: reference.custom_connector_id,
        });
        Ok(())
    }

    fn finish_workflow(&mut self) -> Result<()> {
        let process = std::mem::take(&mut self.workflow);
        let component = self.push(Component {
            display_name: Some(process.name.clone()).filter(|name| !name.is_empty()),
            ..Component::new(ComponentType::WORKFLOW, process.id.clone())
        })?;
        if let Some(file) = &process.file {
            self.files.push(MissingFile { file: file.clone(), component });
        }
        self.workflows.push(Workflow {
            id: process.id,
            name: process.name,
            category: process.category,
            active: process.active,
            file: process.file,
            connection_references: Vec::new(),
            embedded_connections: 0,
            environment_variables: Vec::new(),
        });
        Ok(())
    }

    fn finish_definition(&mut self) -> Result<()> {
        let definition = std::mem::take(&mut self.definition);
        if definition.schema_name.is_empty() {
            return Err(unexpected(FILE, "an environment variable has no schema name"));
        }
        let display_name = naming::cut(definition.display_name.unwrap_or_else(|| definition.schema_name.clone()));
        self.push(Component {
            display_name: Some(display_name.clone()),
            ..Component::new(ComponentType::ENVIRONMENT_VARIABLE_DEFINITION, definition.schema_name.clone())
        })?;
        self.variables.push(EnvironmentVariable {
            schema_name: definition.schema_name,
            display_name,
            description: definition.description.unwrap_or_default(),
            kind: definition.kind.unwrap_or(VariableType::String),
            default_value: definition.default_value,
            packaged_value: None,
            required: definition.required,
        });
        Ok(())
    }

    /// Keeps a component, and gives it back as it is kept.
    fn push(&mut self, component: Component) -> Result<Component> {
        let component = naming::bounded(component, FILE)?;
        if self.components.len() >= self.most {
            return Err(unexpected(FILE, format!("it has more than {} components", self.most)));
        }
        self.components.push(component.clone());
        Ok(component)
    }
}
