//! Gates of stages: what a run waits for before it goes on.

use crate::{
    SolutionVersion, Timestamp,
    id::{StageRunId, TeamId, UserId},
};
use serde::{Deserialize, Serialize};

/// A gate, in the order in which runs come to them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Gate {
    /// *Pre-export step*: before the solution leaves development. First stages only.
    PreExportStep,
    /// Approval by people.
    Approval,
    /// *Pre-deployment step*: before the import.
    PreDeploymentStep,
}

impl Gate {
    /// Every gate, in order.
    pub const ALL: [Self; 3] = [Self::PreExportStep, Self::Approval, Self::PreDeploymentStep];

    /// The words on screen, after “the”.
    pub fn label(self) -> &'static str {
        match self {
            Self::PreExportStep => "pre-export step",
            Self::Approval => "approval",
            Self::PreDeploymentStep => "pre-deployment step",
        }
    }
}

/// The platform's values of `approvalstatus` and of the status of the other gates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum GateStatus {
    /// 10: it is waited for.
    Pending,
    /// 20: done, or approved.
    Completed,
    /// 30: failed, or rejected.
    Rejected,
}

impl GateStatus {
    /// The platform's value.
    pub fn code(self) -> i32 {
        match self {
            Self::Pending => 10,
            Self::Completed => 20,
            Self::Rejected => 30,
        }
    }

    /// The status of a value of the platform.
    pub fn from_code(code: i32) -> Option<Self> {
        [Self::Pending, Self::Completed, Self::Rejected].into_iter().find(|status| status.code() == code)
    }
}

/// Who approves: a person, or every member of a team.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Approver {
    /// A person.
    Person(UserId),
    /// Any member of a team.
    Team(TeamId),
}

/// The gates of a stage.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gates {
    /// *Pre-Export Step Required*.
    pub pre_export_step_required: bool,
    /// *Pre-Deployment Step Required*.
    pub pre_deployment_step_required: bool,
    /// Who approves; nobody where no approval is needed.
    pub approvers: Vec<Approver>,
    /// How many of them have to approve; 0 where no approval is needed.
    pub approvals_needed: u32,
    /// Whether an approver may approve a run of their own.
    pub requester_may_approve: bool,
    /// Hours that a run waits at each gate before it fails.
    pub deadline_hours: u32,
}

impl Default for Gates {
    fn default() -> Self {
        Self {
            pre_export_step_required: false,
            pre_deployment_step_required: false,
            approvers: Vec::new(),
            approvals_needed: 0,
            requester_may_approve: false,
            deadline_hours: 72,
        }
    }
}

/// What somebody said to a run that waits for approval.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Approval {
    /// Name of that person.
    pub person: String,
    /// Yes or no.
    pub approved: bool,
    /// Why; possibly empty.
    pub comment: String,
    /// When.
    pub at: Timestamp,
}

/// What a run waits for, and what the person who looks can do about it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waiting {
    /// The gate.
    pub gate: Option<Gate>,
    /// When the run fails if nothing happens.
    pub deadline: Option<Timestamp>,
    /// What has been said so far, oldest first.
    pub approvals: Vec<Approval>,
    /// How many have to approve; 0 where no approval is needed.
    pub needed: u32,
    /// Whether the person who looks can answer.
    pub mine: bool,
}

/// A run that waits for the approval of the person who looks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApprovalRequest {
    /// The run.
    pub run: StageRunId,
    /// Name of the solution for people.
    pub solution: String,
    /// The version.
    pub version: SolutionVersion,
    /// Name of the pipeline.
    pub pipeline: String,
    /// Name of the stage.
    pub stage: String,
    /// Name of the target.
    pub target: String,
    /// Who asked for it.
    pub requested_by: String,
    /// Deployment notes, possibly empty.
    pub notes: String,
    /// When it was asked for.
    pub requested: Timestamp,
    /// When the run fails if nobody answers.
    pub deadline: Option<Timestamp>,
}
