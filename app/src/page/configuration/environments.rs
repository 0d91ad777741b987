//! The list of deployment environments.

use super::environment;
use crate::{
    components::{Column, CommandBar, CommandLink, Grid, Moment, Tab, Tabs, ValidationBadge},
    context,
    error::AppError,
    island::LiveRegion,
    layout::{Area, PageHeader},
    page,
};
use leptos::prelude::*;
use model::environment::{DeploymentEnvironment, EnvironmentView, ValidationStatus};
use pipelines::deployment_environment;

/// Address of this page.
pub const PATH: &str = "/configuration/environments";

/// The address of a view.
pub fn address(view: EnvironmentView) -> String {
    if view == EnvironmentView::default() { PATH.to_owned() } else { format!("{PATH}?view={}", view.name()) }
}

/// `/configuration/environments`
#[component]
pub fn Environments() -> impl IntoView {
    page::load(
        Area::Configuration,
        async {
            let view = page::query("view").and_then(|name| EnvironmentView::from_name(&name)).unwrap_or_default();
            let environments = deployment_environment::list(&context::host(), &context::caller()?, view).await?;
            Ok::<_, AppError>((view, environments))
        },
        |(view, environments)| show(view, environments),
    )
}

fn show(current: EnvironmentView, environments: Vec<DeploymentEnvironment>) -> impl IntoView {
    let tabs = EnvironmentView::ALL.map(|view| Tab::new(view.label(), address(view), view == current)).to_vec();
    let columns = ["Name", "Environment type", "Environment ID", "Validation status", "Owner", "Modified"];
    // Those that are being validated while one looks.
    let pending = environments.iter().filter(|environment| environment.validation == ValidationStatus::Pending);
    let events = pending.map(|environment| format!("/events/environments/{}", environment.id)).collect();
    let empty = match current {
        EnvironmentView::Active => "There are no environments yet. Choose New to add the first one.",
        EnvironmentView::Development => "There are no development environments yet. Choose New to add one.",
        EnvironmentView::Target => "There are no target environments yet. Choose New to add one.",
        EnvironmentView::Inactive => "No environment is inactive.",
    };
    view! {
        <CommandBar>
            <CommandLink icon="add" href=environment::NEW>"New"</CommandLink>
            <CommandLink icon="arrow-clockwise" href=address(current)>"Refresh"</CommandLink>
        </CommandBar>
        <PageHeader title="Environments" subtitle="Deployment Environments">
            <Tabs label="Views" tabs/>
        </PageHeader>
        <section class="card">
            <LiveRegion id="environments".to_owned() events label=Some("Environments".to_owned())>
                <Grid
                    caption=current.label()
                    hide_caption=true
                    columns=columns.map(Column::new).to_vec()
                    rows=environments.into_iter().map(row).collect()
                    empty
                />
            </LiveRegion>
        </section>
    }
}

fn row(environment: DeploymentEnvironment) -> AnyView {
    view! {
        <tr>
            <th scope="row"><a href=environment::address(environment.id)>{environment.name}</a></th>
            <td>{environment.kind.label()}</td>
            <td><code>{environment.environment_id.to_string()}</code></td>
            <td><ValidationBadge status=environment.validation/></td>
            <td>{environment.owner_name}</td>
            <td><Moment at=environment.modified/></td>
        </tr>
    }
    .into_any()
}
