//! Solutions inside an environment, as makers see them.

use crate::{
    Component, SolutionVersion, Timestamp,
    connection::ConnectionReference,
    package::{MissingDependency, Publisher},
    variable::EnvironmentVariable,
};
use serde::{Deserialize, Serialize};

/// A solution as lists show it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SolutionSummary {
    /// Unique name.
    pub unique_name: String,
    /// Name for people.
    pub display_name: String,
    /// Version.
    pub version: SolutionVersion,
    /// Whether it is managed.
    pub managed: bool,
    /// Publisher.
    pub publisher: Publisher,
    /// When it came into the environment.
    pub installed: Timestamp,
    /// When it was last changed there.
    pub modified: Timestamp,
}

/// A connection reference inside an environment, with the connection it is bound to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BoundReference {
    /// The reference.
    pub reference: ConnectionReference,
    /// The connection, if there is one.
    pub connection_id: Option<String>,
}

/// An environment variable inside an environment, with its current value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CurrentVariable {
    /// The definition.
    pub definition: EnvironmentVariable,
    /// The environment's own value, if it has one. A secret variable holds only a reference into a key vault.
    pub value: Option<String>,
}

/// A solution of an environment with what is in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SolutionContents {
    /// The solution itself.
    pub summary: SolutionSummary,
    /// Description, possibly empty.
    pub description: String,
    /// Its components.
    pub components: Vec<Component>,
    /// Its connection references.
    pub connection_references: Vec<BoundReference>,
    /// Its environment variables.
    pub environment_variables: Vec<CurrentVariable>,
    /// What it needs from elsewhere.
    pub missing_dependencies: Vec<MissingDependency>,
}
