//! Components of solutions and their types.

use serde::{Deserialize, Serialize};
use std::fmt;

/// The type of a component: a number of the option set `componenttype`, or the logical name of a table for
/// components that are rows of a table (`connectionreference`, `customapi`, `bot` …).
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(untagged)]
pub enum ComponentType {
    /// A number of the option set.
    Number(u32),
    /// The logical name of a table, in lower case, so that `CustomAPI` and `customapi` are one type.
    Table(String),
}

impl ComponentType {
    /// Table (`Entity`).
    pub const ENTITY: Self = Self::Number(1);
    /// Column (`Attribute`).
    pub const ATTRIBUTE: Self = Self::Number(2);
    /// Choice (`Option Set`).
    pub const OPTION_SET: Self = Self::Number(9);
    /// Relationship (`Entity Relationship`).
    pub const RELATIONSHIP: Self = Self::Number(10);
    /// Security role.
    pub const ROLE: Self = Self::Number(20);
    /// View (`Saved Query`).
    pub const VIEW: Self = Self::Number(26);
    /// Process or cloud flow (`Workflow`).
    pub const WORKFLOW: Self = Self::Number(29);
    /// Form (`System Form`).
    pub const FORM: Self = Self::Number(60);
    /// Web resource.
    pub const WEB_RESOURCE: Self = Self::Number(61);
    /// Site map.
    pub const SITE_MAP: Self = Self::Number(62);
    /// Model-driven app.
    pub const APP_MODULE: Self = Self::Number(80);
    /// Plug-in assembly.
    pub const PLUGIN_ASSEMBLY: Self = Self::Number(91);
    /// Canvas app.
    pub const CANVAS_APP: Self = Self::Number(300);
    /// Custom connector.
    pub const CONNECTOR: Self = Self::Number(372);
    /// Environment variable definition.
    pub const ENVIRONMENT_VARIABLE_DEFINITION: Self = Self::Number(380);

    /// The type of connection references.
    pub fn connection_reference() -> Self {
        Self::Table("connectionreference".to_owned())
    }

    /// Reads `29`, `connectionreference` or `CustomAPI`. Names that stand for a numbered type
    /// (`EnvironmentVariableDefinition`) become that number, so that both spellings are one type.
    pub fn parse(text: &str) -> Self {
        let text = text.trim();
        if let Ok(number) = text.parse() {
            return if number == 371 { Self::CONNECTOR } else { Self::Number(number) };
        }
        match text.to_ascii_lowercase().as_str() {
            "environmentvariabledefinition" => Self::ENVIRONMENT_VARIABLE_DEFINITION,
            "environmentvariablevalue" => Self::Number(381),
            "entity" => Self::ENTITY,
            "canvasapp" => Self::CANVAS_APP,
            "workflow" => Self::WORKFLOW,
            "connector" => Self::CONNECTOR,
            table => Self::Table(table.to_owned()),
        }
    }

    /// What people call a component of this type. Names of the platform's option set, in the words of the maker portal.
    pub fn label(&self) -> String {
        let number = match self {
            Self::Number(number) => *number,
            Self::Table(table) => return table_label(table),
        };
        let known = match number {
            1 => "Table",
            2 => "Column",
            3 | 10 => "Relationship",
            4 => "Choice value",
            9 => "Choice",
            14 => "Key",
            16 => "Privilege",
            18 => "Index",
            20 => "Security role",
            24 | 60 => "Form",
            26 => "View",
            29 => "Process",
            31 => "Report",
            36 => "Email template",
            44 => "Duplicate detection rule",
            46 => "Table mapping",
            47 => "Column mapping",
            48 => "Ribbon command",
            50 => "Ribbon",
            55 => "Ribbon difference",
            59 => "Chart",
            61 => "Web resource",
            62 => "Site map",
            63 => "Connection role",
            65 => "Hierarchy rule",
            66 => "Custom control",
            68 => "Custom control default",
            70 => "Column security profile",
            71 => "Column permission",
            80 => "Model-driven app",
            90 => "Plug-in type",
            91 => "Plug-in assembly",
            92 => "SDK message processing step",
            93 => "SDK message processing step image",
            95 => "Service endpoint",
            150 => "Routing rule",
            152 => "SLA",
            154 => "Record creation rule",
            161 => "Mobile offline profile",
            165 => "Similarity rule",
            201 => "SDK message",
            208 => "Import map",
            300 => "Canvas app",
            371 | 372 => "Custom connector",
            380 => "Environment variable",
            381 => "Environment variable value",
            400 => "AI project type",
            401 => "AI project",
            402 => "AI configuration",
            430 => "Table analytics configuration",
            431 => "Column image configuration",
            432 => "Table image configuration",
            other => return format!("Component type {other}"),
        };
        known.to_owned()
    }
}

fn table_label(table: &str) -> String {
    match table {
        "connectionreference" => "Connection reference",
        "customapi" => "Custom API",
        "bot" => "Agent",
        "botcomponent" => "Agent component",
        "botcomponentcollection" => "Agent component collection",
        "settingdefinition" => "Setting definition",
        "appsetting" => "App setting",
        "appaction" => "Command",
        "language" => "Language",
        "file" => "File",
        other => return other.to_owned(),
    }
    .to_owned()
}

impl fmt::Display for ComponentType {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => number.fmt(formatter),
            Self::Table(table) => formatter.write_str(table),
        }
    }
}

/// A component as findings, comparisons and lists name it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Component {
    /// Its type.
    #[serde(rename = "type")]
    pub kind: ComponentType,
    /// The schema name, or the id (lower case, without braces) where there is none, or the alternate key's value.
    pub name: String,
    /// The schema name of the table it belongs to, for columns, views, forms and the like.
    #[serde(default)]
    pub parent: Option<String>,
    /// What people call it, where that is known.
    #[serde(default, rename = "displayName", skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
}

impl Component {
    /// A component of a type with a name and nothing else.
    pub fn new(kind: ComponentType, name: impl Into<String>) -> Self {
        Self { kind, name: name.into(), parent: None, display_name: None }
    }

    /// The name for people: the display name where there is one.
    pub fn label(&self) -> &str {
        self.display_name.as_deref().filter(|name| !name.is_empty()).unwrap_or(&self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbered_and_named_spellings_of_a_type_are_one() {
        assert_eq!(ComponentType::parse("380"), ComponentType::parse("EnvironmentVariableDefinition"));
        assert_eq!(ComponentType::parse("CustomAPI"), ComponentType::Table("customapi".to_owned()));
        assert_eq!(ComponentType::parse("371"), ComponentType::parse("372"));
    }

    #[test]
    fn a_type_is_written_as_a_number_or_as_a_name() {
        let component = Component::new(ComponentType::ENTITY, "cra6e_table");
        assert_eq!(serde_json::to_string(&component).unwrap(), r#"{"type":1,"name":"cra6e_table","parent":null}"#);
        let json = serde_json::to_string(&ComponentType::connection_reference()).unwrap();
        assert_eq!(json, r#""connectionreference""#);
    }
}
