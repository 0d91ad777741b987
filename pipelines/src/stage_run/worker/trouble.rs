//! What can come in the way of a run, and what is done about it: try again later, or fail with a sentence that says
//! what failed, where, and what to do next.

use super::{Step, Work};
use crate::{
    Error,
    stage_run::{
        entity::{self, Entity, Model},
        journal::{Change, Guard},
        state::{Event, Refusal},
    },
};
use environment::EnvironmentError;
use model::{
    Finding, Severity,
    id::StageRunId,
    stage_run::{StageRunStatus, StepStatus, SubOperation},
};
use sea_orm::{ActiveValue::Set, EntityTrait};
use std::time::Duration;

/// How often something is tried that does not answer, while its maker waits for pre-flight.
const ATTEMPTS_OF_PREFLIGHT: i32 = 5;

/// How often something is tried that does not answer, later.
const ATTEMPTS: i32 = 12;

/// The longest pause between two attempts.
const LONGEST_PAUSE: Duration = Duration::from_mins(1);

/// The pause before a busy target is asked again.
const BUSY_PAUSE: Duration = Duration::from_secs(2);

/// What came in the way.
#[derive(Debug)]
pub(super) enum Trouble {
    /// Trying again will not help.
    Final(Failure),
    /// Trying again may help, but not for ever.
    Passing {
        /// What the run waits for meanwhile, in a sentence.
        waiting_for: String,
        /// How long not to ask again, where somebody said so.
        pause: Option<Duration>,
        /// What the run fails with in the end.
        failure: Failure,
    },
    /// The target does something else. Trying again will help once that has ended.
    Busy {
        /// What the run waits for meanwhile, in a sentence.
        waiting_for: String,
    },
}

/// Why a run fails.
#[derive(Debug)]
pub(super) struct Failure {
    /// At which step; none where it is no step's fault.
    pub step: Option<SubOperation>,
    /// What failed, where, and what to do next.
    pub message: String,
    /// What pre-flight found, where that is the reason.
    pub findings: Option<Vec<Finding>>,
    /// Whether the target has ended the import, so that a retry begins another one.
    pub import_is_over: bool,
}

impl Trouble {
    /// A failure at a step.
    pub fn fails(step: SubOperation, message: impl Into<String>) -> Self {
        Self::Final(Failure { step: Some(step), message: message.into(), findings: None, import_is_over: false })
    }

    /// A failure that the target has ended an import with.
    pub fn import_fails(step: SubOperation, message: impl Into<String>) -> Self {
        Self::Final(Failure { step: Some(step), message: message.into(), findings: None, import_is_over: true })
    }

    /// An error met while `doing` something, such as “Exporting Contoso Expenses from Contoso Dev”, at `place`.
    pub fn at(step: SubOperation, doing: &str, place: &str, error: impl Into<Error>) -> Self {
        let failure = |message: String| Failure { step: Some(step), message, findings: None, import_is_over: false };
        match error.into() {
            Error::Environment(EnvironmentError::Unreachable { reason, retry_after }) => Self::Passing {
                waiting_for: format!("{place} does not answer: {reason} Slipway tries again."),
                pause: retry_after,
                failure: failure(format!(
                    "{doing} failed, because {place} does not answer: {reason} See that it can be reached, then deploy again."
                )),
            },
            Error::Environment(EnvironmentError::Busy { running }) => Self::Busy {
                waiting_for: format!("{place} is busy with another operation ({running}). The run goes on after it."),
            },
            Error::Environment(EnvironmentError::NotFound(id)) => Self::fails(
                step,
                format!(
                    "{doing} failed, because the environment {id} of {place} no longer exists. Ask an administrator to \
                     look at the environment's record."
                ),
            ),
            error @ (Error::Environment(EnvironmentError::Internal(_)) | Error::Database(_) | Error::Internal(_)) => {
                tracing::error!(error = &error as &dyn std::error::Error, "{doing} met a failure inside Slipway");
                Self::Passing {
                    waiting_for: "Something failed inside Slipway. It is tried again.".to_owned(),
                    pause: None,
                    failure: failure(format!(
                        "{doing} failed inside Slipway. Ask your administrator to look into the log, then deploy again."
                    )),
                }
            }
            error => Self::fails(step, format!("{doing} failed: {error}")),
        }
    }
}

/// The host's own database failed, or the run is not where it should be.
impl From<Error> for Trouble {
    fn from(error: Error) -> Self {
        tracing::error!(error = &error as &dyn std::error::Error, "a run could not be written down");
        Self::inside()
    }
}

impl From<Refusal> for Trouble {
    fn from(refusal: Refusal) -> Self {
        tracing::error!(error = &refusal as &dyn std::error::Error, "a run was to go where it cannot");
        Self::inside()
    }
}

impl Trouble {
    fn inside() -> Self {
        let message = "The run failed inside Slipway. Ask your administrator to look into the log, then deploy again.";
        Self::Passing {
            waiting_for: "Something failed inside Slipway. It is tried again.".to_owned(),
            pause: None,
            failure: Failure { step: None, message: message.to_owned(), findings: None, import_is_over: false },
        }
    }
}

/// The pause before an attempt, 1 for the first one after a failure.
fn pause(attempt: i32) -> Duration {
    let doubled = 2_u64.saturating_pow(u32::try_from(attempt - 1).unwrap_or(0));
    Duration::from_secs(doubled).min(LONGEST_PAUSE)
}

/// How often is tried what may pass.
fn most_attempts(status: StageRunStatus) -> i32 {
    match status {
        StageRunStatus::Started | StageRunStatus::Validating => ATTEMPTS_OF_PREFLIGHT,
        _ => ATTEMPTS,
    }
}

fn target_unreachable(run: &Model, message: &str) -> Finding {
    Finding {
        severity: Severity::Error,
        code: None,
        rule: "target-unreachable".to_owned(),
        title: "The target cannot be reached".to_owned(),
        message: message.to_owned(),
        components: Vec::new(),
        remedy: format!("See that {} can be reached, then deploy again.", run.target_name),
        action: None,
    }
}

impl Work {
    /// Does what can be done about trouble. Where not even that can be written, the lease runs out and the step is tried
    /// again.
    pub(super) async fn meet(&self, run: &Model, trouble: Trouble) {
        let change = match trouble {
            Trouble::Final(failure) => self.failed(run, failure),
            Trouble::Busy { waiting_for } => Ok(self.waits(run, run.attempts, waiting_for, BUSY_PAUSE)),
            Trouble::Passing { waiting_for, pause: given, failure } => {
                let attempt = run.attempts.saturating_add(1);
                if attempt < most_attempts(run.status()) {
                    let pause = pause(attempt).max(given.unwrap_or_default());
                    Ok(self.waits(run, attempt, waiting_for, pause))
                } else {
                    self.failed(run, Self::given_up(run, failure))
                }
            }
        };
        let written = match change {
            Ok(change) => change.commit(&self.host, Guard::Lease(self.lease)).await,
            Err(refusal) => Err(refusal.into()),
        };
        if let Err(error) = written {
            tracing::error!(run = %run.id, error = &error as &dyn std::error::Error, "the trouble of a run could not be written down");
        }
    }

    /// The work on a run panicked.
    pub(super) async fn broke_off(&self, id: StageRunId) {
        match Entity::find_by_id(id.0).one(&self.host.database).await {
            Ok(Some(run)) => self.meet(&run, Trouble::inside()).await,
            Ok(None) => {}
            Err(error) => {
                tracing::error!(run = %id, error = &error as &dyn std::error::Error, "a run could not be read");
            }
        }
    }

    /// A run whose target does not answer while pre-flight looks at it has that as its finding.
    fn given_up(run: &Model, mut failure: Failure) -> Failure {
        if run.status() == StageRunStatus::Validating && failure.step.is_some() {
            failure.findings = Some(vec![target_unreachable(run, &failure.message)]);
        }
        failure
    }

    fn failed(&self, run: &Model, failure: Failure) -> Result<Change, Refusal> {
        let found = failure.findings.is_some() && run.status() == StageRunStatus::Validating;
        let event = if found { Event::ValidationFailed } else { Event::Failed };
        let mut change = self.change(run).advance(event)?.complain(&failure.message);
        if let Some(step) = failure.step {
            change = change.step(step, StepStatus::Failed, self.now(), &failure.message);
        }
        if let Some(findings) = &failure.findings {
            change.columns.findings = Set(entity::write(findings));
        }
        if failure.import_is_over {
            change.columns.import_job = Set(None);
        }
        change.columns.error_message = Set(failure.message);
        Ok(change)
    }

    /// An import that could not begin because the target is busy has not begun, and its maker may still withdraw it.
    fn waits(&self, run: &Model, attempt: i32, waiting_for: String, pause: Duration) -> Change {
        let mut change = self.change(run);
        let since = self.now();
        if run.waiting_for != waiting_for {
            change = change.complain(&waiting_for);
        }
        if let Some(step) = step_of(run.status()) {
            change = change.step(step, StepStatus::Pending, since, &waiting_for);
        }
        change.columns.attempts = Set(attempt);
        change.columns.waiting_for = Set(waiting_for);
        change.due(Some(since + pause))
    }

    /// An import that could not begin goes back to where it waits for its target.
    pub(super) async fn wait_for_busy(&self, run: &Model, waiting_for: String) -> Result<Step, Trouble> {
        let mut change = self.change(run).advance(Event::TargetBusy)?;
        if run.waiting_for != waiting_for {
            change = change.say(&waiting_for);
        }
        let step = SubOperation::DeployingArtifact;
        change = change.step(step, StepStatus::Pending, self.now(), &waiting_for);
        change.columns.waiting_for = Set(waiting_for);
        self.write(change.due(Some(self.now() + BUSY_PAUSE))).await?;
        Ok(Step::Rests)
    }
}

/// The step that runs where a run stands.
fn step_of(status: StageRunStatus) -> Option<SubOperation> {
    match status {
        StageRunStatus::Started => Some(SubOperation::ExecutingPreStep),
        StageRunStatus::Validating => Some(SubOperation::ValidatingArtifactConfiguration),
        StageRunStatus::PreDeployInProgress => Some(SubOperation::RetrievingArtifact),
        StageRunStatus::Scheduled | StageRunStatus::PreDeploySucceeded | StageRunStatus::Deploying => {
            Some(SubOperation::DeployingArtifact)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::panic, reason = "tests")]

    use super::*;

    #[test]
    fn pauses_grow_up_to_a_minute() {
        assert_eq!([1, 2, 3, 7, 60].map(|attempt| pause(attempt).as_secs()), [1, 2, 4, 60, 60]);
    }

    #[test]
    fn what_may_pass_is_tried_again_and_what_cannot_is_not() {
        let at = |error: EnvironmentError| {
            Trouble::at(SubOperation::ExecutingPreStep, "Exporting A from Dev", "Dev", Error::Environment(error))
        };
        let unreachable = EnvironmentError::Unreachable { reason: "No answer.".to_owned(), retry_after: None };
        let Trouble::Passing { waiting_for, failure, .. } = at(unreachable) else { panic!("not passing") };
        assert_eq!(waiting_for, "Dev does not answer: No answer. Slipway tries again.");
        assert!(failure.message.starts_with("Exporting A from Dev failed, because Dev does not answer: No answer."));
        assert!(matches!(at(EnvironmentError::Busy { running: "Import".to_owned() }), Trouble::Busy { .. }));
        let refused = EnvironmentError::Refused { code: None, message: "No.".to_owned() };
        let Trouble::Final(failure) = at(refused) else { panic!("not final") };
        assert_eq!(failure.message, "Exporting A from Dev failed: No.");
    }
}
