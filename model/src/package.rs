//! The facts of a solution package, as `slipway check --json` prints them and pre-flight reads them.

use crate::{
    Component, ComponentType, ErrorCode, SolutionVersion, connection::ConnectionReference, inspection::Inspection,
    variable::EnvironmentVariable,
};
use serde::{Deserialize, Serialize};
use std::collections::HashSet;

/// Who publishes a solution.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Publisher {
    /// Unique name.
    pub unique_name: String,
    /// Name for people.
    pub display_name: String,
    /// Customization prefix: 2 to 8 letters and digits.
    pub prefix: String,
    /// First number of its choice values: 10000 to 99999.
    pub option_value_prefix: u32,
}

/// What a package needs from the target and does not bring.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MissingDependency {
    /// The component that has to be there.
    pub required: Component,
    /// The solution that had it where the package was exported.
    pub required_solution: RequiredSolution,
    /// The component of the package that needs it.
    pub dependent: Component,
    /// The id of the required component (lower case, without braces), where the package states one beside its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub required_id: Option<String>,
}

/// The `solution` attribute of a required component.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "kind")]
pub enum RequiredSolution {
    /// `Active`: the component was in the unmanaged layer; whoever brings it to the target is welcome.
    Active,
    /// `System`: part of the platform.
    System,
    /// `Name (version)`.
    Named {
        /// Unique name.
        name: String,
        /// The version at the source; absent where it could not be read.
        version: Option<SolutionVersion>,
    },
}

impl RequiredSolution {
    /// The attribute as the platform writes it.
    pub fn text(&self) -> String {
        match self {
            Self::Active => "Active".to_owned(),
            Self::System => "System".to_owned(),
            Self::Named { name, version: Some(version) } => format!("{name} ({version})"),
            Self::Named { name, version: None } => name.clone(),
        }
    }
}

/// Tables and columns that a solution needs from elsewhere. It has only what it made of them: they stay, with their
/// data, when the solution goes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Foreign {
    /// Tables, in lower case.
    pub tables: HashSet<String>,
    /// Columns with their tables, in lower case; without a table where the dependency does not tell it.
    columns: HashSet<(Option<String>, String)>,
}

impl Foreign {
    /// Reads what a solution of this name says it needs.
    pub fn of(unique_name: &str, needed: &[MissingDependency]) -> Self {
        let mut foreign = Self::default();
        for MissingDependency { required, required_solution, .. } in needed {
            // A column that was unmanaged where the package was exported comes with the package, and goes with it.
            let column_is_foreign = match required_solution {
                RequiredSolution::Named { name, .. } if name.eq_ignore_ascii_case(unique_name) => continue,
                RequiredSolution::Named { .. } | RequiredSolution::System => true,
                RequiredSolution::Active => false,
            };
            if required.kind == ComponentType::ENTITY {
                foreign.tables.insert(required.name.to_lowercase());
            } else if required.kind == ComponentType::ATTRIBUTE && column_is_foreign {
                foreign.columns.insert((lower(required.parent.as_ref()), required.name.to_lowercase()));
            }
        }
        foreign
    }

    /// Whether a component is such a table or column.
    pub fn has(&self, component: &Component) -> bool {
        let name = component.name.to_lowercase();
        if component.kind == ComponentType::ATTRIBUTE {
            return self.has_column(component.parent.as_deref(), &name);
        }
        component.kind == ComponentType::ENTITY && self.tables.contains(&name)
    }

    /// Whether a column of a table is one.
    pub fn has_column(&self, table: Option<&str>, column: &str) -> bool {
        let name = column.to_lowercase();
        let table = table.map(str::to_lowercase);
        self.columns.contains(&(None, name.clone())) || self.columns.contains(&(table, name))
    }
}

fn lower(name: Option<&String>) -> Option<String> {
    name.map(|name| name.to_lowercase())
}

/// A process, action, business rule or cloud flow of a package.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Workflow {
    /// Id, lower case without braces.
    pub id: String,
    /// Name.
    pub name: String,
    /// The platform's category: 0 workflow, 2 business rule, 3 action, 4 business process flow, 5 cloud flow, 6 desktop flow.
    pub category: u32,
    /// Whether it is switched on.
    pub active: bool,
    /// Path of its JSON or XAML file in the package, without a leading slash.
    pub file: Option<String>,
    /// Logical names of the connection references it uses (cloud flows).
    pub connection_references: Vec<String>,
    /// How many connections it carries that do not go through a connection reference.
    pub embedded_connections: u32,
    /// Schema names of the environment variables it uses (cloud flows).
    #[serde(default)]
    pub environment_variables: Vec<String>,
}

/// A file of a package that could not be read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct UnreadableFile {
    /// Its path in the package.
    pub file: String,
    /// The platform's code for what is wrong with it.
    pub code: ErrorCode,
    /// What is wrong, in a sentence.
    pub message: String,
}

/// Everything pre-flight, the overview pages and the command line need to know of a package.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PackageFacts {
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
    /// Unique name of the publisher.
    pub publisher: String,
    /// The publisher in full.
    pub publisher_details: Publisher,
    /// Version of the platform that wrote the package, such as `9.2.25093.138`.
    pub platform_version: Option<String>,
    /// `SolutionPackageVersion`, such as `9.2`; absent in packages of before 2013.
    pub solution_package_version: Option<String>,
    /// Language code of the package, such as 1033.
    pub language_code: Option<u32>,
    /// The components of the manifest.
    pub root_components: Vec<Component>,
    /// What has to be in the target.
    pub missing_dependencies: Vec<MissingDependency>,
    /// Connection references.
    pub connection_references: Vec<ConnectionReference>,
    /// Environment variable definitions.
    pub environment_variables: Vec<EnvironmentVariable>,
    /// Processes and flows.
    pub workflow_details: Vec<Workflow>,
    /// Every component the package brings: the root components, what stands only in `customizations.xml` or a folder
    /// (connection references, variables, custom APIs, agents …), and the columns, relationships, forms and views of
    /// its tables. Sorted, without repeats.
    pub components: Vec<Component>,
    /// Schema names of tables that the package extends without bringing the table itself: root components with the
    /// behavior 1 (without subcomponents) or 2 (shell only).
    #[serde(default)]
    pub extended_tables: Vec<String>,
    /// Files of the package that could not be read. What stands in them is not among the facts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unreadable_files: Vec<UnreadableFile>,
    /// What was seen in its files.
    #[serde(default)]
    pub inspection: Inspection,
    /// Number of environment variable values packaged along.
    pub environment_variable_values: u32,
    /// Number of canvas apps.
    pub canvas_apps: u32,
    /// Number of processes and flows.
    pub workflows: u32,
    /// Number of tables.
    pub entities: u32,
    /// Number of files in the package.
    pub files: u32,
    /// Bytes of the package as it is.
    pub packed_bytes: u64,
    /// Bytes of its files unpacked.
    pub unpacked_bytes: u64,
}

/// What `slipway check --json` prints of a solution package.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CheckReport {
    /// The facts.
    pub package: PackageFacts,
    /// What pre-flight found.
    pub findings: Vec<crate::Finding>,
}
