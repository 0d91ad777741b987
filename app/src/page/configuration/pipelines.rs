//! The list of pipelines.

use super::pipeline as form;
use crate::{
    components::{Badge, Column, CommandBar, CommandLink, Grid, Moment},
    context,
    error::AppError,
    layout::{Area, PageHeader},
    page,
};
use leptos::prelude::*;
use model::pipeline::PipelineSummary;
use pipelines::pipeline;

/// Address of this page.
pub const PATH: &str = "/configuration/pipelines";

/// `/configuration/pipelines`
#[component]
pub fn Pipelines() -> impl IntoView {
    page::load(
        Area::Configuration,
        async {
            let (host, caller) = (context::host(), context::caller()?);
            caller.require_administrator()?;
            Ok::<_, AppError>(pipeline::list(&host, &caller).await?)
        },
        |pipelines| {
            let columns = vec![
                Column::new("Name"),
                Column::new("Deployment stages"),
                Column::new("Development environments").numeric(),
                Column::new("Owner"),
                Column::new("Modified"),
            ];
            view! {
                <CommandBar>
                    <CommandLink icon="add" href=form::NEW>"New"</CommandLink>
                    <CommandLink icon="arrow-clockwise" href=PATH>"Refresh"</CommandLink>
                </CommandBar>
                <PageHeader title="Pipelines" subtitle="Deployment Pipelines"/>
                <section class="card">
                    <Grid
                        caption="Pipelines"
                        hide_caption=true
                        columns
                        rows=pipelines.into_iter().map(row).collect()
                        empty="There are no pipelines yet. Choose New to create the first one."
                    />
                </section>
            }
        },
    )
}

fn row(pipeline: PipelineSummary) -> AnyView {
    let stages = if pipeline.stages.is_empty() { "None yet".to_owned() } else { pipeline.stages.join(" → ") };
    let personal = pipeline.personal.then(|| view! { " "<Badge icon="person">"Personal"</Badge> });
    let inactive = (!pipeline.active).then(|| view! { " "<Badge icon="prohibited">"Inactive"</Badge> });
    view! {
        <tr>
            <th scope="row"><a href=form::address(pipeline.id)>{pipeline.name}</a>{personal}{inactive}</th>
            <td>{stages}</td>
            <td class="numeric">{pipeline.development_environments.to_string()}</td>
            <td>{pipeline.owner_name}</td>
            <td><Moment at=pipeline.modified/></td>
        </tr>
    }
    .into_any()
}
