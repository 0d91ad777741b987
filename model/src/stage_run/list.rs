//! Lists of runs.

use super::StageRunStatus;
use crate::{
    SolutionVersion, Timestamp,
    id::{ArtifactId, EnvironmentId, PipelineId, StageId, StageRunId, UserId},
};
use serde::{Deserialize, Serialize};

/// A run as lists show it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StageRunSummary {
    /// Id.
    pub id: StageRunId,
    /// Where it is.
    pub status: StageRunStatus,
    /// Name of the pipeline.
    pub pipeline_name: String,
    /// Name of the stage.
    pub stage_name: String,
    /// The development environment.
    pub source: EnvironmentId,
    /// Name of the target.
    pub target_name: String,
    /// Unique name of the solution.
    pub solution: String,
    /// Name of the solution for people.
    pub solution_display_name: String,
    /// The version.
    pub version: SolutionVersion,
    /// Whether it applied settings and imported nothing.
    pub settings_only: bool,
    /// The version it took, or takes, the place of; none before that is known, and where there was none.
    pub previous_version: Option<SolutionVersion>,
    /// The artifact, once it is stored.
    pub artifact: Option<ArtifactId>,
    /// Who asked for it.
    pub requested_by_name: String,
    /// As whom it deploys, where its stage is delegated.
    pub run_as_name: Option<String>,
    /// When it was asked for.
    pub requested: Timestamp,
    /// When it ended.
    pub ended: Option<Timestamp>,
    /// Why it failed; empty otherwise.
    pub error_message: String,
    /// What it waits for at the moment, in a sentence; empty when it does not wait.
    pub waiting_for: String,
}

/// What a list of runs is narrowed to and sorted by; every field stands in the URL.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RunFilter {
    /// Status.
    pub status: Option<StageRunStatus>,
    /// Pipeline.
    pub pipeline: Option<PipelineId>,
    /// Unique name of the solution.
    pub solution: Option<String>,
    /// Source or target environment.
    pub environment: Option<EnvironmentId>,
    /// Stage.
    pub stage: Option<StageId>,
    /// Who asked for it.
    pub requested_by: Option<UserId>,
    /// Not earlier than.
    pub from: Option<Timestamp>,
    /// Earlier than.
    pub until: Option<Timestamp>,
    /// Sorted by.
    pub sort: RunSort,
    /// Ascending rather than descending.
    pub ascending: bool,
    /// Number of the page, from 1; 0 means the first.
    pub page: u64,
}

/// What a list of runs is sorted by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum RunSort {
    /// When it was asked for.
    #[default]
    Requested,
    /// When it ended.
    Ended,
    /// Solution.
    Solution,
    /// Status.
    Status,
    /// Version, as versions sort.
    Version,
}

impl RunSort {
    /// Every order.
    pub const ALL: [Self; 5] = [Self::Requested, Self::Ended, Self::Solution, Self::Status, Self::Version];

    /// The word in the URL.
    pub fn name(self) -> &'static str {
        match self {
            Self::Requested => "requested",
            Self::Ended => "ended",
            Self::Solution => "solution",
            Self::Status => "status",
            Self::Version => "version",
        }
    }

    /// The order of a word.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|sort| sort.name() == name)
    }
}
