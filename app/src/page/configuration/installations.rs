//! *Installations*: which version of which solution is where.

use crate::{
    components::{Badge, Column, CommandBar, CommandLink, Grid, Intent, Moment},
    context,
    error::AppError,
    layout::{Area, PageHeader},
    page::{self, maker::address},
};
use leptos::prelude::*;
use model::installation::{Installations as Matrix, Installed, InstalledSolution};
use pipelines::installation;

/// Address of this page.
const PATH: &str = "/configuration/installations";

/// `/configuration/installations`
#[component]
pub fn Installations() -> impl IntoView {
    page::load(
        Area::Configuration,
        async { Ok::<_, AppError>(installation::list(&context::host(), &context::caller()?).await?) },
        show,
    )
}

fn show(matrix: Matrix) -> AnyView {
    let count = match matrix.solutions.len() {
        1 => "1 solution".to_owned(),
        count => format!("{count} solutions"),
    };
    let targets = matrix.targets.iter().map(|(_, name)| Column::new(name.clone()));
    let columns = std::iter::once(Column::new("Solution")).chain(targets).collect();
    let rows = matrix.solutions.into_iter().map(row).collect();
    view! {
        <CommandBar><CommandLink icon="arrow-clockwise" href=PATH>"Refresh"</CommandLink></CommandBar>
        <PageHeader title="Installations" subtitle=count/>
        <section class="card">
            <Grid
                caption="Installations"
                hide_caption=true
                columns
                rows
                empty="Nothing has been deployed yet. Solutions appear here as soon as one reaches a target."
            />
        </section>
    }
    .into_any()
}

fn row(solution: InstalledSolution) -> AnyView {
    let cells = solution.installed.into_iter().map(|installed| view! { <td>{installed.map(cell)}</td> });
    view! {
        <tr>
            <th scope="row">{solution.display_name}<br/><small>{solution.unique_name}</small></th>
            {cells.collect_view()}
        </tr>
    }
    .into_any()
}

fn cell(installed: Installed) -> AnyView {
    let Installed { version, run, since, behind, drift, drifted } = installed;
    let drift = drift.map(|words| {
        let intent = if drifted { Intent::Warning } else { Intent::Success };
        view! { <br/><Badge intent>{words}</Badge> }
    });
    view! {
        <a href=address::run(run)>{version.to_string()}</a>
        {behind.then(|| view! { " " <small>"behind"</small> })}
        <br/>
        <small><Moment at=since/></small>
        {drift}
    }
    .into_any()
}
