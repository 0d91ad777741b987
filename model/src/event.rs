//! Events: what happens to runs, as others are told of it.

use serde::{Deserialize, Serialize};

/// An event of a run, in the order in which runs come to them.
///
/// The platform's names; it has no event for a run that does not succeed, so the last two are Slipway's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum EventName {
    /// Somebody asked for a deployment, or had it begun anew.
    #[serde(rename = "OnDeploymentRequested")]
    DeploymentRequested,
    /// The run waits for approval.
    #[serde(rename = "OnApprovalStarted")]
    ApprovalStarted,
    /// It was approved.
    #[serde(rename = "OnApprovalCompleted")]
    ApprovalCompleted,
    /// The run waits for its pre-deployment step.
    #[serde(rename = "OnPreDeploymentStarted")]
    PreDeploymentStarted,
    /// That step was completed.
    #[serde(rename = "OnPreDeploymentCompleted")]
    PreDeploymentCompleted,
    /// The import into the target begins.
    #[serde(rename = "OnDeploymentStarted")]
    DeploymentStarted,
    /// The target has the version.
    #[serde(rename = "OnDeploymentCompleted")]
    DeploymentCompleted,
    /// The run failed.
    #[serde(rename = "OnDeploymentFailed")]
    DeploymentFailed,
    /// Somebody canceled the run.
    #[serde(rename = "OnDeploymentCanceled")]
    DeploymentCanceled,
}

impl EventName {
    /// Every event, in order.
    pub const ALL: [Self; 9] = [
        Self::DeploymentRequested,
        Self::ApprovalStarted,
        Self::ApprovalCompleted,
        Self::PreDeploymentStarted,
        Self::PreDeploymentCompleted,
        Self::DeploymentStarted,
        Self::DeploymentCompleted,
        Self::DeploymentFailed,
        Self::DeploymentCanceled,
    ];

    /// The name.
    pub fn name(self) -> &'static str {
        match self {
            Self::DeploymentRequested => "OnDeploymentRequested",
            Self::ApprovalStarted => "OnApprovalStarted",
            Self::ApprovalCompleted => "OnApprovalCompleted",
            Self::PreDeploymentStarted => "OnPreDeploymentStarted",
            Self::PreDeploymentCompleted => "OnPreDeploymentCompleted",
            Self::DeploymentStarted => "OnDeploymentStarted",
            Self::DeploymentCompleted => "OnDeploymentCompleted",
            Self::DeploymentFailed => "OnDeploymentFailed",
            Self::DeploymentCanceled => "OnDeploymentCanceled",
        }
    }

    /// The event of a name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|event| event.name() == name)
    }

    /// What has happened, in a few words.
    pub fn meaning(self) -> &'static str {
        match self {
            Self::DeploymentRequested => "Deployment requested",
            Self::ApprovalStarted => "Waiting for approval",
            Self::ApprovalCompleted => "Approved",
            Self::PreDeploymentStarted => "Waiting for the pre-deployment step",
            Self::PreDeploymentCompleted => "Pre-deployment step completed",
            Self::DeploymentStarted => "Deployment started",
            Self::DeploymentCompleted => "Deployment completed",
            Self::DeploymentFailed => "Deployment failed",
            Self::DeploymentCanceled => "Deployment canceled",
        }
    }
}
