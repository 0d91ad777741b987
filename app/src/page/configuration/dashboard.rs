//! The host at a glance.

use super::{
    built_in_environment, environment, environments, pipeline as pipeline_form, pipelines as pipeline_list,
    run_history::{RunTable, address},
};
use crate::{
    components::{Card, CommandBar, CommandLink, Icon, LinkButton},
    context,
    error::AppError,
    layout::{Area, PageHeader},
    page,
};
use leptos::prelude::*;
use model::{
    Timestamp,
    stage_run::{RunFilter, RunSort, StageRunStatus},
};
use pipelines::dashboard::{self, Dashboard};
use std::time::Duration;

/// Address of this page.
pub const PATH: &str = "/configuration";
/// How far back the numbers of runs go.
const PERIOD: Duration = Duration::from_hours(30 * 24);

/// `/configuration`
#[component]
pub fn DashboardPage() -> impl IntoView {
    page::load(
        Area::Configuration,
        async {
            let host = context::host();
            let dashboard = dashboard::get(&host, &context::caller()?).await?;
            Ok::<_, AppError>((dashboard, host.clock().now()))
        },
        |(dashboard, now)| show(dashboard, now),
    )
}

fn show(dashboard: Dashboard, now: Timestamp) -> impl IntoView {
    let begins = dashboard.environments == 0 || dashboard.pipelines == 0;
    let tiles = tiles(&dashboard, now).into_iter().map(|tile| {
        view! {
            <li>
                <a class="tile" href=tile.href>
                    <Icon name=tile.icon/>
                    <strong>{tile.number.to_string()}</strong>
                    <span>{tile.label}</span>
                </a>
            </li>
        }
    });
    view! {
        <CommandBar><CommandLink icon="arrow-clockwise" href=PATH>"Refresh"</CommandLink></CommandBar>
        <PageHeader title="Dashboard" subtitle="Runs of the last 30 days"/>
        {begins.then(get_started)}
        <ul class="tiles">{tiles.collect_view()}</ul>
        <Card title="Latest runs">
            <RunTable runs=dashboard.latest empty="Nothing has been deployed yet."/>
            <p class="more"><LinkButton href=address::PATH>"All runs"</LinkButton></p>
        </Card>
    }
}

/// A number of the dashboard and where it leads.
#[derive(Debug, PartialEq, Eq)]
struct Tile {
    label: &'static str,
    icon: &'static str,
    number: u64,
    href: String,
}

fn tiles(dashboard: &Dashboard, now: Timestamp) -> Vec<Tile> {
    let runs = |status: StageRunStatus| {
        dashboard.runs.iter().filter(|(other, _)| *other == status).map(|(_, number)| number).sum::<u64>()
    };
    let history = |status: StageRunStatus| {
        // The address names whole days.
        let from = Timestamp::start_of_day(&Timestamp(now.0 - i64::try_from(PERIOD.as_millis()).unwrap_or(0)).day());
        address::write(&RunFilter { status: Some(status), from, ..RunFilter::default() })
    };
    // Sorted by their end, runs that have none yet come first.
    let open = address::write(&RunFilter { sort: RunSort::Ended, ascending: true, ..RunFilter::default() });
    let of_runs = |label, icon, status| Tile { label, icon, number: runs(status), href: history(status) };
    vec![
        Tile {
            label: "Environments",
            icon: "globe",
            number: dashboard.environments,
            href: environments::PATH.to_owned(),
        },
        Tile { label: "Pipelines", icon: "rocket", number: dashboard.pipelines, href: pipeline_list::PATH.to_owned() },
        Tile { label: "Runs in progress", icon: "arrow-sync", number: dashboard.open, href: open },
        of_runs("Waiting for their maker", "person-clock", StageRunStatus::ValidationSucceeded),
        of_runs("Failed deployments", "error-circle", StageRunStatus::Failed),
        of_runs("Successful deployments", "checkmark-circle", StageRunStatus::Succeeded),
    ]
}

fn get_started() -> impl IntoView {
    view! {
        <Card title="Get started" emphasized=true>
            <ol class="get-started">
                <li>
                    <a href=built_in_environment::NEW>"Create a built-in environment"</a>
                    " for each place a solution goes through, or have the ids of your own environments ready."
                </li>
                <li>
                    <a href=environment::NEW>"Add the environments"</a>
                    ": one for development, and a target for each stage."
                </li>
                <li>
                    <a href=pipeline_form::NEW>"Create a pipeline"</a>
                    ", link the development environment and add the deployment stages."
                </li>
                <li>"Tell your makers: they open a solution and choose Deploy."</li>
            </ol>
        </Card>
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

    use super::*;

    fn dashboard(environments: u64, pipelines: u64) -> Dashboard {
        let runs = vec![(StageRunStatus::Succeeded, 5), (StageRunStatus::Failed, 2)];
        Dashboard { environments, pipelines, runs, open: 3, latest: Vec::new() }
    }

    fn shown(dashboard: Dashboard) -> String {
        Owner::new().with(|| {
            leptos_meta::provide_meta_context();
            show(dashboard, Timestamp(1_761_328_000_000)).to_html()
        })
    }

    #[test]
    fn numbers_lead_to_the_runs_they_count() {
        let tiles = tiles(&dashboard(3, 1), Timestamp(1_761_328_000_000));
        let failed = tiles.iter().find(|tile| tile.label == "Failed deployments").unwrap();
        assert_eq!(failed.number, 2);
        assert_eq!(failed.href, "/configuration/run-history?status=failed&from=2025-09-24");
        let waiting = tiles.iter().find(|tile| tile.label == "Waiting for their maker").unwrap();
        assert_eq!(waiting.number, 0);
    }

    #[test]
    fn an_empty_host_says_how_to_begin_and_a_configured_one_does_not() {
        assert!(shown(dashboard(0, 0)).contains("Get started"));
        assert!(shown(dashboard(2, 0)).contains("Get started"));
        assert!(!shown(dashboard(3, 1)).contains("Get started"));
    }
}
