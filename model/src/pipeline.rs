//! Pipelines and their stages.

use crate::{
    SolutionVersion, Timestamp,
    access::{AccessRights, Ground, NamedPrincipal, Principal},
    drift::DriftCheck,
    environment::{DeploymentEnvironment, EnvironmentChoice},
    id::{ArtifactId, DeploymentEnvironmentId, EnvironmentId, PipelineId, StageId, StageRunId, UserId},
    stage_run::StageRunStatus,
};
use serde::{Deserialize, Serialize};

/// Stages a pipeline has at most. Source: the platform's documentation, `custom-host-pipelines.md`.
pub const MOST_STAGES: usize = 7;

/// Stages a personal pipeline has at most: three environments, one of them for development. Source: the platform's
/// documentation, `platform-host-pipelines.md`.
pub const MOST_PERSONAL_STAGES: usize = 2;

/// A pipeline as lists show it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PipelineSummary {
    /// Id.
    pub id: PipelineId,
    /// Name.
    pub name: String,
    /// Description, possibly empty.
    pub description: String,
    /// Name of the owner.
    pub owner_name: String,
    /// Names of its stages, in order.
    pub stages: Vec<String>,
    /// Number of linked development environments.
    pub development_environments: u64,
    /// Whether it is a maker's own.
    pub personal: bool,
    /// Whether it is active.
    pub active: bool,
    /// When it was last changed.
    pub modified: Timestamp,
}

/// A pipeline as its form shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pipeline {
    /// Id.
    pub id: PipelineId,
    /// Name.
    pub name: String,
    /// Description, possibly empty.
    pub description: String,
    /// Owner.
    pub owner: UserId,
    /// Name of the owner.
    pub owner_name: String,
    /// Whether it is a maker's own, which cannot be shared.
    pub personal: bool,
    /// Whether it is active.
    pub active: bool,
    /// *Allow redeployments of older versions*: whether a version may be put in the place of a newer one.
    pub redeployment: bool,
    /// Development environments linked to it.
    pub development_environments: Vec<DeploymentEnvironment>,
    /// Its stages, in order: the first has no previous stage.
    pub stages: Vec<Stage>,
    /// What still keeps it from being usable, a sentence each; empty when it can run.
    pub obstacles: Vec<String>,
    /// Raised by one with every change.
    pub row_version: i32,
}

/// With whom a pipeline is shared.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sharing {
    /// The pipeline.
    pub pipeline: PipelineId,
    /// Its name.
    pub name: String,
    /// Whether it is a personal pipeline, which cannot be shared.
    pub personal: bool,
    /// The owner.
    pub owner: NamedPrincipal,
    /// What the person who looks may do.
    pub rights: AccessRights,
    /// The shares, by name.
    pub shares: Vec<Share>,
    /// People and teams it can be shared with or given to, by name.
    pub principals: Vec<NamedPrincipal>,
}

/// A share of a pipeline.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Share {
    /// Whom it is shared with.
    pub principal: Principal,
    /// Their name.
    pub name: String,
    /// What they may do.
    pub rights: AccessRights,
}

/// What a person may do with a pipeline, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonsAccess {
    /// The person.
    pub person: UserId,
    /// Name for people.
    pub name: String,
    /// Name to sign in with.
    pub user_name: String,
    /// What they may do.
    pub rights: AccessRights,
    /// Roles, ownership and shares it comes from.
    pub grounds: Vec<Ground>,
}

/// A stage of a pipeline.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stage {
    /// Id.
    pub id: StageId,
    /// The pipeline it belongs to.
    pub pipeline: PipelineId,
    /// Name.
    pub name: String,
    /// Description, possibly empty.
    pub description: String,
    /// The stage that has to succeed first; none for the first stage.
    pub previous: Option<StageId>,
    /// Record of the environment it deploys into.
    pub target: DeploymentEnvironmentId,
    /// Name of that record.
    pub target_name: String,
    /// The environment it deploys into.
    pub target_environment: EnvironmentId,
    /// *Is Delegated Deployment*: as whom it deploys; none where it deploys as whoever asks.
    pub delegation: Option<Delegation>,
    /// Raised by one with every change.
    pub row_version: i32,
}

/// As whom a delegated stage deploys, so that makers need no right in its target.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Delegation {
    /// What they are.
    pub kind: DelegationType,
    /// Who.
    pub delegate: UserId,
}

/// *Delegated Deployment Type*, with the platform's numbers (`delegateddeploymenttype`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum DelegationType {
    /// 1: the person who delegated it to themselves.
    StageOwner,
    /// 2: a service identity of the host.
    ServicePrincipal,
}

impl DelegationType {
    /// Both.
    pub const ALL: [Self; 2] = [Self::StageOwner, Self::ServicePrincipal];

    /// The platform's number.
    pub fn code(self) -> i32 {
        match self {
            Self::StageOwner => 1,
            Self::ServicePrincipal => 2,
        }
    }

    /// The type of a number.
    pub fn from_code(code: i32) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }

    /// The words on screen and in the audit log.
    pub fn label(self) -> &'static str {
        match self {
            Self::StageOwner => "Stage Owner",
            Self::ServicePrincipal => "Service identity",
        }
    }
}

/// A pipeline as a maker sees it for one solution of one development environment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SolutionPipeline {
    /// The pipeline.
    pub id: PipelineId,
    /// Name.
    pub name: String,
    /// Description, possibly empty.
    pub description: String,
    /// The development environment.
    pub source: EnvironmentChoice,
    /// Version of the solution in development.
    pub development_version: SolutionVersion,
    /// Whether it is a personal pipeline that the person who looks may change.
    pub editable: bool,
    /// What keeps the pipeline from being usable at all.
    pub obstacles: Vec<String>,
    /// Its stages, in order.
    pub stages: Vec<StageCard>,
}

/// What a stage's card shows for one solution.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StageCard {
    /// The stage.
    pub stage: Stage,
    /// The last version that was installed with success.
    pub installed: Option<SolutionVersion>,
    /// The last run that ended, with its outcome.
    pub last: Option<EndedRun>,
    /// Runs of this solution that have not ended, oldest first.
    pub open: Vec<OpenRun>,
    /// The version that *Deploy here* would take: the next one for the first stage, else the last one that succeeded
    /// in the previous stage.
    pub next: Option<SolutionVersion>,
    /// The artifact it would take, for later stages.
    pub artifact: Option<ArtifactId>,
    /// Why *Deploy here* is not possible; none when it is.
    pub obstacle: Option<String>,
    /// What was found when somebody last looked whether the target is as it was deployed; none where nobody has since.
    pub drift: Option<DriftCheck>,
}

/// A run that ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EndedRun {
    /// The run.
    pub id: StageRunId,
    /// How it ended.
    pub status: StageRunStatus,
    /// When.
    pub ended: Timestamp,
    /// The version it took along.
    pub version: SolutionVersion,
}

/// A run that has not ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenRun {
    /// The run.
    pub id: StageRunId,
    /// Where it is.
    pub status: StageRunStatus,
    /// The version it takes along.
    pub version: SolutionVersion,
    /// Who asked for it.
    pub requested_by: String,
    /// What it waits for at the moment, in a sentence; empty when it does not wait.
    pub waiting_for: String,
    /// Whether it waits for the settings of the person who looks.
    pub waits_for_me: bool,
    /// Whether it can still be cancelled.
    pub cancellable: bool,
}
