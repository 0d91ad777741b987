//! Every component of a solution.

use super::{
    address,
    solution_overview::{area, counts},
};
use crate::{
    components::{Breadcrumb, Button, Choice, Column, Crumb, Grid, Pager, Select, TextField},
    context,
    error::AppError,
    layout::PageHeader,
    page,
};
use leptos::prelude::*;
use leptos_router::location::Url;
use model::{Component, ComponentType, id::EnvironmentId, solution::SolutionContents};
use pipelines::solution;

/// Rows of a page.
const SIZE: usize = 200;

/// What the list is narrowed to, as it stands in the address.
#[derive(Clone, Debug, Default)]
struct Filter {
    kind: Option<String>,
    search: String,
    page: usize,
}

impl Filter {
    fn from_query() -> Self {
        Self {
            kind: page::query("type"),
            search: page::query("search").unwrap_or_default(),
            page: page::query("page").and_then(|page| page.parse().ok()).unwrap_or(1).max(1),
        }
    }

    /// Whether a component is shown.
    fn shows(&self, component: &Component) -> bool {
        let kind = self.kind.as_ref().is_none_or(|kind| component.kind.label() == ComponentType::parse(kind).label());
        let needle = self.search.to_lowercase();
        let found = |text: &str| text.to_lowercase().contains(&needle);
        kind && (found(&component.name) || found(component.label()))
    }

    fn address(&self, base: &str, page: u64) -> String {
        let mut address = format!("{base}?page={page}");
        if let Some(kind) = &self.kind {
            address.push_str("&type=");
            address.push_str(&Url::escape(kind));
        }
        if !self.search.is_empty() {
            address.push_str("&search=");
            address.push_str(&Url::escape(&self.search));
        }
        address
    }
}

/// Every component of a solution.
#[component]
pub fn Objects() -> impl IntoView {
    let environment = page::parameter::<EnvironmentId>("environment");
    let name = page::parameter::<String>("solution");
    page::load(
        area(&environment, &name),
        async move {
            let (environment, name) = (environment?, name?);
            let contents = solution::get(&context::host(), &context::caller()?, environment, &name).await?;
            Ok::<_, AppError>((environment, contents, Filter::from_query()))
        },
        |(environment, contents, filter)| show(environment, contents, filter),
    )
}

fn show(environment: EnvironmentId, contents: SolutionContents, filter: Filter) -> impl IntoView {
    let SolutionContents { summary, mut components, .. } = contents;
    let solutions = address::solutions(environment);
    let overview = address::solution(environment, &summary.unique_name);
    let base = format!("{overview}/objects");
    let kinds = counts(&components)
        .into_iter()
        .map(|(label, (kind, count))| Choice::new(kind, format!("{label} ({count})")))
        .collect::<Vec<_>>();
    components.retain(|component| filter.shows(component));
    components.sort_by_cached_key(|component| (component.kind.label(), component.label().to_lowercase()));
    let total = components.len();
    let last = total.div_ceil(SIZE).max(1);
    let page = filter.page.min(last);
    let rows = components.into_iter().skip((page - 1) * SIZE).take(SIZE).map(row).collect();
    let columns = ["Display name", "Name", "Type", "Table"].map(Column::new).to_vec();
    view! {
        <Breadcrumb crumbs=vec![Crumb::new("Solutions", solutions), Crumb::new(summary.display_name, overview)] current="Objects"/>
        <PageHeader title="Objects" subtitle=if total == 1 { "1 component".to_owned() } else { format!("{total} components") }/>
        <form class="filters" method="get" action=base.clone() role="search">
            <TextField name="search" label="Name" kind="search" value=filter.search.clone() maxlength=200/>
            <Select name="type" label="Type" none="All types" choices=kinds value=filter.kind.clone().unwrap_or_default()/>
            <div><Button>"Filter"</Button></div>
        </form>
        <Grid caption="Components" hide_caption=true columns rows empty="There is no such component in this solution."/>
        <Pager
            label="components"
            number=page.try_into().unwrap_or(u64::MAX)
            last=last.try_into().unwrap_or(u64::MAX)
            href=move |page| filter.address(&base, page)
        />
    }
}

fn row(component: Component) -> AnyView {
    let label = component.label().to_owned();
    view! {
        <tr>
            <th scope="row">{label}</th>
            <td>{component.name}</td>
            <td>{component.kind.label()}</td>
            <td>{component.parent}</td>
        </tr>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_filter_looks_at_type_and_both_names() {
        let component = Component {
            display_name: Some("Angebote".to_owned()),
            ..Component::new(ComponentType::ENTITY, "cra_Offer")
        };
        let filter = |kind: Option<&str>, search: &str| Filter {
            kind: kind.map(str::to_owned),
            search: search.to_owned(),
            page: 1,
        };
        assert!(filter(None, "").shows(&component));
        assert!(filter(Some("1"), "OFFER").shows(&component));
        assert!(filter(None, "ange").shows(&component));
        assert!(!filter(Some("29"), "").shows(&component));
        assert!(!filter(None, "x y").shows(&component));
    }

    #[test]
    fn turning_the_page_keeps_the_filter() {
        let filter = Filter { kind: Some("29".to_owned()), search: "a&b".to_owned(), page: 1 };
        assert_eq!(filter.address("/x", 2), "/x?page=2&type=29&search=a%26b");
    }
}
