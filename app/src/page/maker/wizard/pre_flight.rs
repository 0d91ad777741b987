//! *Pre-flight*: what stands in the way of the deployment, before anything is touched.

use super::{CheckAgain, DiscardRun, after, footer};
use crate::{
    components::{Findings, Icon, Intent, MessageBar, Remedies},
    context::refresh_without_scripting,
    island::LiveRegion,
    page::maker::address,
};
use leptos::{prelude::*, server_fn::ServerFn};
use model::{
    Severity,
    stage_run::{StageRunStatus, Wizard, WizardStep},
};

/// The step. While pre-flight runs, the page follows it; with scripting off the browser asks again every second.
pub fn step(wizard: &Wizard) -> impl IntoView + use<> {
    let run = &wizard.run;
    let running =
        matches!(run.status, StageRunStatus::NotStarted | StageRunStatus::Started | StageRunStatus::Validating);
    if running {
        refresh_without_scripting(1);
    }
    let content = content(wizard, running).into_any();
    view! {
        <LiveRegion
            id="pre-flight".to_owned()
            events=running.then(|| format!("/events/runs/{}", run.id)).into_iter().collect()
            label=Some("Pre-flight".to_owned())
        >
            {content}
        </LiveRegion>
    }
}

fn content(wizard: &Wizard, running: bool) -> impl IntoView + use<> {
    let run = &wizard.run;
    let errors = run.findings.iter().filter(|finding| finding.severity == Severity::Error).count();
    let (solution, target, run_address) = (&run.solution_display_name, &run.target_name, address::run(run.id));
    let passed = format!("{solution} can be deployed to {target}.");
    let refused = match errors {
        1 => format!("{solution} cannot be deployed to {target}. 1 error has to be mended first."),
        count => format!("{solution} cannot be deployed to {target}. {count} errors have to be mended first."),
    };
    let failure = run.error_message.clone();
    let verdict = if running {
        view! {
            <p class="in-progress" role="status">
                <span class="spinner" aria-hidden="true"></span>
                {format!("Checking {} against {} …", run.solution_display_name, run.target_name)}
            </p>
        }
        .into_any()
    } else {
        match run.status {
            StageRunStatus::ValidationSucceeded => view! {
                <MessageBar intent=Intent::Success>{passed}</MessageBar>
            }
            .into_any(),
            StageRunStatus::Failed if errors > 0 => view! {
                <MessageBar intent=Intent::Error>
                    {refused}
                </MessageBar>
            }
            .into_any(),
            StageRunStatus::Failed => view! { <MessageBar intent=Intent::Error>{failure}</MessageBar> }.into_any(),
            StageRunStatus::Canceled => {
                view! { <MessageBar intent=Intent::Information>"This deployment was canceled."</MessageBar> }.into_any()
            }
            _ => view! {
                <MessageBar intent=Intent::Information>
                    "This deployment is under way. " <a href=run_address>"Open the run"</a>
                </MessageBar>
            }
            .into_any(),
        }
    };
    let findings = run.findings.clone();
    // Before pre-flight has passed there is no step to lead to.
    let step = |step| {
        let is_open = run.status == StageRunStatus::ValidationSucceeded && wizard.steps.contains(&step);
        is_open.then(|| address::step(run.id, step))
    };
    let remedies = Remedies {
        connections: step(WizardStep::Connections),
        variables: step(WizardStep::Variables),
        solutions: Some(address::solutions(run.source)),
        at_hand: wizard
            .at_hand
            .iter()
            .map(|solution| {
                (solution.clone(), address::pipelines(run.source, &solution.unique_name, Some(run.pipeline)))
            })
            .collect(),
    };
    let none = !running && findings.is_empty() && run.status == StageRunStatus::ValidationSucceeded;
    let waits = run.status == StageRunStatus::ValidationSucceeded;
    let again = address::deploy(run.source, &run.solution, run.pipeline, run.stage);
    let forward = if waits {
        let next = address::step(run.id, after(&wizard.steps, WizardStep::PreFlight));
        view! {
            <a class="button primary" href=next>"Next"</a>
            <form method="post" action=CheckAgain::PATH>
                <input type="hidden" name="run" value=run.id.to_string()/>
                <button class="button" type="submit"><Icon name="arrow-clockwise"/>"Check again"</button>
            </form>
        }
        .into_any()
    } else if run.status == StageRunStatus::Failed {
        view! {
            <a class="button primary" href=again>"Try again"</a>
            <a class="button" href=address::run(run.id)>"Open the run"</a>
        }
        .into_any()
    } else {
        ().into_any()
    };
    let discard = (run.cancellable).then(|| {
        view! {
            <form method="post" action=DiscardRun::PATH>
                <input type="hidden" name="run" value=run.id.to_string()/>
                <button class="button subtle" type="submit">"Cancel deployment"</button>
            </form>
        }
    });
    view! {
        <div class="wizard-form">
            <div class="wizard-content">
                <h2>"Pre-flight"</h2>
                {verdict}
                {none.then(|| view! { <p>"Nothing to report: every dependency is there and nothing stands in the way."</p> })}
                {(!findings.is_empty()).then(|| view! { <Findings findings remedies/> })}
            </div>
            {footer(Some(address::step(run.id, WizardStep::Destination)), view! { {forward} {discard} }, run.source, &run.solution)}
        </div>
    }
}
