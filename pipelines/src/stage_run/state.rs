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
    /// The time has not come at which it is to be deployed, or may be.
    TooEarly,
    /// That time has come.
    TimeCame,
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
    /// A person has it tried again from the step that failed.
    Retry,
}

impl Event {
    /// Every event.
    pub const ALL: [Self; 15] = [
        Self::Claimed,
        Self::Exported,
        Self::ValidationPassed,
        Self::ValidationFailed,
        Self::CheckAgain,
        Self::DeployRequested,
        Self::Prepared,
        Self::TooEarly,
        Self::TimeCame,
        Self::TargetFree,
        Self::TargetBusy,
        Self::Imported,
        Self::Failed,
        Self::CancelRequested,
        Self::Retry,
    ];

    /// What happens, as the table of states and events says it.
    fn label(self) -> &'static str {
        match self {
            Self::Claimed => "the worker takes it up",
            Self::Exported => "the package has been fetched",
            Self::ValidationPassed => "pre-flight found no error",
            Self::ValidationFailed => "pre-flight found errors",
            Self::CheckAgain => "*Check again*",
            Self::DeployRequested => "*Deploy*",
            Self::Prepared => "the artifact is stored",
            Self::TooEarly => "its time is still to come",
            Self::TimeCame => "its time has come",
            Self::TargetFree => "its turn in the target",
            Self::TargetBusy => "the target is busy with something else",
            Self::Imported => "the target has the version",
            Self::Failed => "a step fails",
            Self::CancelRequested => "*Cancel*",
            Self::Retry => "*Retry*",
        }
    }
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
            Failed if self.event == Event::Retry => "it is not known where it failed. Deploy again instead",
            _ if self.event == Event::Retry => "it has not failed",
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
            Event::Retry => write!(formatter, "This run cannot be retried: {because}."),
            Event::CheckAgain => write!(formatter, "This run cannot be checked again: {because}."),
            _ => write!(formatter, "This run cannot go on: {because}."),
        }
    }
}

/// Where a run stands, with what decides where it may go from there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct State {
    /// Its status.
    pub status: StageRunStatus,
    /// Where it stood when it failed; none for runs that have not failed.
    pub failed_at: Option<StageRunStatus>,
}

impl From<StageRunStatus> for State {
    fn from(status: StageRunStatus) -> Self {
        Self { status, failed_at: None }
    }
}

impl State {
    /// Where every run begins.
    pub const FIRST: Self = Self { status: StageRunStatus::NotStarted, failed_at: None };

    fn label(self) -> String {
        match self.failed_at {
            Some(at) => format!("{} at “{}”", self.status.label(), at.label()),
            None => self.status.label().to_owned(),
        }
    }
}

/// Where a run stands after an event.
pub fn next(state: impl Into<State>, event: Event) -> Result<State, Refusal> {
    use StageRunStatus as S;
    let State { status, failed_at } = state.into();
    let next = match (status, event) {
        (S::NotStarted, Event::Claimed) => S::Started,
        (S::Started, Event::Exported) => S::Validating,
        (S::Validating, Event::ValidationPassed) => S::ValidationSucceeded,
        (S::ValidationSucceeded, Event::CheckAgain) => S::NotStarted,
        (S::ValidationSucceeded, Event::DeployRequested) => S::PreDeployInProgress,
        (S::PreDeployInProgress, Event::Prepared)
        | (S::Scheduled, Event::TimeCame)
        | (S::Deploying, Event::TargetBusy) => S::PreDeploySucceeded,
        (S::PreDeploySucceeded, Event::TooEarly) => S::Scheduled,
        (S::PreDeploySucceeded, Event::TargetFree) => S::Deploying,
        (S::Deploying, Event::Imported) => S::Succeeded,
        (S::Validating, Event::ValidationFailed)
        | (
            S::Started | S::Validating | S::PreDeployInProgress | S::Scheduled | S::PreDeploySucceeded | S::Deploying,
            Event::Failed,
        ) => S::Failed,
        (S::Failed, Event::Retry) => match failed_at {
            Some(S::Started | S::Validating) => S::NotStarted,
            Some(S::PreDeployInProgress | S::Scheduled | S::PreDeploySucceeded | S::Deploying) => {
                S::PreDeployInProgress
            }
            _ => return Err(Refusal { status, event }),
        },
        (status, Event::CancelRequested) if status.is_cancellable() => S::Canceled,
        (status, event) => return Err(Refusal { status, event }),
    };
    Ok(State { status: next, failed_at: (next == S::Failed).then_some(status) })
}

/// Every state a run can come to, in the order in which it comes to them first.
pub fn reachable() -> Vec<State> {
    let mut states = vec![State::FIRST];
    let mut seen = 0;
    while let Some(state) = states.get(seen).copied() {
        seen += 1;
        for event in Event::ALL {
            if let Ok(next) = next(state, event)
                && !states.contains(&next)
            {
                states.push(next);
            }
        }
    }
    states
}

/// The table of states and events as a table of Markdown: a row for each way on.
pub fn table() -> String {
    let ways = reachable().into_iter().flat_map(|state| {
        Event::ALL.into_iter().filter_map(move |event| Some((state, event, next(state, event).ok()?)))
    });
    let rows =
        ways.map(|(state, event, next)| format!("| {} | {} | {} |\n", state.label(), event.label(), next.label()));
    format!("| where a run stands | what happens | where it stands then |\n|---|---|---|\n{}", rows.collect::<String>())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

    use super::*;
    use StageRunStatus as S;
    use proptest::prelude::*;

    fn after(events: &[Event]) -> State {
        events.iter().fold(State::FIRST, |state, event| next(state, *event).unwrap_or(state))
    }

    #[test]
    fn a_run_goes_from_request_to_success() {
        let mut state = State::FIRST;
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
            (Event::TooEarly, S::Scheduled),
            (Event::TimeCame, S::PreDeploySucceeded),
            (Event::TargetFree, S::Deploying),
            (Event::TargetBusy, S::PreDeploySucceeded),
            (Event::TargetFree, S::Deploying),
            (Event::Imported, S::Succeeded),
        ] {
            state = next(state, event).unwrap();
            assert_eq!(state, State::from(expected), "{event:?}");
        }
    }

    #[test]
    fn a_failed_run_is_retried_from_the_part_that_failed() {
        for (failed_at, expected) in [
            (S::Started, S::NotStarted),
            (S::Validating, S::NotStarted),
            (S::PreDeployInProgress, S::PreDeployInProgress),
            (S::Scheduled, S::PreDeployInProgress),
            (S::PreDeploySucceeded, S::PreDeployInProgress),
            (S::Deploying, S::PreDeployInProgress),
        ] {
            let failed = next(failed_at, Event::Failed).unwrap();
            assert_eq!(failed, State { status: S::Failed, failed_at: Some(failed_at) });
            assert_eq!(next(failed, Event::Retry).unwrap(), State::from(expected), "{failed_at:?}");
        }
        let sentence = next(S::Succeeded, Event::Retry).unwrap_err().to_string();
        assert_eq!(sentence, "This run cannot be retried: it has succeeded already.");
    }

    /// The table in ARCHITECTURE.md is this one.
    #[test]
    fn the_architecture_shows_the_table_of_states_and_events() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../ARCHITECTURE.md");
        let text = std::fs::read_to_string(path).unwrap();
        assert!(text.contains(&table()), "put this table into ARCHITECTURE.md:\n{}", table());
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
        fn a_run_that_has_ended_stays_as_it_is_unless_a_failed_one_is_retried(
            events in events(),
            event in prop::sample::select(Event::ALL.to_vec()),
        ) {
            let state = after(&events);
            if state.status.is_final() {
                let retried = state.status == S::Failed && event == Event::Retry;
                prop_assert_eq!(next(state, event).is_ok(), retried);
            }
        }

        #[test]
        fn a_run_succeeds_only_after_every_step_on_the_way(events in events()) {
            let mut passed = Vec::new();
            let mut state = State::FIRST;
            for event in events {
                if let Ok(next) = next(state, event) {
                    passed.push(event);
                    state = next;
                }
            }
            if state.status == S::Succeeded {
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
            let state = after(&events);
            let way_out = Event::ALL.into_iter().any(|event| next(state, event).is_ok());
            prop_assert!(way_out || state.status.is_final());
        }
    }
}
