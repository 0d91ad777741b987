//! The solutions of a stage, each leading to what is prepared for it.

use super::{pipeline as pipeline_form, stage as stage_form};
use crate::{
    components::{Breadcrumb, Column, Crumb, Grid, Moment},
    context,
    error::AppError,
    layout::{Area, PageHeader},
    page::{self, maker::address},
};
use leptos::prelude::*;
use model::id::StageId;
use pipelines::deployment_settings::{self, SolutionAtStage};

/// Address of this page.
pub fn address(stage: StageId) -> String {
    format!("{}/settings", stage_form::address(stage))
}

/// `/configuration/stages/{id}/settings`
#[component]
pub fn StageSettings() -> impl IntoView {
    let id = page::parameter::<StageId>("id");
    page::load(
        Area::Configuration,
        async move {
            let (stage, pipeline) = stage_form::with_pipeline(id?).await?;
            let (host, caller) = (context::host(), context::caller()?);
            let solutions = deployment_settings::solutions(&host, &caller, stage.id).await?;
            Ok::<_, AppError>((stage, pipeline.name, solutions))
        },
        |(stage, pipeline, solutions)| {
            let crumbs = vec![
                Crumb::new(pipeline, pipeline_form::address(stage.pipeline)),
                Crumb::new(stage.name.clone(), stage_form::address(stage.id)),
            ];
            let columns = ["Solution", "Last changed", "By"].into_iter().map(Column::new).collect();
            let rows = solutions.into_iter().map(|solution| row(stage.id, solution)).collect();
            view! {
                <Breadcrumb crumbs current="Deployment settings"/>
                <PageHeader title="Deployment settings" subtitle=format!("{} ({})", stage.name, stage.target_name)/>
                <section class="card">
                    <Grid
                        caption="Solutions"
                        hide_caption=true
                        columns
                        rows
                        empty="Nothing has been deployed to this stage yet. To prepare settings for the first time, open the Pipelines page of a solution."
                    />
                </section>
            }
        },
    )
}

fn row(stage: StageId, solution: SolutionAtStage) -> AnyView {
    let href = address::settings(solution.environment, &solution.solution, stage);
    let (at, by) = solution.modified.map_or((None, None), |(at, by)| (Some(at), Some(by)));
    view! {
        <tr>
            <th scope="row"><a href=href>{solution.display_name}</a><br/><small>{solution.solution}</small></th>
            <td>{at.map_or_else(|| "Nothing prepared".into_any(), |at| view! { <Moment at/> }.into_any())}</td>
            <td>{by}</td>
        </tr>
    }
    .into_any()
}
