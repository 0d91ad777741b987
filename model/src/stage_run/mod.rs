//! Stage runs: one attempt to bring one version of a solution into the target of one stage.

mod artifact;
mod list;
mod status;
mod way_on;
mod wizard;

pub use artifact::{Artifact, ProgressionBlock};
pub use list::{RunFilter, RunSort, StageRunSummary};
pub use status::{StageRunStatus, StepStatus, SubOperation};
pub use way_on::{RollBack, WayOn, WaysOn};
pub use wizard::{Change, ChangeKind, ReferenceToBind, SolutionAtHand, Timing, VariableToSet, Wizard, WizardStep};

use crate::{
    Finding, SolutionVersion, Timestamp,
    comparison::ChangeCounts,
    id::{ArtifactId, EnvironmentId, PipelineId, StageId, StageRunId, UserId},
    package::Publisher,
    settings::DeploymentSettings,
};
use serde::{Deserialize, Serialize};

/// One step of a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// Which.
    pub step: SubOperation,
    /// Where it is.
    pub status: StepStatus,
    /// When it began.
    pub started: Option<Timestamp>,
    /// When it ended.
    pub ended: Option<Timestamp>,
    /// What it is doing or what came of it; possibly empty.
    pub detail: String,
    /// Percent done, while an import reports it.
    pub progress: Option<u8>,
}

/// One entry of a run's log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogEntry {
    /// Number in the run's log, from 1 without gaps.
    pub sequence: i64,
    /// When.
    pub at: Timestamp,
    /// What happened, in a sentence.
    pub message: String,
    /// Whether it tells of something gone wrong.
    pub is_error: bool,
}

/// A run as its page shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StageRun {
    /// Id.
    pub id: StageRunId,
    /// Where it is.
    pub status: StageRunStatus,
    /// Pipeline.
    pub pipeline: PipelineId,
    /// Name of the pipeline when the run was asked for.
    pub pipeline_name: String,
    /// Stage.
    pub stage: StageId,
    /// Name of the stage when the run was asked for.
    pub stage_name: String,
    /// The development environment.
    pub source: EnvironmentId,
    /// Its name.
    pub source_name: String,
    /// The target environment.
    pub target: EnvironmentId,
    /// Its name.
    pub target_name: String,
    /// Unique name of the solution.
    pub solution: String,
    /// Name of the solution for people.
    pub solution_display_name: String,
    /// Publisher of the solution.
    pub publisher: Option<Publisher>,
    /// The version in development when the run was asked for.
    pub development_version: SolutionVersion,
    /// The version it takes along.
    pub version: SolutionVersion,
    /// The version the target had before, once known.
    pub previous_version: Option<SolutionVersion>,
    /// Whether the version is fixed because an artifact of an earlier stage is taken along.
    pub version_is_fixed: bool,
    /// The artifact, once it is stored.
    pub artifact: Option<ArtifactId>,
    /// SHA-256 of the managed package in hexadecimal, once it is stored.
    pub artifact_sha256: Option<String>,
    /// Who asked for it.
    pub requested_by: UserId,
    /// Name of that person.
    pub requested_by_name: String,
    /// Name of whom it deploys as, where its stage is delegated.
    pub run_as_name: Option<String>,
    /// Deployment notes, possibly empty.
    pub notes: String,
    /// What it changes in the target, as it stood at *Deploy*; none before, and where it could not be told.
    pub changes: Option<ChangeCounts>,
    /// When it was asked for.
    pub requested: Timestamp,
    /// When it ended.
    pub ended: Option<Timestamp>,
    /// Why it failed, with what to do next; empty otherwise.
    pub error_message: String,
    /// What it waits for at the moment, in a sentence; empty when it does not wait.
    pub waiting_for: String,
    /// When it is to begin, where its maker chose a time.
    pub scheduled: Option<ScheduledTime>,
    /// Why it may go on outside of its stage's deployment windows, and who said so; none where it may not.
    pub window_override: Option<String>,
    /// What it has changed so far, in a sentence or two; empty once it imports or has ended.
    pub done_so_far: String,
    /// What it is for.
    pub kind: RunKind,
    /// Its steps, in order.
    pub steps: Vec<Step>,
    /// What pre-flight found.
    pub findings: Vec<Finding>,
    /// Settings used, with the values of secret variables masked.
    pub settings: DeploymentSettings,
    /// Whether the person who looks may withdraw it.
    pub cancellable: bool,
    /// Whether the person who looks may give its settings and deploy.
    pub mine: bool,
}

/// The time at which a run is to begin (`scheduledtime`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScheduledTime {
    /// The moment.
    pub at: Timestamp,
    /// The moment in the time zone in which it was chosen, which it names: `Mon, Nov 23, 2026 8:00 AM (Europe/Vienna)`.
    pub text: String,
}

/// What a run is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum RunKind {
    /// A version that the stage has not had.
    #[default]
    Deployment,
    /// A version that the stage has had, even in the place of a newer one.
    Redeployment,
    /// Connections and values of the version that is there, without an import.
    Settings,
    /// The version that was there before another run, which it takes back.
    RollBack(StageRunId),
}

/// What the live stream of a run sends: first everything, then what changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunUpdate {
    /// The run as it stands.
    pub run: StageRun,
    /// Log entries the browser has not seen.
    pub log: Vec<LogEntry>,
}
