//! The deploy wizard, *Deploying solution*: one URL a step, so that Back, reload and a second tab work, and what was
//! entered so far is kept with the run.

mod answers;
mod changes;
mod connections;
mod destination;
mod pre_flight;
mod summary;
mod variables;

pub use answers::{CheckAgain, Deploy, DiscardRun, RequestRun, SaveConnections, SaveVariables};
pub use destination::Destination;

use crate::{
    components::{Intent, MessageBar, Panel, StepItem, StepState, Stepper},
    context::{caller, host},
    error::AppError,
    form,
    layout::{Area, DocumentTitle, PageHeader},
    page::{self, maker::address},
};
use leptos::prelude::*;
use model::{
    id::{EnvironmentId, StageRunId},
    stage_run::{StageRunStatus, Wizard, WizardStep},
};
use pipelines::stage_run;
use std::cmp::Ordering;

/// A step of the wizard after the first: `/runs/{run}/deploy/{step}`.
#[component]
pub fn Step() -> impl IntoView {
    let run = page::parameter::<StageRunId>("run");
    let name = page::parameter::<String>("step");
    let checked = page::query("check").is_some();
    page::load_with_area(
        async move {
            let step = WizardStep::from_name(&name?).ok_or_else(|| AppError::not_found("This step"))?;
            let wizard = stage_run::wizard(&host(), &caller()?, run?).await?;
            if wizard.run.status == StageRunStatus::ValidationSucceeded && !wizard.steps.contains(&step) {
                return Err(AppError::not_found("This step"));
            }
            let area = Area::Solution { environment: wizard.run.source, solution: wizard.run.solution.clone() };
            Ok((area, (wizard, step, form::returned("deploy").await)))
        },
        move |(wizard, step, returned)| {
            // A run that was deployed or has ended is no longer in the wizard.
            if !matches!(step, WizardStep::Destination | WizardStep::PreFlight)
                && wizard.run.status != StageRunStatus::ValidationSucceeded
            {
                return moved_on(&wizard).into_any();
            }
            let content = match step {
                WizardStep::Destination => destination::chosen(&wizard).into_any(),
                WizardStep::PreFlight => pre_flight::step(&wizard).into_any(),
                WizardStep::Connections => connections::step(&wizard, checked).into_any(),
                WizardStep::Variables => variables::step(&wizard, checked).into_any(),
                WizardStep::Changes => changes::step(&wizard).into_any(),
                WizardStep::Summary => summary::step(&wizard, &returned).into_any(),
            };
            frame(step, &wizard.steps, Some(wizard.run.id), wizard.run.source, &wizard.run.solution, content)
        },
    )
}

/// The step after another one, among those that apply.
fn after(steps: &[WizardStep], step: WizardStep) -> WizardStep {
    steps.iter().copied().skip_while(|other| *other != step).nth(1).unwrap_or(WizardStep::Summary)
}

/// The step before another one, among those that apply.
fn before(steps: &[WizardStep], step: WizardStep) -> Option<WizardStep> {
    steps.iter().copied().take_while(|other| *other != step).last()
}

/// The wizard around one step: heading, the steps at the side, and Close.
fn frame(
    current: WizardStep,
    steps: &[WizardStep],
    run: Option<StageRunId>,
    environment: EnvironmentId,
    solution: &str,
    content: AnyView,
) -> AnyView {
    let position = steps.iter().position(|step| *step == current).unwrap_or(0);
    let items = steps
        .iter()
        .enumerate()
        .map(|(index, step)| {
            let state = match index.cmp(&position) {
                Ordering::Less => StepState::Done,
                Ordering::Equal => StepState::Current,
                Ordering::Greater => StepState::ToDo,
            };
            let href = run.filter(|_| state == StepState::Done).map(|run| address::step(run, *step));
            StepItem::new(step.label(), state, href)
        })
        .collect();
    view! {
        <DocumentTitle text=format!("{} - Deploying solution", current.label())/>
        <Panel
            title="Deploying solution"
            close=address::pipelines(environment, solution, None)
            side=move || view! { <Stepper steps=items/> }
        >
            {content}
        </Panel>
    }
    .into_any()
}

/// The buttons at the foot of a step: Back, what goes on, and Close.
fn footer(
    back: Option<String>,
    forward: impl IntoView + 'static,
    environment: EnvironmentId,
    solution: &str,
) -> AnyView {
    view! {
        <div class="panel-footer">
            {back.map(|address| view! { <a class="button" href=address>"Back"</a> })}
            {forward}
            <a class="button close" href=address::pipelines(environment, solution, None)>
                "Close"
            </a>
        </div>
    }
    .into_any()
}

/// What a step says when its run is no longer waiting for settings.
fn moved_on(wizard: &Wizard) -> impl IntoView + use<> {
    let message = match wizard.run.status {
        StageRunStatus::Canceled => "This deployment was canceled.",
        StageRunStatus::Failed => "This deployment has failed.",
        StageRunStatus::Succeeded => "This deployment is done.",
        StageRunStatus::Scheduled => "This deployment is scheduled.",
        status if status < StageRunStatus::ValidationSucceeded => "Pre-flight is still running.",
        _ => "This deployment is under way.",
    };
    let (href, words) = match wizard.run.status {
        StageRunStatus::NotStarted | StageRunStatus::Started | StageRunStatus::Validating => {
            (address::step(wizard.run.id, WizardStep::PreFlight), "Go to pre-flight")
        }
        _ => (address::run(wizard.run.id), "Open the run"),
    };
    view! {
        <PageHeader title="Deploying solution"/>
        <section class="card">
            <MessageBar intent=Intent::Information>{message}</MessageBar>
            <p>
                <a class="button primary" href=href>{words}</a>
            </p>
        </section>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_that_do_not_apply_are_passed_over_both_ways() {
        let steps = [WizardStep::Destination, WizardStep::PreFlight, WizardStep::Changes, WizardStep::Summary];
        assert_eq!(after(&steps, WizardStep::PreFlight), WizardStep::Changes);
        assert_eq!(before(&steps, WizardStep::Changes), Some(WizardStep::PreFlight));
        assert_eq!(before(&steps, WizardStep::Destination), None);
        assert_eq!(after(&steps, WizardStep::Summary), WizardStep::Summary);
    }
}
