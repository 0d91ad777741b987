//! The runs of all pipelines, narrowed and sorted by the address of the page.

pub mod address;
mod filter_form;
mod table;

pub use table::RunTable;

use crate::{
    components::{CommandBar, CommandLink, Pager},
    context,
    error::AppError,
    layout::{Area, PageHeader},
    page,
};
use filter_form::FilterForm;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use model::{
    page::Page,
    stage_run::{RunFilter, StageRunSummary},
};
use pipelines::stage_run::{self, FilterChoices};

/// `/configuration/run-history`
#[component]
pub fn RunHistory() -> impl IntoView {
    let filter = address::read(&use_query_map().read_untracked());
    page::load(
        Area::Configuration,
        async move {
            let (host, caller) = (context::host(), context::caller()?);
            caller.require_administrator()?;
            let runs = stage_run::history(&host, &caller, &filter).await?;
            let choices = stage_run::filter_choices(&host, &caller).await?;
            Ok::<_, AppError>((filter, runs, choices))
        },
        |(filter, runs, choices)| show(filter, runs, choices),
    )
}

fn show(filter: RunFilter, runs: Page<StageRunSummary>, choices: FilterChoices) -> impl IntoView {
    let empty = if address::is_narrowed(&filter) {
        "No run matches these filters."
    } else {
        "Nothing has been deployed yet. Runs appear here as soon as a maker deploys a solution."
    };
    let (number, total, last, more) = (runs.number, count(&runs), runs.last(), runs.more);
    let (paged, itself) = (filter.clone(), address::write(&filter));
    view! {
        <CommandBar>
            <CommandLink icon="arrow-clockwise" href=itself>"Refresh"</CommandLink>
        </CommandBar>
        <PageHeader title="Run history" subtitle=total/>
        <FilterForm filter=filter.clone() choices/>
        <section class="card">
            <RunTable runs=runs.rows sorted=filter empty/>
            <Pager number last more label="Runs" href=move |page| address::write(&address::on_page(&paged, page))/>
        </section>
    }
}

/// How many runs there are, in words.
fn count(runs: &Page<StageRunSummary>) -> String {
    match (runs.total, runs.more) {
        (1, false) => "1 run".to_owned(),
        (total, false) => format!("{total} runs"),
        (total, true) => format!("More than {total} runs"),
    }
}
