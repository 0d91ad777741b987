//! *Queue*: what goes into each target, and what waits to.

use super::record::{ConfirmedCommand, Refusal};
use crate::{
    components::{Card, Column, CommandBar, CommandLink, DialogButton, Grid, Icon, Moment, StatusBadge},
    context,
    error::AppError,
    form::{self, Form},
    island::LiveRegion,
    layout::{Area, PageHeader},
    page::{self, maker::address},
};
use leptos::{prelude::*, server_fn::ServerFn};
use model::{
    id::StageRunId,
    queue::{Move, QueuedRun, TargetQueue},
};
use pipelines::stage_run;

/// Address of this page.
const PATH: &str = "/configuration/queue";
/// Name under which a refusal comes back.
const FORM: &str = "queue";

/// Moves a run that waits by one place.
#[server]
pub async fn move_in_queue(run: StageRunId, way: Move) -> Result<(), AppError> {
    let result = async {
        stage_run::move_in_queue(&context::host(), &context::caller()?, run, way).await?;
        form::notify("The run was moved.").await
    }
    .await;
    form::answer(Form::new(FORM, PATH), &[], result, |()| PATH.to_owned()).await
}

/// Cancels a run that waits.
#[server]
pub async fn remove_from_queue(run: StageRunId) -> Result<(), AppError> {
    let result = async {
        stage_run::cancel(&context::host(), &context::caller()?, run).await?;
        form::notify("The run was removed from the queue and canceled.").await
    }
    .await;
    form::answer(Form::new(FORM, PATH), &[], result, |()| PATH.to_owned()).await
}

/// `/configuration/queue`
#[component]
pub fn QueuePage() -> impl IntoView {
    page::load(
        Area::Configuration,
        async {
            let queues = stage_run::queues(&context::host(), &context::caller()?).await?;
            Ok::<_, AppError>((queues, form::returned(FORM).await))
        },
        |(queues, refused)| {
            if !queues.is_empty() {
                context::refresh_without_scripting(10);
            }
            // The end of what runs changes everything behind it.
            let first =
                |queue: &TargetQueue| queue.running.iter().chain(&queue.waiting).chain(&queue.held).next().cloned();
            let events = queues.iter().filter_map(first).map(|run| format!("/events/runs/{}", run.run)).collect();
            let waiting: usize = queues.iter().map(|queue| queue.waiting.len()).sum();
            let subtitle = match waiting {
                1 => "1 run waits for its turn".to_owned(),
                count => format!("{count} runs wait for their turn"),
            };
            let nothing = queues.is_empty().then(|| {
                view! { <p>"Nothing is on its way into any target."</p> }
            });
            let cards = queues.into_iter().map(card).collect_view();
            view! {
                <CommandBar><CommandLink icon="arrow-clockwise" href=PATH>"Refresh"</CommandLink></CommandBar>
                <PageHeader title="Queue" subtitle/>
                <Refusal returned=refused/>
                <p class="lead">
                    "One operation at a time goes into each target. Runs go in the order in which Deploy was pressed, unless you move them."
                </p>
                <LiveRegion id="queues".to_owned() events label=Some("Queues".to_owned())>
                    {nothing}
                    <div class="queues">{cards}</div>
                </LiveRegion>
            }
        },
    )
}

fn card(queue: TargetQueue) -> AnyView {
    let last = queue.waiting.len();
    let columns = vec![
        Column::new("Position"),
        Column::new("Run"),
        Column::new("Status"),
        Column::new("Waits for"),
        Column::new("Since"),
        Column::new("Commands").hidden(),
    ];
    let running = queue.running.into_iter().map(|run| row("Now".to_owned(), run, ().into_any()));
    let waiting = queue.waiting.into_iter().zip(1..).map(|(run, position)| {
        let commands = commands(&run, position, last);
        row(position.to_string(), run, commands)
    });
    let held = queue.held.into_iter().map(|run| {
        let remove = remove(&run).into_any();
        row("–".to_owned(), run, remove)
    });
    let rows = running.chain(waiting).chain(held).collect();
    let caption = format!("Queue of {}", queue.target_name);
    view! {
        <Card title=queue.target_name>
            <Grid caption hide_caption=true columns rows empty="Nothing."/>
        </Card>
    }
    .into_any()
}

fn row(position: String, run: QueuedRun, commands: AnyView) -> AnyView {
    view! {
        <tr>
            <td>{position}</td>
            <th scope="row">
                <a href=address::run(run.run)>{format!("{} {}", run.solution, run.version)}</a>
                <br/>
                <small>{format!("{}, {}; {}", run.pipeline, run.stage, run.requested_by)}</small>
            </th>
            <td><StatusBadge status=run.status/></td>
            <td>{run.waiting_for}</td>
            <td><Moment at=run.since/></td>
            <td><div class="row-commands">{commands}</div></td>
        </tr>
    }
    .into_any()
}

fn commands(run: &QueuedRun, position: usize, last: usize) -> AnyView {
    let name = format!("{} {}", run.solution, run.version);
    let button = |way: &'static str, icon: &'static str, words: &'static str| {
        view! {
            <form method="post" action=MoveInQueue::PATH>
                <input type="hidden" name="run" value=run.run.to_string()/>
                <input type="hidden" name="way" value=way/>
                <button class="button subtle small" type="submit" aria-label=format!("{words}: {name}")>
                    <Icon name=icon/>
                    <span>{words}</span>
                </button>
            </form>
        }
    };
    let up = (position > 1).then(|| button("up", "arrow-up", "Up"));
    let down = (position < last).then(|| button("down", "arrow-down", "Down"));
    view! { {up} {down} {remove(run)} }.into_any()
}

fn remove(run: &QueuedRun) -> impl IntoView + use<> {
    let fields = vec![("run", run.run.to_string())];
    view! {
        <ConfirmedCommand
            action=RemoveFromQueue::PATH
            verb="Remove"
            icon="dismiss"
            what=format!("{} {}", run.solution, run.version)
            consequence="The run is canceled and stays in the history. Nothing has been changed in the target."
            fields
            button=DialogButton::Subtle
        />
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{SolutionVersion, Timestamp, id::EnvironmentId, stage_run::StageRunStatus};
    use uuid::Uuid;

    fn run(number: u128, name: &str) -> QueuedRun {
        QueuedRun {
            run: StageRunId(Uuid::from_u128(number)),
            status: StageRunStatus::PreDeploySucceeded,
            solution: name.to_owned(),
            version: SolutionVersion::from([1, 0, 0, 1]),
            pipeline: name.to_owned(),
            stage: name.to_owned(),
            requested_by: name.to_owned(),
            waiting_for: name.to_owned(),
            since: Timestamp(0),
        }
    }

    fn queue(waiting: usize, name: &str) -> TargetQueue {
        TargetQueue {
            target: EnvironmentId(Uuid::from_u128(1)),
            target_name: name.to_owned(),
            running: Some(run(100, name)),
            waiting: (0..waiting).map(|number| run(number as u128, name)).collect(),
            held: vec![run(200, name)],
        }
    }

    #[test]
    fn runs_move_to_either_side_but_beyond_the_ends_and_what_runs_stays() {
        for (waiting, up, down, removed) in [(0, 0, 0, 1), (1, 0, 0, 2), (2, 1, 1, 3), (4, 3, 3, 5)] {
            let html = card(queue(waiting, "Contoso")).to_html();
            assert_eq!(html.matches("value=\"up\"").count(), up, "{waiting}");
            assert_eq!(html.matches("value=\"down\"").count(), down, "{waiting}");
            assert_eq!(html.matches("aria-haspopup=\"dialog\"").count(), removed, "{waiting}");
        }
    }

    #[test]
    fn names_and_reasons_from_elsewhere_stay_text() {
        let html = card(queue(2, "</td><script>alert(1)</script>")).to_html();
        assert!(!html.contains("<script"), "{html}");
    }
}
