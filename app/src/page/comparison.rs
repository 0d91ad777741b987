//! Two stored artifacts compared.

use crate::{
    components::{CommandBar, CommandLink, ComparisonView},
    context,
    error::AppError,
    layout::{Area, PageHeader},
    page,
};
use leptos::prelude::*;
use model::{Problem, comparison::Comparison, id::ArtifactId, stage_run::ChangeKind};
use std::sync::Arc;

/// Address of this page.
pub const PATH: &str = "/comparison";

/// Address of the comparison of two artifacts.
pub fn address(before: ArtifactId, after: ArtifactId) -> String {
    format!("{PATH}?before={before}&after={after}")
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

/// `/comparison?before=…&after=…`
#[component]
pub fn ComparisonPage() -> impl IntoView {
    page::load(
        Area::General,
        async {
            let (host, caller) = (context::host(), context::caller()?);
            let artifact = |name| {
                let id = page::query(name).and_then(|id| id.parse::<ArtifactId>().ok());
                id.ok_or_else(|| {
                    AppError::from(Problem::NotFound("There is no such artifact, or you may not see it.".to_owned()))
                })
            };
            let (before, after) = (artifact("before")?, artifact("after")?);
            let comparison = pipelines::comparison::of_artifacts(&host, &caller, before, after).await?;
            Ok::<_, AppError>((before, after, comparison, Filter::of_address()))
        },
        |(before, after, comparison, filter)| show(before, after, &comparison, &filter),
    )
}

fn show(before: ArtifactId, after: ArtifactId, comparison: &Arc<Comparison>, filter: &Filter) -> AnyView {
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
            <CommandLink icon="arrow-clockwise" href=address(after, before)>"Swap"</CommandLink>
        </CommandBar>
        <PageHeader title="Comparison" subtitle=subtitle/>
        <section class="card">
            <form method="get" action=PATH class="filters" role="search" aria-label="Components">
                <input type="hidden" name="before" value=before.to_string()/>
                <input type="hidden" name="after" value=after.to_string()/>
                <label>"Change" <select name="change"><option value="">"All"</option>{changes}</select></label>
                <label>"Type" <select name="type"><option value="">"All"</option>{kinds}</select></label>
                <label>"Search" <input type="search" name="search" value=filter.search.clone() maxlength="200"/></label>
                <button class="button" type="submit">"Filter"</button>
                {is_filtered.then(|| view! { <a class="button subtle" href=address(before, after)>"Show all"</a> })}
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
