//! Stage runs: one attempt to bring one version of a solution into the target of one stage.

use crate::{
    Finding, SolutionVersion, Timestamp,
    connection::{Connection, ConnectionReference},
    id::{ArtifactId, EnvironmentId, PipelineId, StageId, StageRunId, UserId},
    package::Publisher,
    settings::DeploymentSettings,
    variable::EnvironmentVariable,
};
use serde::{Deserialize, Serialize};

macro_rules! options {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $code:literal, $label:literal;)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(rename_all = "camelCase")]
        pub enum $name {
            $($(#[$variant_doc])* $variant,)+
        }

        impl $name {
            /// Every value, in the order of its numbers.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The platform's option value.
            pub fn code(self) -> i32 {
                match self { $(Self::$variant => $code,)+ }
            }

            /// The value of a platform option value.
            pub fn from_code(code: i32) -> Option<Self> {
                Self::ALL.iter().copied().find(|value| value.code() == code)
            }

            /// The words on screen.
            pub fn label(self) -> &'static str {
                match self { $(Self::$variant => $label,)+ }
            }
        }
    };
}

options! {
    /// The platform's option set `stagerunstatus`.
    StageRunStatus {
        /// Asked for; nobody has taken it up yet.
        NotStarted = 200_000_000, "Not started";
        /// Taken up: the solution is being exported.
        Started = 200_000_001, "Started";
        /// Installed in the target.
        Succeeded = 200_000_002, "Succeeded";
        /// Ended without success.
        Failed = 200_000_003, "Failed";
        /// Withdrawn by a person.
        Canceled = 200_000_004, "Canceled";
        /// Waits for its time.
        Scheduled = 200_000_005, "Scheduled";
        /// Pre-flight is running.
        Validating = 200_000_006, "Validating";
        /// Pre-flight is done and found no error; the run waits for settings and *Deploy*.
        ValidationSucceeded = 200_000_007, "Validation succeeded";
        /// Preparing: gates before the import.
        PreDeployInProgress = 200_000_008, "Pre-deploy in progress";
        /// Ready: waits for the target to be free.
        PreDeploySucceeded = 200_000_009, "Pre-deploy succeeded";
        /// Importing.
        Deploying = 200_000_010, "Deploying";
    }
}

impl StageRunStatus {
    /// Whether the run has ended.
    pub fn is_final(self) -> bool {
        matches!(self, Self::Succeeded | Self::Failed | Self::Canceled)
    }

    /// Whether a person can still withdraw the run: until the import begins.
    pub fn is_cancellable(self) -> bool {
        !self.is_final() && self != Self::Deploying
    }

    /// The word in URLs.
    pub fn name(self) -> &'static str {
        match self {
            Self::NotStarted => "not-started",
            Self::Started => "started",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::Canceled => "canceled",
            Self::Scheduled => "scheduled",
            Self::Validating => "validating",
            Self::ValidationSucceeded => "validation-succeeded",
            Self::PreDeployInProgress => "pre-deploy-in-progress",
            Self::PreDeploySucceeded => "pre-deploy-succeeded",
            Self::Deploying => "deploying",
        }
    }

    /// The status of a word.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|status| status.name() == name)
    }
}

options! {
    /// The platform's option set `deploymentsuboperation`: the steps of a run.
    SubOperation {
        /// Exporting the solution and waiting for gates before it.
        ExecutingPreStep = 200_000_101, "Exporting solution";
        /// Reading what the package needs.
        RetrievingArtifactConfiguration = 200_000_102, "Reading the artifact";
        /// Pre-flight.
        ValidatingArtifactConfiguration = 200_000_103, "Pre-flight checks";
        /// Storing the artifact, or fetching the stored one.
        RetrievingArtifact = 200_000_104, "Preparing the artifact";
        /// The import into the target.
        DeployingArtifact = 200_000_105, "Importing into the target";
        /// Looking whether the target has what was imported.
        ExecutingPostStep = 200_000_106, "Verifying the target";
    }
}

options! {
    /// The platform's option set `operationstatus`, for a step of a run.
    StepStatus {
        /// Not begun.
        NotStarted = 200_000_000, "Not started";
        /// Running.
        Started = 200_000_001, "Running";
        /// Done.
        Succeeded = 200_000_002, "Succeeded";
        /// Failed.
        Failed = 200_000_003, "Failed";
        /// Waiting for somebody or something.
        Pending = 200_000_004, "Waiting";
        /// Not to be done any more.
        Canceled = 200_000_006, "Canceled";
    }
}

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
    /// Deployment notes, possibly empty.
    pub notes: String,
    /// When it was asked for.
    pub requested: Timestamp,
    /// When it ended.
    pub ended: Option<Timestamp>,
    /// Why it failed, with what to do next; empty otherwise.
    pub error_message: String,
    /// What it waits for at the moment, in a sentence; empty when it does not wait.
    pub waiting_for: String,
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

/// What the live stream of a run sends: first everything, then what changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunUpdate {
    /// The run as it stands.
    pub run: StageRun,
    /// Log entries the browser has not seen.
    pub log: Vec<LogEntry>,
}

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
    /// Who asked for it.
    pub requested_by_name: String,
    /// When it was asked for.
    pub requested: Timestamp,
    /// When it ended.
    pub ended: Option<Timestamp>,
    /// Why it failed; empty otherwise.
    pub error_message: String,
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

/// A step of the wizard. A step that does not apply to a run is not among its steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum WizardStep {
    /// Pipeline and stage.
    Destination,
    /// Pre-flight and what it found.
    PreFlight,
    /// Connections for the connection references.
    Connections,
    /// Values for the environment variables.
    Variables,
    /// What the deployment will do to the target.
    Changes,
    /// Version, notes, Deploy.
    Summary,
}

impl WizardStep {
    /// The word in the URL.
    pub fn name(self) -> &'static str {
        match self {
            Self::Destination => "destination",
            Self::PreFlight => "pre-flight",
            Self::Connections => "connections",
            Self::Variables => "variables",
            Self::Changes => "changes",
            Self::Summary => "summary",
        }
    }

    /// The step of a word.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Destination, Self::PreFlight, Self::Connections, Self::Variables, Self::Changes, Self::Summary]
            .into_iter()
            .find(|step| step.name() == name)
    }

    /// The words on screen.
    pub fn label(self) -> &'static str {
        match self {
            Self::Destination => "Destination",
            Self::PreFlight => "Pre-flight",
            Self::Connections => "Connections",
            Self::Variables => "Environment variables",
            Self::Changes => "What will change",
            Self::Summary => "Summary",
        }
    }
}

/// A connection reference of the wizard with what can be chosen for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReferenceToBind {
    /// The reference.
    pub reference: ConnectionReference,
    /// Connections of the right connector in the target.
    pub choices: Vec<Connection>,
    /// The one chosen, carried over, or the target's own.
    pub chosen: Option<String>,
}

/// A variable of the wizard.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VariableToSet {
    /// The definition.
    pub definition: EnvironmentVariable,
    /// What the target has now; masked for secrets.
    pub target_value: Option<String>,
    /// What was entered or carried over; never given back for secrets.
    pub entered: Option<String>,
    /// Whether something was entered (tells so for secrets, too).
    pub is_entered: bool,
    /// Whether a value has to be given: the package has no default and the target no value.
    pub is_needed: bool,
}

/// The kind of change a deployment makes to a component of the target.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ChangeKind {
    /// Not there yet.
    Added,
    /// There, with other content or, where content cannot be compared, part of another version.
    Changed,
    /// Leaves the target.
    Removed,
    /// The same as it is.
    Unchanged,
}

/// One component that a deployment would touch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// What happens.
    pub kind: ChangeKind,
    /// To which component.
    pub component: crate::Component,
    /// Whether rows of data go with it (a table or a column is removed).
    pub loses_data: bool,
}

/// A run in the wizard: everything its steps need.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wizard {
    /// The run.
    pub run: StageRun,
    /// The steps that apply, in order.
    pub steps: Vec<WizardStep>,
    /// Connections to choose.
    pub connections: Vec<ReferenceToBind>,
    /// Values to give.
    pub variables: Vec<VariableToSet>,
    /// What will change.
    pub changes: Vec<Change>,
    /// What was entered so far is wrong in these places.
    pub problems: Vec<crate::FieldProblem>,
}

/// A stored artifact as lists show it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Artifact {
    /// Id.
    pub id: ArtifactId,
    /// Unique name of the solution.
    pub solution: String,
    /// Name of the solution for people.
    pub solution_display_name: String,
    /// Version.
    pub version: SolutionVersion,
    /// Pipeline it was made for.
    pub pipeline: PipelineId,
    /// Name of that pipeline.
    pub pipeline_name: String,
    /// Development environment it came from.
    pub source: EnvironmentId,
    /// When it was made.
    pub generated: Timestamp,
    /// SHA-256 of the managed package, hexadecimal.
    pub managed_sha256: String,
    /// Bytes of the managed package.
    pub managed_bytes: u64,
    /// SHA-256 of the unmanaged package, hexadecimal.
    pub unmanaged_sha256: String,
    /// Bytes of the unmanaged package.
    pub unmanaged_bytes: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn status_values_keep_the_platforms_numbers() {
        assert_eq!(StageRunStatus::Succeeded.code(), 200_000_002);
        assert_eq!(StageRunStatus::ValidationSucceeded.code(), 200_000_007);
        assert_eq!(SubOperation::DeployingArtifact.code(), 200_000_105);
        for status in StageRunStatus::ALL.iter().copied() {
            assert_eq!(StageRunStatus::from_code(status.code()), Some(status));
            assert_eq!(StageRunStatus::from_name(status.name()), Some(status));
        }
    }

    #[test]
    fn a_run_can_be_cancelled_until_its_import_begins() {
        assert!(StageRunStatus::PreDeploySucceeded.is_cancellable());
        assert!(!StageRunStatus::Deploying.is_cancellable());
        assert!(!StageRunStatus::Failed.is_cancellable());
    }
}
