//! *Drift*: where the target of a stage differs from what was last deployed there.

use super::address;
use crate::{
    components::{
        Appearance, Breadcrumb, Button, Column, Crumb, Grid, HiddenField, Intent, MessageBar, Moment, PostForm,
    },
    context::{caller, host},
    error::AppError,
    form::{self, Form, Returned},
    layout::{Area, PageHeader},
    page,
};
use leptos::{prelude::*, server_fn::ServerFn};
use model::{
    drift::{Drift, DriftCheck},
    id::{EnvironmentId, StageId},
};
use pipelines::{
    deployment_settings::Destination,
    drift::{self, StageDrift},
};

/// The form that looks at the target.
const FORM: &str = "drift";

/// *Check now*.
#[server]
pub async fn check_drift(environment: EnvironmentId, solution: String, stage: StageId) -> Result<(), AppError> {
    let page = address::drift(environment, &solution, stage);
    let destination = Destination { environment, solution, stage };
    let result: Result<(), AppError> = async { Ok(drift::check(&host(), &caller()?, &destination).await?) }.await;
    form::answer(Form::new(FORM, &page), &[], result, |()| page.clone()).await
}

/// `/environments/{environment}/solutions/{solution}/drift/{stage}`
#[component]
pub fn DriftPage() -> impl IntoView {
    let destination = super::destination();
    page::load(
        super::solution_area().unwrap_or(Area::General),
        async move {
            let destination = destination?;
            let drift = drift::get(&host(), &caller()?, &destination).await?;
            Ok((destination, drift, form::returned(FORM).await))
        },
        |(destination, drift, entered)| show(&destination, drift, entered),
    )
}

fn show(destination: &Destination, drift: StageDrift, entered: Returned) -> AnyView {
    let Destination { environment, solution, stage } = destination.clone();
    let crumbs = vec![
        Crumb::new(drift.solution.clone(), address::solution(environment, &solution)),
        Crumb::new("Pipelines", address::pipelines(environment, &solution, Some(drift.stage.pipeline))),
    ];
    let subtitle = format!("{} in {} ({})", drift.solution, drift.stage.name, drift.stage.target_name);
    let content = match drift.deployed {
        None => view! { <p>{format!("Nothing has been deployed to {} yet.", drift.stage.name)}</p> }.into_any(),
        Some((run, version)) => {
            let found = drift.check.map(found);
            view! {
                <p>"Compared with " <a href=address::run(run)>{format!("version {version}")}</a> ", which was last deployed here."</p>
                <PostForm name=FORM action=CheckDrift::PATH entered>
                    <HiddenField name="environment" value=environment.to_string()/>
                    <HiddenField name="solution" value=solution/>
                    <HiddenField name="stage" value=stage.to_string()/>
                    <div class="buttons">
                        <Button appearance=Appearance::Primary icon="arrow-sync">"Check now"</Button>
                    </div>
                </PostForm>
                {found.unwrap_or_else(|| view! { <p>"Nobody has looked since that deployment."</p> }.into_any())}
            }
            .into_any()
        }
    };
    view! {
        <Breadcrumb crumbs current=format!("Drift of {}", drift.stage.name)/>
        <PageHeader title="Drift" subtitle/>
        <section class="card">{content}</section>
    }
    .into_any()
}

/// What was found, and when.
fn found(check: DriftCheck) -> AnyView {
    let summary = check.summary();
    let omitted = check.omitted;
    let columns = ["Difference", "Name", "Deployed", "In the target"].into_iter().map(Column::new).collect();
    let rows: Vec<_> = check.drifts.into_iter().map(row).collect();
    let intent = if rows.is_empty() { Intent::Success } else { Intent::Warning };
    let grid = (!rows.is_empty()).then(|| {
        view! { <Grid caption="Differences" hide_caption=true columns rows empty=""/> }
    });
    view! {
        <MessageBar intent=intent>{summary} ". Checked " <Moment at=check.checked/> "."</MessageBar>
        {grid}
        {(omitted > 0).then(|| view! { <p class="muted">{format!("… and {omitted} more.")}</p> })}
    }
    .into_any()
}

fn row(drift: Drift) -> AnyView {
    let shown = |text: String| if text.is_empty() { "Nothing".to_owned() } else { text };
    view! {
        <tr>
            <th scope="row">{drift.kind.label()}</th>
            <td>{drift.name}</td>
            <td>{shown(drift.deployed)}</td>
            <td>{shown(drift.found)}</td>
        </tr>
    }
    .into_any()
}
