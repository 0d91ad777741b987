//! The one state machine of runs. Every change of a status is decided here and nowhere else.

use model::stage_run::StageRunStatus;
use std::fmt;

/// What happens to a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Event {
    /// The worker takes it up.
    Claimed,
    /// What is to be deployed has been exported, or fetched from an earlier stage.
    Exported,
    /// Pre-flight found no error.
    ValidationPassed,
    /// Pre-flight found errors.
    ValidationFailed,
    /// Its maker wants pre-flight to run again.
    CheckAgain,
    /// Its maker gave the settings and wants it deployed.
    DeployRequested,
    /// The artifact is stored.
    Prepared,
    /// The target is free, and the import is about to begin.
    TargetFree,
    /// The target turned out to be busy with something else before the import began.
    TargetBusy,
    /// The target has what was imported.
    Imported,
    /// A step failed.
    Failed,
    /// A person withdraws it.
    CancelRequested,
}

impl Event {
    /// Every event.
    pub const ALL: [Self; 12] = [
        Self::Claimed,
        Self::Exported,
        Self::ValidationPassed,
        Self::ValidationFailed,
        Self::CheckAgain,
        Self::DeployRequested,
        Self::Prepared,
        Self::TargetFree,
        Self::TargetBusy,
        Self::Imported,
        Self::Failed,
        Self::CancelRequested,
    ];
}

/// Why an event does not apply to a run as it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub struct Refusal {
    /// Where the run stands.
    pub status: StageRunStatus,
    /// What should have happened to it.
    pub event: Event,
}

impl fmt::Display for Refusal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        use StageRunStatus::{Canceled, Deploying, Failed, Succeeded, ValidationSucceeded};
        let because = match self.status {
            Succeeded => "it has succeeded already",
            Failed => "it has failed already",
            Canceled => "it has been canceled",
            Deploying => "its import has begun",
            ValidationSucceeded => "it waits for its settings",
            _ if matches!(self.event, Event::DeployRequested | Event::CheckAgain) => {
                "it is not waiting for its settings at the moment"
            }
            other => return write!(formatter, "This run stands at “{}”, where that is not possible.", other.label()),
        };
        match self.event {
            Event::CancelRequested => write!(formatter, "This run cannot be canceled any more: {because}."),
            Event::DeployRequested => write!(formatter, "This run cannot be deployed: {because}."),
            Event::CheckAgain => write!(formatter, "This run cannot be checked again: {because}."),
            _ => write!(formatter, "This run cannot go on: {because}."),
        }
    }
}

/// Where a run stands after an event.
pub fn next(status: StageRunStatus, event: Event) -> Result<StageRunStatus, Refusal> {
    use StageRunStatus as S;
    match (status, event) {
        (S::NotStarted, Event::Claimed) => Ok(S::Started),
        (S::Started, Event::Exported) => Ok(S::Validating),
        (S::Validating, Event::ValidationPassed) => Ok(S::ValidationSucceeded),
        (S::ValidationSucceeded, Event::CheckAgain) => Ok(S::NotStarted),
        (S::ValidationSucceeded, Event::DeployRequested) => Ok(S::PreDeployInProgress),
        (S::PreDeployInProgress, Event::Prepared) | (S::Deploying, Event::TargetBusy) => Ok(S::PreDeploySucceeded),
        (S::PreDeploySucceeded, Event::TargetFree) => Ok(S::Deploying),
        (S::Deploying, Event::Imported) => Ok(S::Succeeded),
        (S::Validating, Event::ValidationFailed)
        | (S::Started | S::Validating | S::PreDeployInProgress | S::PreDeploySucceeded | S::Deploying, Event::Failed) => {
            Ok(S::Failed)
        }
        (status, Event::CancelRequested) if status.is_cancellable() => Ok(S::Canceled),
        (status, event) => Err(Refusal { status, event }),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

    use super::*;
    use StageRunStatus as S;
    use proptest::prelude::*;

    fn after(events: &[Event]) -> S {
        events.iter().fold(S::NotStarted, |status, event| next(status, *event).unwrap_or(status))
    }

    #[test]
    fn a_run_goes_from_request_to_success() {
        let mut status = S::NotStarted;
        for (event, expected) in [
            (Event::Claimed, S::Started),
            (Event::Exported, S::Validating),
            (Event::ValidationPassed, S::ValidationSucceeded),
            (Event::CheckAgain, S::NotStarted),
            (Event::Claimed, S::Started),
            (Event::Exported, S::Validating),
            (Event::ValidationPassed, S::ValidationSucceeded),
            (Event::DeployRequested, S::PreDeployInProgress),
            (Event::Prepared, S::PreDeploySucceeded),
            (Event::TargetFree, S::Deploying),
            (Event::TargetBusy, S::PreDeploySucceeded),
            (Event::TargetFree, S::Deploying),
            (Event::Imported, S::Succeeded),
        ] {
            status = next(status, event).unwrap();
            assert_eq!(status, expected, "{event:?}");
        }
    }

    #[test]
    fn a_run_can_be_withdrawn_exactly_while_its_import_has_not_begun() {
        for status in S::ALL.iter().copied() {
            assert_eq!(next(status, Event::CancelRequested).is_ok(), status.is_cancellable(), "{status:?}");
        }
    }

    #[test]
    fn a_refusal_says_why_in_a_sentence() {
        for status in S::ALL.iter().copied() {
            for event in Event::ALL {
                if let Err(refusal) = next(status, event) {
                    let sentence = refusal.to_string();
                    assert!(sentence.starts_with("This run ") && sentence.ends_with('.'), "{sentence}");
                }
            }
        }
        let sentence = next(S::Deploying, Event::CancelRequested).unwrap_err().to_string();
        assert_eq!(sentence, "This run cannot be canceled any more: its import has begun.");
        let sentence = next(S::Validating, Event::DeployRequested).unwrap_err().to_string();
        assert_eq!(sentence, "This run cannot be deployed: it is not waiting for its settings at the moment.");
    }

    fn events() -> impl Strategy<Value = Vec<Event>> {
        prop::collection::vec(prop::sample::select(Event::ALL.to_vec()), 0..60)
    }

    proptest! {
        #[test]
        fn a_run_that_has_ended_stays_as_it_is(events in events(), event in prop::sample::select(Event::ALL.to_vec())) {
            let status = after(&events);
            if status.is_final() {
                prop_assert!(next(status, event).is_err());
            }
        }

        #[test]
        fn a_run_succeeds_only_after_every_step_on_the_way(events in events()) {
            let mut passed = Vec::new();
            let mut status = S::NotStarted;
            for event in events {
                if let Ok(next) = next(status, event) {
                    passed.push(event);
                    status = next;
                }
            }
            if status == S::Succeeded {
                for (earlier, later) in [
                    (Event::Claimed, Event::Exported),
                    (Event::Exported, Event::ValidationPassed),
                    (Event::ValidationPassed, Event::DeployRequested),
                    (Event::DeployRequested, Event::Prepared),
                    (Event::Prepared, Event::TargetFree),
                    (Event::TargetFree, Event::Imported),
                ] {
                    let at = |event| passed.iter().rposition(|passed| *passed == event);
                    prop_assert!(at(earlier).is_some() && at(earlier) < at(later), "{earlier:?} before {later:?}");
                }
            }
        }

        #[test]
        fn a_run_that_has_not_ended_can_still_end(events in events()) {
            let status = after(&events);
            let way_out = Event::ALL.into_iter().any(|event| next(status, event).is_ok());
            prop_assert!(way_out || status.is_final());
        }
    }
}
