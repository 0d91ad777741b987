//! The development environments that a pipeline deploys from.

use super::{super::environment, address};
use crate::{
    components::{
        Appearance, Button, Choice, Column, Dialog, DialogButton, Grid, HiddenField, LinkButton, Select,
        ValidationBadge,
    },
    context,
    error::AppError,
    form::{self, Form},
};
use leptos::{prelude::*, server_fn::ServerFn};
use model::{
    environment::DeploymentEnvironment,
    id::{DeploymentEnvironmentId, PipelineId},
    pipeline::Pipeline,
};
use pipelines::pipeline;

/// The form of these environments; what it refuses is said on the pipeline's page.
pub const FORM: &str = "development-environments";

/// Links a development environment to a pipeline.
#[server]
pub async fn link_environment(pipeline: PipelineId, #[server(default)] environment: String) -> Result<(), AppError> {
    let result = async {
        let caller = context::caller()?;
        let environment: DeploymentEnvironmentId = environment
            .parse()
            .map_err(|_| AppError::field("environment", "Choose a development environment to link."))?;
        pipeline::link_environment(&context::host(), &caller, pipeline, environment).await?;
        form::notify("The development environment was linked.").await
    }
    .await;
    let page = address(pipeline);
    form::answer(Form::new(FORM, &page), &[], result, |()| page.clone()).await
}

/// Takes a development environment from a pipeline.
#[server]
pub async fn unlink_environment(pipeline: PipelineId, environment: DeploymentEnvironmentId) -> Result<(), AppError> {
    let result = async {
        let caller = context::caller()?;
        pipeline::unlink_environment(&context::host(), &caller, pipeline, environment).await?;
        form::notify("The development environment was removed from the pipeline.").await
    }
    .await;
    let page = address(pipeline);
    form::answer(Form::new(FORM, &page), &[], result, |()| page.clone()).await
}

/// The grid *Linked development environments*.
#[component]
pub fn DevelopmentEnvironments(
    /// The pipeline.
    pipeline: Pipeline,
    /// Environments that may be linked to it.
    linkable: Vec<DeploymentEnvironment>,
) -> impl IntoView {
    let columns = vec![
        Column::new("Name"),
        Column::new("Environment ID"),
        Column::new("Validation status"),
        Column::new("Commands").hidden(),
    ];
    let id = pipeline.id;
    let rows = pipeline.development_environments.into_iter().map(|environment| row(id, environment)).collect();
    view! {
        <section class="card">
            <header>
                <h2>"Linked development environments"</h2>
                <AddExisting pipeline=id linkable/>
            </header>
            <Grid
                caption="Linked development environments"
                hide_caption=true
                columns
                rows
                empty="No development environment is linked yet. Makers deploy from the ones that are linked here."
            />
        </section>
    }
}

#[component]
fn AddExisting(pipeline: PipelineId, linkable: Vec<DeploymentEnvironment>) -> impl IntoView {
    let content = if linkable.is_empty() {
        view! {
            <p>"There is no other active development environment. Add one first, then link it here."</p>
            <LinkButton href=environment::NEW icon="add">"New environment"</LinkButton>
        }
        .into_any()
    } else {
        let choices = linkable.into_iter().map(|environment| Choice::new(environment.id, environment.name)).collect();
        view! {
            <form method="post" class="form" action=LinkEnvironment::PATH>
                <HiddenField name="pipeline" value=pipeline.to_string()/>
                <Select name="environment" label="Development environment" choices required=true/>
                <div class="buttons"><Button appearance=Appearance::Primary>"Add"</Button></div>
            </form>
        }
        .into_any()
    };
    view! {
        <Dialog
            trigger="Add existing development environment"
            icon="link"
            button=DialogButton::Button
            title="Add an existing development environment"
        >
            {content}
        </Dialog>
    }
}

fn row(pipeline: PipelineId, environment: DeploymentEnvironment) -> AnyView {
    let remove = format!("Remove {} from the pipeline", environment.name);
    view! {
        <tr>
            <th scope="row"><a href=environment::address(environment.id)>{environment.name}</a></th>
            <td><code>{environment.environment_id.to_string()}</code></td>
            <td><ValidationBadge status=environment.validation/></td>
            <td class="commands">
                <form method="post" action=UnlinkEnvironment::PATH>
                    <HiddenField name="pipeline" value=pipeline.to_string()/>
                    <HiddenField name="environment" value=environment.id.to_string()/>
                    <button type="submit" class="button subtle small" aria-label=remove>"Remove"</button>
                </form>
            </td>
        </tr>
    }
    .into_any()
}
