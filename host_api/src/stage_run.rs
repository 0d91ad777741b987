//! Where a run stands, in the three columns in which the platform says it beside `stagerunstatus`.

use model::{
    gate::GateStatus,
    stage_run::{StageRunStatus, StepStatus, SubOperation},
};
use pipelines::rows::RunRow;

/// `deploymentoperation`
const NONE: i32 = 200_000_200;
const VALIDATE: i32 = 200_000_201;
const DEPLOY: i32 = 200_000_202;
const PRE_DEPLOY: i32 = 200_000_203;
/// `deploymentoperationstatus`: scheduled.
const SCHEDULED: i32 = 200_000_005;
/// `deploymentsuboperation`: none.
const NO_SUBOPERATION: i32 = 200_000_100;

/// Where a run stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// `operation`
    pub operation: i32,
    /// `operationstatus`
    pub operation_status: i32,
    /// `suboperation`
    pub suboperation: i32,
}

/// Where a run stands.
pub fn standing(run: &RunRow) -> Standing {
    of(run.status, run.failed_at, run.gates.contains(&Some(GateStatus::Pending)))
}

/// Scripts wait until `operation` is no more *Validate*, so that it is so from the beginning and in no end.
fn of(status: StageRunStatus, failed_at: Option<StageRunStatus>, waits: bool) -> Standing {
    use StageRunStatus as Status;
    let running = if waits { StepStatus::Pending } else { StepStatus::Started }.code();
    let step = |step: SubOperation| step.code();
    let (operation, operation_status, suboperation) = match status {
        Status::NotStarted => (VALIDATE, StepStatus::NotStarted.code(), NO_SUBOPERATION),
        Status::Started => (VALIDATE, running, step(SubOperation::ExecutingPreStep)),
        Status::Validating => (VALIDATE, running, step(SubOperation::ValidatingArtifactConfiguration)),
        Status::ValidationSucceeded => (NONE, StepStatus::Succeeded.code(), NO_SUBOPERATION),
        Status::PreDeployInProgress => (PRE_DEPLOY, running, step(SubOperation::RetrievingArtifact)),
        Status::PreDeploySucceeded => (PRE_DEPLOY, StepStatus::Pending.code(), NO_SUBOPERATION),
        Status::Scheduled => (PRE_DEPLOY, SCHEDULED, NO_SUBOPERATION),
        Status::Deploying => (DEPLOY, running, step(SubOperation::DeployingArtifact)),
        Status::Succeeded => (DEPLOY, StepStatus::Succeeded.code(), NO_SUBOPERATION),
        Status::Failed => {
            let validating = matches!(failed_at, Some(Status::NotStarted | Status::Started | Status::Validating));
            (if validating { NONE } else { DEPLOY }, StepStatus::Failed.code(), NO_SUBOPERATION)
        }
        Status::Canceled => (NONE, StepStatus::Canceled.code(), NO_SUBOPERATION),
    };
    Standing { operation, operation_status, suboperation }
}

#[cfg(test)]
mod tests {
    use super::*;
    use StageRunStatus as Status;

    #[test]
    fn whoever_waits_for_the_end_of_validation_sees_it() {
        let operation = |status, failed_at| of(status, failed_at, false).operation;
        for status in [Status::NotStarted, Status::Started, Status::Validating] {
            assert_eq!(operation(status, None), VALIDATE, "{status:?}");
            assert_eq!(operation(Status::Failed, Some(status)), NONE, "{status:?}");
        }
        assert_eq!(operation(Status::ValidationSucceeded, None), NONE);
        assert_eq!(operation(Status::Canceled, None), NONE);
    }

    #[test]
    fn what_failed_while_it_was_deployed_says_so() {
        for at in [Status::PreDeployInProgress, Status::PreDeploySucceeded, Status::Scheduled, Status::Deploying] {
            let standing = of(Status::Failed, Some(at), false);
            assert_eq!((standing.operation, standing.operation_status), (DEPLOY, 200_000_003), "{at:?}");
        }
    }

    #[test]
    fn what_waits_for_an_answer_is_pending() {
        assert_eq!(of(Status::PreDeployInProgress, None, true).operation_status, 200_000_004);
        assert_eq!(of(Status::PreDeployInProgress, None, false).operation_status, 200_000_001);
        assert_eq!(of(Status::Deploying, None, false).suboperation, 200_000_105);
    }
}
