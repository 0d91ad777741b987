//! The form of a pipeline, with its development environments, its stages and its runs.

mod chain;
pub mod check_access;
pub mod development_environments;
pub mod sharing;
mod stages;

use super::{
    pipelines as list,
    record::{ConfirmedCommand, PostCommand, RecordHeader, RecordState, Refusal, SaveCommands, after_saving},
    record_fields::{self, DescriptionField, NameField, OwnerField},
    run_history::{RunTable, address as history},
    stage,
};
use crate::{
    components::{Choice, CommandBar, CommandLink, HiddenField, Intent, LinkButton, MessageBar, PostForm, Select, Tab},
    context,
    error::AppError,
    form::{self, Form, Returned},
    layout::Area,
    page,
};
use chain::Chain;
use development_environments::DevelopmentEnvironments;
use leptos::{prelude::*, server_fn::ServerFn};
use model::{
    environment::DeploymentEnvironment,
    id::PipelineId,
    page::Page,
    pipeline::Pipeline,
    stage_run::{RunFilter, StageRunSummary},
    user::Person,
};
use pipelines::{
    pipeline::{self, NewPipeline, PipelineChanges},
    stage_run, user,
};
use stages::Stages;

/// Address of the form of a new pipeline.
pub const NEW: &str = "/configuration/pipelines/new";
const FORM: &str = "pipeline";
const KIND: &str = "Deployment Pipeline";
const RUN_HISTORY: &str = "run-history";
const ENABLED: &str = "enabled";
const DISABLED: &str = "disabled";

/// Address of a pipeline's form.
pub fn address(id: PipelineId) -> String {
    format!("{}/{id}", list::PATH)
}

/// Creates a pipeline.
#[server]
pub async fn create_pipeline(
    #[server(default)] name: String,
    #[server(default)] description: String,
    #[server(default)] owner: String,
    #[server(default)] then: String,
) -> Result<(), AppError> {
    let result = async {
        let caller = context::caller()?;
        let new =
            NewPipeline { name: name.clone(), description: description.clone(), owner: record_fields::owner(&owner)? };
        let id = pipeline::create(&context::host(), &caller, &new).await?;
        form::notify("The pipeline was created.").await?;
        Ok::<_, AppError>(id)
    }
    .await;
    let entered = [("name", name.as_str()), ("description", description.as_str()), ("owner", owner.as_str())];
    form::answer(Form::new(FORM, NEW), &entered, result, |id| after_saving(&then, list::PATH, address(id))).await
}

/// Changes a pipeline.
#[server]
pub async fn save_pipeline(
    id: PipelineId,
    row_version: i32,
    #[server(default)] name: String,
    #[server(default)] description: String,
    #[server(default)] owner: String,
    #[server(default)] redeployment: String,
    #[server(default)] then: String,
) -> Result<(), AppError> {
    let result = async {
        let caller = context::caller()?;
        let changes = PipelineChanges {
            name: name.clone(),
            description: description.clone(),
            owner: record_fields::owner(&owner)?,
            redeployment: redeployment == ENABLED,
            row_version,
        };
        pipeline::update(&context::host(), &caller, id, &changes).await?;
        form::notify("The pipeline was saved.").await
    }
    .await;
    let entered = [
        ("name", name.as_str()),
        ("description", description.as_str()),
        ("owner", owner.as_str()),
        ("redeployment", redeployment.as_str()),
    ];
    let page = address(id);
    form::answer(Form::new(FORM, &page), &entered, result, |()| after_saving(&then, list::PATH, page.clone())).await
}

/// Takes a pipeline out of use, or back into it.
#[server]
pub async fn set_pipeline_active(id: PipelineId, row_version: i32, active: bool) -> Result<(), AppError> {
    let result = async {
        let caller = context::caller()?;
        pipeline::set_active(&context::host(), &caller, id, active, row_version).await?;
        form::notify(if active { "The pipeline was activated." } else { "The pipeline was deactivated." }).await
    }
    .await;
    let page = address(id);
    form::answer(Form::new(FORM, &page), &[], result, |()| page.clone()).await
}

/// Deletes a pipeline.
#[server]
pub async fn delete_pipeline(id: PipelineId) -> Result<(), AppError> {
    let result = async {
        let caller = context::caller()?;
        pipeline::delete(&context::host(), &caller, id).await?;
        form::notify("The pipeline was deleted.").await
    }
    .await;
    form::answer(Form::new(FORM, &address(id)), &[], result, |()| list::PATH.to_owned()).await
}

/// `/configuration/pipelines/new`
#[component]
pub fn NewPipelineForm() -> impl IntoView {
    page::load(
        Area::Configuration,
        async {
            let (host, caller) = (context::host(), context::caller()?);
            let people = user::list(&host, &caller).await?;
            Ok::<_, AppError>((people, caller.user, form::returned(FORM).await))
        },
        |(people, me, entered)| {
            view! {
                <CommandBar><SaveCommands form=FORM new=NEW/></CommandBar>
                <RecordHeader title="New Pipeline" kind=KIND state=RecordState::New/>
                <section class="card record">
                    <h2>"Pipeline Details"</h2>
                    <PostForm name=FORM action=CreatePipeline::PATH entered=entered.clone()>
                        <NameField entered=entered.clone() stored=""/>
                        <OwnerField entered=entered.clone() stored=me people/>
                        <DescriptionField entered stored=""/>
                    </PostForm>
                    <p class="hint">
                        "After saving, link the development environments it deploys from and add its deployment stages."
                    </p>
                </section>
            }
        },
    )
}

/// What the tab of a pipeline's form shows.
enum Shown {
    General { people: Vec<Person>, linkable: Vec<DeploymentEnvironment>, entered: Returned, parts: Vec<Returned> },
    RunHistory(Page<StageRunSummary>),
}

/// `/configuration/pipelines/{id}`
#[component]
pub fn PipelineForm() -> impl IntoView {
    let id = page::parameter::<PipelineId>("id");
    page::load(
        Area::Configuration,
        async move {
            let (host, caller) = (context::host(), context::caller()?);
            caller.require_administrator()?;
            let pipeline = pipeline::get(&host, &caller, id?).await?;
            let shown = if page::query("tab").as_deref() == Some(RUN_HISTORY) {
                let filter = RunFilter { pipeline: Some(pipeline.id), ..RunFilter::default() };
                Shown::RunHistory(stage_run::history(&host, &caller, &filter).await?)
            } else {
                Shown::General {
                    people: user::list(&host, &caller).await?,
                    linkable: pipeline::linkable_environments(&host, &caller, pipeline.id).await?,
                    entered: form::returned(FORM).await,
                    parts: vec![
                        form::returned(development_environments::FORM).await,
                        form::returned(stage::FORM).await,
                    ],
                }
            };
            Ok::<_, AppError>((pipeline, shown))
        },
        |(pipeline, shown)| show(pipeline, shown),
    )
}

fn show(pipeline: Pipeline, shown: Shown) -> impl IntoView {
    let page = address(pipeline.id);
    let run_history = matches!(shown, Shown::RunHistory(_));
    let tabs = vec![
        Tab::new("General", page.clone(), !run_history),
        Tab::new("Deployment stages", format!("{page}#{}", stages::ANCHOR), false),
        Tab::new("Run history", format!("{page}?tab={RUN_HISTORY}"), run_history),
    ];
    let header = view! {
        <RecordHeader title=pipeline.name.clone() kind=KIND state=RecordState::saved(pipeline.active) tabs/>
        <Obstacles obstacles=pipeline.obstacles.clone()/>
    };
    match shown {
        Shown::General { people, linkable, entered, parts } => view! {
            <Commands pipeline=pipeline.clone()/>
            {header}
            {parts.into_iter().map(|returned| view! { <Refusal returned/> }).collect_view()}
            <Details pipeline=pipeline.clone() people entered/>
            <DevelopmentEnvironments pipeline=pipeline.clone() linkable/>
            <Stages pipeline/>
        }
        .into_any(),
        Shown::RunHistory(runs) => {
            let filter = RunFilter { pipeline: Some(pipeline.id), ..RunFilter::default() };
            view! {
                {header}
                <section class="card">
                    <h2>"Run history"</h2>
                    <RunTable runs=runs.rows empty="This pipeline has not been run yet."/>
                    <p class="more"><LinkButton href=history::write(&filter)>"Filter and sort all runs of this pipeline"</LinkButton></p>
                </section>
            }
            .into_any()
        }
    }
}

#[component]
fn Commands(pipeline: Pipeline) -> impl IntoView {
    let id = pipeline.id.to_string();
    let fields = vec![
        ("id", id.clone()),
        ("row_version", pipeline.row_version.to_string()),
        ("active", (!pipeline.active).to_string()),
    ];
    let (icon, text) = if pipeline.active { ("prohibited", "Deactivate") } else { ("checkmark-circle", "Activate") };
    let share = (!pipeline.personal).then(|| {
        view! { <CommandLink icon="people" href=sharing::sharing_address(pipeline.id)>"Share"</CommandLink> }
    });
    view! {
        <CommandBar>
            <SaveCommands form=FORM new=NEW refresh=address(pipeline.id)/>
            <CommandLink icon="checkmark-circle" href=super::policy::of_pipeline(pipeline.id)>"Policy"</CommandLink>
            {share}
            <CommandLink icon="key" href=check_access::check_access_address(pipeline.id)>"Check access"</CommandLink>
            <PostCommand action=SetPipelineActive::PATH icon fields>{text}</PostCommand>
            <ConfirmedCommand
                action=DeletePipeline::PATH
                verb="Delete"
                what=format!("the pipeline {}", pipeline.name)
                consequence="Its stages are deleted with it. Its environments, its artifacts and the history of its runs stay."
                fields=vec![("id", id)]
            />
        </CommandBar>
    }
}

/// What still keeps the pipeline from being usable.
#[component]
fn Obstacles(obstacles: Vec<String>) -> impl IntoView {
    (!obstacles.is_empty()).then(|| {
        let sentences = obstacles.into_iter().map(|obstacle| view! { <li>{obstacle}</li> });
        view! {
            <MessageBar intent=Intent::Warning title="This pipeline cannot run yet:">
                <ul>{sentences.collect_view()}</ul>
            </MessageBar>
        }
    })
}

#[component]
fn Details(pipeline: Pipeline, people: Vec<Person>, entered: Returned) -> impl IntoView {
    view! {
        <section class="card record">
            <h2>"Pipeline Details"</h2>
            <Chain pipeline=pipeline.clone()/>
            <PostForm name=FORM action=SavePipeline::PATH entered=entered.clone()>
                <HiddenField name="id" value=pipeline.id.to_string()/>
                <HiddenField name="row_version" value=pipeline.row_version.to_string()/>
                <NameField entered=entered.clone() stored=pipeline.name/>
                <OwnerField entered=entered.clone() stored=pipeline.owner people/>
                <DescriptionField entered=entered.clone() stored=pipeline.description/>
                <Select
                    name="redeployment"
                    label="Allow redeployments of older versions"
                    choices=vec![Choice::new(ENABLED, "Enabled"), Choice::new(DISABLED, "Disabled")]
                    value=entered.value("redeployment", if pipeline.redeployment { ENABLED } else { DISABLED })
                    hint="An older version may be deployed again over a newer one, and a bad one rolled back. What came with the newer version, data in its tables included, leaves the target.".to_owned()
                />
            </PostForm>
        </section>
    }
}
