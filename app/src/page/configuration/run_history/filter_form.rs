//! The filters of the run history.

use super::address::{self, last_day};
use crate::components::{Appearance, Button, Choice, HiddenField, LinkButton, Select, TextField};
use leptos::prelude::*;
use model::{
    Timestamp,
    stage_run::{RunFilter, RunSort, StageRunStatus},
};
use pipelines::stage_run::FilterChoices;

/// The filters of the run history, a plain form that leads to the address of what it shows.
#[component]
pub fn FilterForm(
    /// What is filtered now.
    filter: RunFilter,
    /// What can be chosen.
    choices: FilterChoices,
) -> impl IntoView {
    let statuses = StageRunStatus::ALL.iter().map(|status| Choice::new(status.name(), status.label())).collect();
    let named = |choices: Vec<(String, String)>, chosen: &str| with_chosen(choices, chosen);
    let pipeline = filter.pipeline.map(|id| id.to_string()).unwrap_or_default();
    let pipelines = named(choices.pipelines.into_iter().map(|(id, name)| (id.to_string(), name)).collect(), &pipeline);
    let solution = filter.solution.clone().unwrap_or_default();
    let solutions = named(choices.solutions.into_iter().map(|name| (name.clone(), name)).collect(), &solution);
    let environment = filter.environment.map(|id| id.to_string()).unwrap_or_default();
    let environments = named(
        choices.environments.into_iter().map(|choice| (choice.id.to_string(), choice.name)).collect(),
        &environment,
    );
    let who = filter.requested_by.map(|id| id.to_string()).unwrap_or_default();
    let people = named(choices.people.into_iter().map(|(id, name)| (id.to_string(), name)).collect(), &who);
    let status = filter.status.map(StageRunStatus::name).unwrap_or_default();
    let from = filter.from.map(Timestamp::day).unwrap_or_default();
    let until = filter.until.map(last_day).unwrap_or_default();
    let clear = address::is_narrowed(&filter).then(|| {
        let everything = RunFilter { sort: filter.sort, ascending: filter.ascending, ..RunFilter::default() };
        view! { <LinkButton href=address::write(&everything) icon="dismiss">"Clear filters"</LinkButton> }
    });
    view! {
        <form class="filters card" method="get" action=address::PATH role="search" aria-label="Runs">
            <Select name="status" label="Status" choices=statuses value=status none="All"/>
            <Select name="pipeline" label="Pipeline" choices=pipelines value=pipeline none="All"/>
            <Select name="solution" label="Solution" choices=solutions value=solution none="All"/>
            <Select name="environment" label="Environment" choices=environments value=environment none="All"/>
            <Select name="who" label="Deployed by" choices=people value=who none="Everybody"/>
            <TextField name="from" label="From (UTC)" kind="date" value=from/>
            <TextField name="until" label="Until (UTC)" kind="date" value=until/>
            {kept(&filter)}
            <div class="buttons">
                <Button appearance=Appearance::Primary icon="filter">"Apply filters"</Button>
                {clear}
            </div>
        </form>
    }
}

/// What the form keeps without asking: the order, and the stage of a link that led here.
fn kept(filter: &RunFilter) -> impl IntoView + use<> {
    let stage = filter.stage.map(|id| view! { <HiddenField name="stage" value=id.to_string()/> });
    let sort =
        (filter.sort != RunSort::default()).then(|| view! { <HiddenField name="sort" value=filter.sort.name()/> });
    let order = filter.ascending.then(|| view! { <HiddenField name="order" value="ascending"/> });
    view! { {stage}{sort}{order} }
}

/// The choices, with the chosen one among them even when it is not offered any more: a filter that is in the address
/// is shown, or nobody would understand the list.
fn with_chosen(choices: Vec<(String, String)>, chosen: &str) -> Vec<Choice> {
    let missing = !chosen.is_empty() && choices.iter().all(|(value, _)| value != chosen);
    missing
        .then(|| Choice::new(chosen, chosen))
        .into_iter()
        .chain(choices.into_iter().map(|(value, label)| Choice::new(value, label)))
        .collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

    use super::*;
    use model::id::UserId;
    use uuid::Uuid;

    fn none() -> FilterChoices {
        FilterChoices { pipelines: Vec::new(), solutions: Vec::new(), environments: Vec::new(), people: Vec::new() }
    }

    #[test]
    fn every_filter_in_the_address_is_shown_even_one_that_nothing_matches() {
        let who = UserId(Uuid::from_u128(9));
        let filter = RunFilter {
            status: Some(StageRunStatus::Failed),
            solution: Some("Gone".to_owned()),
            requested_by: Some(who),
            from: Timestamp::start_of_day("2026-11-01"),
            sort: RunSort::Solution,
            ascending: true,
            ..RunFilter::default()
        };
        let html = view! { <FilterForm filter choices=none()/> }.to_html();
        for chosen in ["value=\"failed\" selected", "value=\"Gone\" selected", &format!("value=\"{who}\" selected")] {
            assert!(html.contains(chosen), "{chosen} is not in {html}");
        }
        assert!(html.contains("value=\"2026-11-01\""), "{html}");
        assert!(
            html.contains("name=\"sort\" value=\"solution\"") && html.contains("name=\"order\" value=\"ascending\""),
            "{html}"
        );
        assert!(html.contains("href=\"/configuration/run-history?sort=solution&amp;order=ascending\""), "{html}");
    }

    #[test]
    fn without_filters_there_is_nothing_to_clear() {
        let html = view! { <FilterForm filter=RunFilter::default() choices=none()/> }.to_html();
        assert!(!html.contains("Clear filters"), "{html}");
    }

    #[test]
    fn hostile_values_of_the_address_stay_values() {
        let hostile = "\"><script>alert(1)</script>";
        let filter = RunFilter { solution: Some(hostile.to_owned()), ..RunFilter::default() };
        let mut choices = none();
        choices.solutions.push("</option></select><script>alert(2)</script>".to_owned());
        let html = view! { <FilterForm filter choices/> }.to_html();
        assert!(!html.contains("<script"), "{html}");
    }
}
