//! Two stored artifacts compared.

use crate::{
    components::{CommandBar, CommandLink, ComparisonView},
    context,
    error::AppError,
    layout::{Area, PageHeader},
    page,
};
use leptos::prelude::*;
use model::{
    comparison::Comparison,
    id::{ArtifactId, StageRunId},
    stage_run::{Artifact, ChangeKind, StageRunSummary},
};
use pipelines::comparison::{self, Choice};
use std::sync::Arc;

/// Address of this page.
pub const PATH: &str = "/comparison";

/// Address of the comparison of an artifact with another one, or else with the one before it.
pub fn address(before: Option<ArtifactId>, after: ArtifactId) -> String {
    let before = before.map(|before| format!("before={before}&")).unwrap_or_default();
    format!("{PATH}?{before}after={after}")
}

/// Address of the comparison of what a run brought with what was there.
pub fn address_of_run(run: StageRunId) -> String {
    format!("{PATH}?run={run}")
}

/// The way to the comparison of what a run brought with what was there, once there is something to compare.
pub fn of_run(run: &StageRunSummary) -> Option<AnyView> {
    run.artifact?;
    if run.settings_only {
        return None;
    }
    let before = run.previous_version.as_ref()?;
    let label = format!("Compare {} {} with {before}", run.solution_display_name, run.version);
    let address = address_of_run(run.id);
    Some(view! { <small class="compare"><a href=address aria-label=label>"Compare"</a></small> }.into_any())
}

/// What a comparison is narrowed to; every field stands in the address.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Filter {
    change: Option<ChangeKind>,
    kind: String,
    search: String,
}

const CHANGES: [(ChangeKind, &str, &str); 4] = [
    (ChangeKind::Added, "added", "Added"),
    (ChangeKind::Changed, "changed", "Changed"),
    (ChangeKind::Removed, "removed", "Removed"),
    (ChangeKind::Unchanged, "unchanged", "Unchanged"),
];

impl Filter {
    fn of_address() -> Self {
        let change = page::query("change");
        Self {
            change: CHANGES.iter().find(|(_, name, _)| Some(*name) == change.as_deref()).map(|(kind, ..)| *kind),
            kind: page::query("type").unwrap_or_default(),
            search: page::query("search").unwrap_or_default(),
        }
    }

    fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The components that are asked for, and of those that differ in what is searched for, everything.
    fn narrow(&self, comparison: &mut Comparison) {
        let search = self.search.trim().to_lowercase();
        let has = |text: &str| text.to_lowercase().contains(&search);
        comparison.components.retain(|compared| {
            let component = &compared.component;
            self.change.is_none_or(|change| compared.change == change)
                && (self.kind.is_empty() || component.kind.label() == self.kind)
                && (search.is_empty()
                    || has(component.label())
                    || has(&component.name)
                    || compared.differences.iter().any(|difference| has(&difference.name) || has(&difference.property)))
        });
        if !self.is_empty() {
            comparison.solution.clear();
        }
    }
}

/// `/comparison?after=…`, with `&before=…` or without; `/comparison?run=…`
#[component]
pub fn ComparisonPage() -> impl IntoView {
    page::load(
        Area::General,
        async {
            let (host, caller) = (context::host(), context::caller()?);
            let choice = match (page::query("run"), page::query("after")) {
                (Some(run), _) => {
                    let run = run.parse().map_err(|_| AppError::not_found("The run"))?;
                    comparison::of_run(&host, &caller, run).await?
                }
                (None, Some(after)) => {
                    let not_found = |_| AppError::not_found("The artifact");
                    let before = page::query("before").map(|before| before.parse().map_err(not_found)).transpose()?;
                    comparison::choice(&host, &caller, before, after.parse().map_err(not_found)?).await?
                }
                (None, None) => return Err(AppError::not_found("The artifact")),
            };
            let comparison = match choice.before {
                Some(before) => Some(comparison::of_artifacts(&host, &caller, before, choice.after).await?),
                None => None,
            };
            Ok::<_, AppError>((choice, comparison, Filter::of_address()))
        },
        |(choice, comparison, filter)| show(&choice, comparison.as_ref(), &filter),
    )
}

fn show(choice: &Choice, comparison: Option<&Arc<Comparison>>, filter: &Filter) -> AnyView {
    let after = choice.after;
    if let Some((before, comparison)) = choice.before.zip(comparison) {
        return compared(choice, before, comparison, filter);
    }
    let of = choice.artifacts.iter().find(|artifact| artifact.id == after);
    let subtitle = of.map(|artifact| format!("{} {}", artifact.solution_display_name, artifact.version));
    let nothing = if choice.artifacts.len() > 1 {
        "Slipway has no artifact of what was there before. Choose another one to compare with."
    } else {
        "Slipway has no other artifact of this solution to compare with."
    };
    view! {
        <PageHeader title="Comparison" subtitle=subtitle.unwrap_or_default()/>
        <section class="card">
            {chooser(choice)}
            <p>{nothing}</p>
        </section>
    }
    .into_any()
}

/// The form that chooses what is compared.
fn chooser(choice: &Choice) -> Option<AnyView> {
    if choice.artifacts.len() < 2 {
        return None;
    }
    // Versions of different pipelines may be the same.
    let several = choice
        .artifacts
        .iter()
        .any(|artifact| Some(artifact.pipeline) != choice.artifacts.first().map(|first| first.pipeline));
    let options = |chosen: Option<ArtifactId>| {
        let option = |artifact: &Artifact| {
            let words = if several {
                format!("{} ({})", artifact.version, artifact.pipeline_name)
            } else {
                artifact.version.to_string()
            };
            view! { <option value=artifact.id.to_string() selected=chosen == Some(artifact.id)>{words}</option> }
        };
        choice.artifacts.iter().map(option).collect_view()
    };
    Some(
        view! {
            <form method="get" action=PATH class="filters" aria-label="Versions">
                <label>"Compare" <select name="after">{options(Some(choice.after))}</select></label>
                <label>"with" <select name="before">{options(choice.before)}</select></label>
                <button class="button" type="submit">"Compare"</button>
            </form>
        }
        .into_any(),
    )
}

fn compared(choice: &Choice, before: ArtifactId, comparison: &Arc<Comparison>, filter: &Filter) -> AnyView {
    let after = choice.after;
    let named = |solution: &Option<model::comparison::ComparedSolution>| {
        solution.as_ref().map(|solution| format!("{} {}", solution.display_name, solution.version)).unwrap_or_default()
    };
    let subtitle = format!("{} compared with {}", named(&comparison.after), named(&comparison.before));
    let mut kinds: Vec<String> = comparison.components.iter().map(|compared| compared.component.kind.label()).collect();
    kinds.sort_unstable();
    kinds.dedup();
    let total = comparison.summary();
    let mut narrowed = comparison.as_ref().clone();
    filter.narrow(&mut narrowed);
    let is_empty = narrowed.components.is_empty() && narrowed.solution.is_empty();
    let is_filtered = !filter.is_empty();
    let download = move |form: &str| format!("/comparison/{before}/{after}/{form}");
    let changes = CHANGES.map(|(kind, name, label)| {
        let selected = filter.change == Some(kind);
        view! { <option value=name selected=selected>{label}</option> }
    });
    let chosen = filter.kind.clone();
    let kinds = kinds
        .into_iter()
        .map(|kind| {
            let selected = kind == chosen;
            view! { <option value=kind.clone() selected=selected>{kind.clone()}</option> }
        })
        .collect_view();
    view! {
        <CommandBar>
            <CommandLink icon="arrow-download" href=download("markdown")>"Markdown"</CommandLink>
            <CommandLink icon="arrow-download" href=download("json")>"JSON"</CommandLink>
            <CommandLink icon="arrow-clockwise" href=address(Some(after), before)>"Swap"</CommandLink>
        </CommandBar>
        <PageHeader title="Comparison" subtitle=subtitle/>
        <section class="card">
            {chooser(choice)}
            <form method="get" action=PATH class="filters" role="search" aria-label="Components">
                <input type="hidden" name="before" value=before.to_string()/>
                <input type="hidden" name="after" value=after.to_string()/>
                <label>"Change" <select name="change"><option value="">"All"</option>{changes}</select></label>
                <label>"Type" <select name="type"><option value="">"All"</option>{kinds}</select></label>
                <label>"Search" <input type="search" name="search" value=filter.search.clone() maxlength="200"/></label>
                <button class="button" type="submit">"Filter"</button>
                {is_filtered.then(|| view! { <a class="button subtle" href=address(Some(before), after)>"Show all"</a> })}
            </form>
            {is_filtered.then(|| view! { <p>{format!("In all: {total}")}</p> })}
            {if is_empty {
                view! { <p>{if is_filtered { "No component fits the filter." } else { "Nothing differs." }}</p> }.into_any()
            } else {
                view! { <ComparisonView comparison=narrowed/> }.into_any()
            }}
        </section>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{Component, ComponentType, comparison::ComparedComponent};

    #[test]
    fn a_filter_narrows_by_change_type_and_name() {
        let component = |change, kind, name: &str| ComparedComponent {
            change,
            component: Component::new(ComponentType::Number(kind), name),
            loses_data: false,
            differences: Vec::new(),
            omitted: 0,
        };
        let left = |filter: Filter| {
            let mut comparison = Comparison {
                components: vec![
                    component(ChangeKind::Added, 1, "new_Order"),
                    component(ChangeKind::Removed, 1, "new_Region"),
                    component(ChangeKind::Added, 61, "new_order.js"),
                ],
                ..Comparison::default()
            };
            filter.narrow(&mut comparison);
            comparison.components.into_iter().map(|compared| compared.component.name).collect::<Vec<_>>()
        };
        let filter = Filter::default();
        assert_eq!(left(Filter { change: Some(ChangeKind::Removed), ..filter.clone() }), ["new_Region"]);
        assert_eq!(left(Filter { kind: "Web resource".to_owned(), ..filter.clone() }), ["new_order.js"]);
        assert_eq!(left(Filter { search: "ORDER".to_owned(), ..filter.clone() }), ["new_Order", "new_order.js"]);
        assert_eq!(left(filter).len(), 3);
    }
}
