//! Which events others are told of when a run changes.

use super::state::Event;
use model::{
    event::EventName,
    gate::{Gate, GateStatus},
    stage_run::StageRunStatus,
};

/// The events of a change, in order: those of the gates whose status it sets, then those of the transitions it makes,
/// each with where the run stands after it.
///
/// A run that is begun anew is requested anew: its pre-export step has to be answered once more.
pub(super) fn of(gates: &[(Gate, GateStatus)], transitions: &[(Event, StageRunStatus)]) -> Vec<EventName> {
    let gates = gates.iter().filter_map(|(gate, status)| match (gate, status) {
        (Gate::Approval, GateStatus::Pending) => Some(EventName::ApprovalStarted),
        (Gate::Approval, GateStatus::Completed) => Some(EventName::ApprovalCompleted),
        (Gate::PreDeploymentStep, GateStatus::Pending) => Some(EventName::PreDeploymentStarted),
        (Gate::PreDeploymentStep, GateStatus::Completed) => Some(EventName::PreDeploymentCompleted),
        // OnDeploymentRequested is what the platform has for the pre-export step; a rejection fails the run.
        (Gate::PreExportStep, _) | (_, GateStatus::Rejected) => None,
    });
    let transitions = transitions.iter().filter_map(|(event, after)| match event {
        Event::CheckAgain => Some(EventName::DeploymentRequested),
        Event::Retry => (*after == StageRunStatus::NotStarted).then_some(EventName::DeploymentRequested),
        Event::TargetFree => Some(EventName::DeploymentStarted),
        Event::Imported => Some(EventName::DeploymentCompleted),
        Event::Failed | Event::ValidationFailed => Some(EventName::DeploymentFailed),
        Event::CancelRequested => Some(EventName::DeploymentCanceled),
        Event::Claimed
        | Event::Exported
        | Event::ValidationPassed
        | Event::DeployRequested
        | Event::Prepared
        | Event::TooEarly
        | Event::TimeCame
        | Event::TargetBusy => None,
    });
    gates.chain(transitions).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::super::state::{self, State};
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn gates_tell_that_they_wait_and_that_they_were_passed() {
        use EventName as E;
        use GateStatus::{Completed, Pending, Rejected};
        for (gate, status, expected) in [
            (Gate::PreExportStep, Pending, None),
            (Gate::PreExportStep, Completed, None),
            (Gate::Approval, Pending, Some(E::ApprovalStarted)),
            (Gate::Approval, Completed, Some(E::ApprovalCompleted)),
            (Gate::Approval, Rejected, None),
            (Gate::PreDeploymentStep, Pending, Some(E::PreDeploymentStarted)),
            (Gate::PreDeploymentStep, Completed, Some(E::PreDeploymentCompleted)),
            (Gate::PreDeploymentStep, Rejected, None),
        ] {
            assert_eq!(of(&[(gate, status)], &[]), expected.into_iter().collect::<Vec<_>>(), "{gate:?} {status:?}");
        }
    }

    #[test]
    fn a_rejection_is_told_as_the_failure_of_the_run() {
        let failed = [(Event::Failed, StageRunStatus::Failed)];
        assert_eq!(of(&[(Gate::Approval, GateStatus::Rejected)], &failed), [EventName::DeploymentFailed]);
    }

    proptest! {
        #[test]
        fn every_end_is_told_once_and_nothing_ends_that_has_not_ended(
            events in prop::collection::vec(prop::sample::select(Event::ALL.to_vec()), 0..60),
        ) {
            let mut state = State::FIRST;
            for event in events {
                let Ok(next) = state::next(state, event) else { continue };
                let told = of(&[], &[(event, next.status)]);
                let ends = told.iter().filter(|name| {
                    matches!(name, EventName::DeploymentCompleted | EventName::DeploymentFailed | EventName::DeploymentCanceled)
                });
                prop_assert_eq!(ends.count(), usize::from(next.status.is_final()));
                let requested = told.contains(&EventName::DeploymentRequested);
                prop_assert_eq!(requested, next.status == StageRunStatus::NotStarted);
                state = next;
            }
        }
    }
}
