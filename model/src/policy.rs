//! What administrators ask of deployments, for a pipeline or for a stage.

use serde::{Deserialize, Serialize};

/// What is asked of deployments.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Policy {
    /// Findings that are errors here, by the name of their rule.
    pub errors: Vec<String>,
    /// Findings that are left out here.
    pub off: Vec<String>,
    /// Connectors that may be used, such as `shared_sharepointonline`; empty where all may.
    pub allowed_connectors: Vec<String>,
    /// Connectors that may not be used.
    pub denied_connectors: Vec<String>,
    /// Types of components that may be deployed: numbers or names of tables; empty where all may. What belongs to a table
    /// goes with tables.
    pub allowed_component_types: Vec<String>,
    /// Types of components that may not be deployed: numbers or names of tables.
    pub denied_component_types: Vec<String>,
    /// Whether a deployment needs notes.
    pub notes_required: bool,
    /// Hours that a version has to have been in the previous stage.
    pub hours_in_previous_stage: u32,
    /// Rules of one's own.
    pub rules: Vec<CustomRule>,
}

/// A rule of one's own: a sentence, and an expression that has to hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CustomRule {
    /// What is asked for, in a sentence. It is what a finding says.
    pub sentence: String,
    /// A CEL expression over `solution`, the facts of the package, that has to be true.
    pub expression: String,
    /// Whether a deployment is refused where it is not true; else it is a warning.
    pub blocks: bool,
}
