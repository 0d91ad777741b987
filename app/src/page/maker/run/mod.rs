//! The page of a run: what happened, what is happening, and what it took along.

mod schedule;
mod waiting;
mod ways_on;

use super::wizard::DiscardRun;
use crate::{
    components::{Breadcrumb, Card, CommandBar, CommandLink, Crumb, Dialog, Fact, Icon, Intent, MessageBar, Moment},
    context::{caller, host, now, refresh_without_scripting},
    form,
    island::LiveRun,
    layout::{Area, PageHeader},
    page::{self, comparison, maker::address},
};
use leptos::{prelude::*, server_fn::ServerFn};
use model::{
    id::StageRunId,
    settings::DeploymentSettings,
    stage_run::{RunKind, RunUpdate, StageRun, StageRunStatus, WizardStep},
};
use pipelines::stage_run;

/// `/runs/{run}`
#[component]
pub fn Run() -> impl IntoView {
    let id = page::parameter::<StageRunId>("run");
    page::load_with_area(
        async move {
            let id = id?;
            let (host, caller) = (host(), caller()?);
            let run = stage_run::get(&host, &caller, id).await?;
            let log = stage_run::log(&host, &caller, id, 0).await?;
            let area = Area::Solution { environment: run.source, solution: run.solution.clone() };
            let ways = stage_run::ways_on(&host, &caller, id).await?;
            let waiting = stage_run::waiting(&host, &caller, id).await?;
            let changes = if waiting.mine { stage_run::what_will_change(&host, &caller, id).await? } else { None };
            let time_changes = stage_run::time_changes(&host, &caller, id).await?;
            let ways = (ways, waiting, changes, time_changes);
            let returned = (
                form::returned("run").await,
                form::returned(ways_on::PREVENT).await,
                form::returned(waiting::FORM).await,
                (form::returned(schedule::FORM).await, form::returned(schedule::OVERRIDE).await),
            );
            Ok((area, (RunUpdate { run, log }, ways, returned)))
        },
        |(update, (ways, waiting, changes, time_changes), (returned, prevented, answered, (timed, overridden)))| {
            let run = update.run.clone();
            // Nothing happens for long to a run that waits for a time, and somebody may be about to enter another one.
            let rests = matches!(run.status, StageRunStatus::ValidationSucceeded | StageRunStatus::Scheduled);
            if !run.status.is_final() && !rests {
                refresh_without_scripting(2);
            }
            let problem = returned.problem().map(ToString::to_string);
            let settings = settings(&run.settings);
            let waiting = waiting::card(run.id, waiting, changes, &answered);
            let ways = ways_on::card(&run, ways, &prevented);
            let schedule = schedule::card(&run, time_changes, timed, overridden);
            let title = format!("{} {} to {}", run.solution_display_name, run.version, run.stage_name);
            let crumbs = vec![
                Crumb::new(run.solution_display_name.clone(), address::solution(run.source, &run.solution)),
                Crumb::new("Pipelines", address::pipelines(run.source, &run.solution, Some(run.pipeline))),
            ];
            view! {
                <div id="run-actions">{actions(run.clone())}</div>
                <Breadcrumb crumbs current=format!("Run of {}", run.version)/>
                <PageHeader title subtitle="Stage run"/>
                {problem.map(|problem| view! { <MessageBar intent=Intent::Error>{problem}</MessageBar> })}
                <div class="run-page">
                    <div>
                        <LiveRun initial=update now=now().unwrap_or_default()/>
                    </div>
                    <div id="run-facts">{schedule} {waiting} {ways} {facts(run)} {settings}</div>
                </div>
            }
        },
    )
}

fn actions(run: StageRun) -> impl IntoView {
    let waits = run.status == StageRunStatus::ValidationSucceeded && run.mine;
    let id = run.id;
    let cancel = run.cancellable.then(|| {
        view! {
            <Dialog
                trigger="Cancel deployment"
                icon="dismiss"
                title=format!("Cancel the deployment of {} {}?", run.solution_display_name, run.version)
            >
                <p>{format!("{} The run stays in the history as canceled.", run.done_so_far)}</p>
                <form method="post" action=DiscardRun::PATH>
                    <input type="hidden" name="run" value=id.to_string()/>
                    <button class="button primary" type="submit">"Cancel deployment"</button>
                </form>
            </Dialog>
        }
    });
    let pipelines = address::pipelines(run.source, &run.solution, Some(run.pipeline));
    view! {
        <CommandBar>
            {waits
                .then(|| {
                    view! {
                        <CommandLink href=address::step(id, WizardStep::PreFlight) icon="rocket">"Continue deployment"</CommandLink>
                    }
                })}
            {cancel}
            <CommandLink href=pipelines icon="arrow-left">"Back to Pipelines"</CommandLink>
            <CommandLink href=address::run(id) icon="arrow-clockwise">"Refresh"</CommandLink>
        </CommandBar>
    }
}

fn facts(run: StageRun) -> impl IntoView {
    let previous = run.previous_version.as_ref().map_or_else(|| "Nothing".to_owned(), ToString::to_string);
    let artifact = run.artifact.zip(run.artifact_sha256.clone()).map(|(id, sha256)| {
        view! {
            <Fact label="Artifact (SHA-256)">
                <code class="hash">{sha256}</code>
            </Fact>
            <Fact label="Download">
                <a href=format!("/artifacts/{id}/managed")>
                    <Icon name="arrow-download"/>
                    "Managed"
                </a>
                " "
                <a href=format!("/artifacts/{id}/unmanaged")>
                    <Icon name="arrow-download"/>
                    "Unmanaged"
                </a>
            </Fact>
        }
    });
    let notes = run.notes.clone();
    let changes = run.changes.map(|changes| {
        let summary = changes.to_string();
        view! { <Fact label="What changes">{if changes.loses_data() { view! { <strong class="danger">{summary}</strong> }.into_any() } else { summary.into_any() }}</Fact> }
    });
    let imports = run.kind != RunKind::Settings;
    let compare = run.artifact.zip(run.previous_version.clone()).filter(|_| imports).map(|(_, version)| {
        view! { " " <a href=comparison::address_of_run(run.id) aria-label=format!("Compare with version {version}")>"Compare"</a> }
    });
    let kind = match run.kind {
        RunKind::RollBack(bad) => Some(view! { <a href=address::run(bad)>"Roll-back of another run"</a> }.into_any()),
        RunKind::Redeployment => Some("Redeployment".into_any()),
        RunKind::Settings => Some("Settings only, nothing is imported".into_any()),
        RunKind::Deployment => None,
    };
    view! {
        <Card title="Deployment">
            <dl class="facts">
                <Fact label="Pipeline">{run.pipeline_name}</Fact>
                <Fact label="Stage">{run.stage_name.clone()}</Fact>
                <Fact label="From">{run.source_name.clone()}</Fact>
                <Fact label="To">{run.target_name.clone()}</Fact>
                <Fact label="Solution">
                    <a href=address::solution(run.source, &run.solution)>{run.solution_display_name.clone()}</a>
                </Fact>
                <Fact label="Version">{run.version.to_string()}</Fact>
                {kind.map(|kind| view! { <Fact label="Kind">{kind}</Fact> })}
                <Fact label="Installed before">{previous}{compare}</Fact>
                {changes}
                <Fact label="Requested by">{run.requested_by_name.clone()}</Fact>
                {run.run_as_name.clone().map(|name| view! { <Fact label="Deploys as">{name}</Fact> })}
                <Fact label="Requested">
                    <Moment at=run.requested/>
                </Fact>
                {artifact}
                <Fact label="Deployment notes">
                    {if notes.is_empty() {
                        view! { <span class="muted">"None"</span> }.into_any()
                    } else {
                        view! { <p class="notes">{notes}</p> }.into_any()
                    }}
                </Fact>
            </dl>
        </Card>
    }
}

fn settings(settings: &DeploymentSettings) -> Option<impl IntoView + use<>> {
    if settings.connection_references.is_empty() && settings.environment_variables.is_empty() {
        return None;
    }
    let connections = settings
        .connection_references
        .iter()
        .cloned()
        .map(|setting| view! { <Fact label=setting.logical_name>{setting.connection_id}</Fact> })
        .collect_view();
    let variables = settings
        .environment_variables
        .iter()
        .cloned()
        .map(|setting| view! { <Fact label=setting.schema_name>{setting.value}</Fact> })
        .collect_view();
    let (has_connections, has_variables) =
        (!settings.connection_references.is_empty(), !settings.environment_variables.is_empty());
    Some(view! {
        <Card title="Settings used">
            {has_connections.then(|| view! { <h3>"Connections"</h3> <dl class="facts">{connections}</dl> })}
            {has_variables.then(|| view! { <h3>"Environment variables"</h3> <dl class="facts">{variables}</dl> })}
        </Card>
    })
}
