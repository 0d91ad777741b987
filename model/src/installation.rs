//! Which version of which solution is where.

use crate::{
    SolutionVersion, Timestamp,
    id::{EnvironmentId, StageRunId},
};
use serde::{Deserialize, Serialize};

/// What was deployed where: solutions against target environments.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Installations {
    /// The target environments, by name.
    pub targets: Vec<(EnvironmentId, String)>,
    /// The solutions, by name.
    pub solutions: Vec<InstalledSolution>,
}

/// A solution and where it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct InstalledSolution {
    /// Unique name.
    pub unique_name: String,
    /// Name for people.
    pub display_name: String,
    /// What is in each target, in the order of the targets; none where nothing was deployed.
    pub installed: Vec<Option<Installed>>,
}

/// A version in a target.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Installed {
    /// The version.
    pub version: SolutionVersion,
    /// The run that brought it.
    pub run: StageRunId,
    /// When.
    pub since: Timestamp,
    /// Whether another target has a higher version.
    pub behind: bool,
    /// What was found when somebody last looked, in a few words; none where nobody has.
    pub drift: Option<String>,
    /// Whether something was found.
    pub drifted: bool,
}
