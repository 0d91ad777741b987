//! The solutions of an environment.

use super::address;
use crate::{
    components::{Column, CommandBar, CommandLink, Grid, Moment, SearchBox},
    context,
    error::AppError,
    layout::{Area, PageHeader},
    page,
};
use leptos::prelude::*;
use model::{environment::EnvironmentType, id::EnvironmentId, solution::SolutionSummary};
use pipelines::{deployment_environment, solution};

/// The solutions of an environment.
#[component]
pub fn Solutions() -> impl IntoView {
    let environment = page::parameter::<EnvironmentId>("environment");
    let area = environment.as_ref().map_or(Area::General, |environment| Area::Environment(*environment));
    page::load(
        area,
        async move {
            let environment = environment?;
            let (host, caller) = (context::host(), context::caller()?);
            let search = page::query("search").unwrap_or_default();
            let choice = deployment_environment::require_choice(&host, &caller, environment).await?;
            let solutions = solution::list(&host, &caller, environment, &search).await?;
            let changeable = choice.kind == EnvironmentType::Development || caller.is_administrator();
            Ok::<_, AppError>((environment, choice.name, search, solutions, changeable))
        },
        |(environment, name, search, solutions, changeable)| {
            let address = address::solutions(environment);
            let empty = if search.is_empty() {
                "There are no solutions in this environment yet. Create one, or import a solution package.".to_owned()
            } else {
                format!("No solution has “{search}” in its name.")
            };
            let commands = changeable.then(|| commands(environment));
            let columns =
                ["Display name", "Name", "Version", "Type", "Publisher", "Modified"].map(Column::new).to_vec();
            let rows = solutions.into_iter().map(|solution| row(environment, solution)).collect();
            view! {
                {commands}
                <PageHeader title="Solutions" subtitle=name>
                    <SearchBox action=address label="Search solutions" value=search/>
                </PageHeader>
                <Grid caption="Solutions" hide_caption=true columns rows empty/>
            }
        },
    )
}

fn commands(environment: EnvironmentId) -> impl IntoView {
    let (new, import) = (address::new_solution(environment), address::import_solution(environment));
    view! {
        <CommandBar>
            <CommandLink icon="add" href=new>"New solution"</CommandLink>
            <CommandLink icon="arrow-import" href=import>"Import solution"</CommandLink>
        </CommandBar>
    }
}

fn row(environment: EnvironmentId, solution: SolutionSummary) -> AnyView {
    let kind = if solution.managed { "Managed" } else { "Unmanaged" };
    view! {
        <tr>
            <th scope="row"><a href=address::solution(environment, &solution.unique_name)>{solution.display_name}</a></th>
            <td>{solution.unique_name}</td>
            <td>{solution.version.to_string()}</td>
            <td>{kind}</td>
            <td>{solution.publisher.display_name}</td>
            <td><Moment at=solution.modified/></td>
        </tr>
    }
    .into_any()
}
