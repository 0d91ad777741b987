//! The form of a deployment stage.

use super::{
    pipeline as pipeline_form,
    record::{ConfirmedCommand, RecordHeader, RecordState, SaveCommands, after_saving},
    record_fields::{DescriptionField, NameField},
    stage_delegation::{self, StageDelegation},
    stage_gates::{self, StageGates},
};
use crate::{
    components::{Breadcrumb, Choice, CommandBar, CommandLink, Crumb, HiddenField, LockedField, PostForm, Select},
    context,
    error::AppError,
    form::{self, Form, Returned},
    layout::Area,
    page,
};
use leptos::{prelude::*, server_fn::ServerFn};
use model::{
    environment::DeploymentEnvironment,
    id::{DeploymentEnvironmentId, PipelineId, StageId},
    pipeline::{Pipeline, Stage},
};
use pipelines::{
    gate, pipeline,
    stage::{self, NewStage, StageChanges, delegation},
    team, user,
};

/// The form of a stage.
pub const FORM: &str = "stage";
/// What comes of deleting a stage.
pub const CONSEQUENCE: &str =
    "The stage after it follows the one before it. The history of its runs and their artifacts stay.";
const KIND: &str = "Deployment Stage";

/// Address of a stage's form.
pub fn address(id: StageId) -> String {
    format!("/configuration/stages/{id}")
}

/// Address of the form of a new stage of a pipeline.
pub fn new_address(pipeline: PipelineId) -> String {
    format!("{}/stages/new", pipeline_form::address(pipeline))
}

/// The previous stage a form posts; none for the first stage.
fn previous(posted: &str) -> Result<Option<StageId>, AppError> {
    let posted = posted.trim();
    if posted.is_empty() {
        return Ok(None);
    }
    posted.parse().map(Some).map_err(|_| AppError::field("previous", "Choose the previous stage from the list."))
}

/// The target a form posts; none when nothing was chosen.
fn target(posted: &str) -> Option<DeploymentEnvironmentId> {
    posted.parse().ok()
}

/// Creates a stage.
#[server]
pub async fn create_stage(
    pipeline: PipelineId,
    #[server(default)] name: String,
    #[server(default)] description: String,
    #[server(default)] previous: String,
    #[server(default)] target: String,
    #[server(default)] then: String,
) -> Result<(), AppError> {
    let result = async {
        let caller = context::caller()?;
        let new = NewStage {
            pipeline,
            name: name.clone(),
            description: description.clone(),
            previous: self::previous(&previous)?,
            target: self::target(&target),
        };
        let id = stage::create(&context::host(), &caller, &new).await?;
        form::notify("The deployment stage was added.").await?;
        Ok::<_, AppError>(id)
    }
    .await;
    let entered = entered(&name, &description, &previous, &target);
    let list = pipeline_form::address(pipeline);
    form::answer(Form::new(FORM, &new_address(pipeline)), &entered, result, |id| {
        after_saving(&then, &list, address(id))
    })
    .await
}

/// Changes a stage.
#[server]
pub async fn save_stage(
    id: StageId,
    row_version: i32,
    #[server(default)] name: String,
    #[server(default)] description: String,
    #[server(default)] previous: String,
    #[server(default)] target: String,
    #[server(default)] then: String,
) -> Result<(), AppError> {
    let result = async {
        let caller = context::caller()?;
        let changes = StageChanges {
            name: name.clone(),
            description: description.clone(),
            previous: self::previous(&previous)?,
            target: self::target(&target),
            row_version,
        };
        let host = context::host();
        stage::update(&host, &caller, id, &changes).await?;
        form::notify("The deployment stage was saved.").await?;
        Ok::<_, AppError>(stage::get(&host, &caller, id).await?.pipeline)
    }
    .await;
    let entered = entered(&name, &description, &previous, &target);
    let page = address(id);
    let then = |pipeline| after_saving(&then, &pipeline_form::address(pipeline), page.clone());
    form::answer(Form::new(FORM, &page), &entered, result, then).await
}

/// Deletes a stage.
#[server]
pub async fn delete_stage(id: StageId) -> Result<(), AppError> {
    let result = async {
        let (host, caller) = (context::host(), context::caller()?);
        let pipeline = stage::get(&host, &caller, id).await?.pipeline;
        stage::delete(&host, &caller, id).await?;
        form::notify("The deployment stage was deleted.").await?;
        Ok::<_, AppError>(pipeline)
    }
    .await;
    form::answer(Form::new(FORM, &address(id)), &[], result, pipeline_form::address).await
}

fn entered<'a>(name: &'a str, description: &'a str, previous: &'a str, target: &'a str) -> [(&'a str, &'a str); 4] {
    [("name", name), ("description", description), ("previous", previous), ("target", target)]
}

/// `/configuration/pipelines/{pipeline}/stages/new`
#[component]
pub fn NewStageForm() -> impl IntoView {
    let id = page::parameter::<PipelineId>("pipeline");
    page::load(
        Area::Configuration,
        async move {
            let (host, caller) = (context::host(), context::caller()?);
            caller.require_administrator()?;
            let pipeline = pipeline::get(&host, &caller, id?).await?;
            let targets = stage::targets(&host, &caller, pipeline.id).await?;
            Ok::<_, AppError>((pipeline, targets, form::returned(FORM).await))
        },
        |(pipeline, targets, entered)| {
            let new = new_address(pipeline.id);
            let last = pipeline.stages.last().map(|stage| stage.id);
            view! {
                <CommandBar><SaveCommands form=FORM new/></CommandBar>
                <Way pipeline=pipeline.clone() current="New Deployment Stage"/>
                <RecordHeader title="New Deployment Stage" kind=KIND state=RecordState::New/>
                <section class="card record">
                    <PostForm name=FORM action=CreateStage::PATH entered=entered.clone()>
                        <HiddenField name="pipeline" value=pipeline.id.to_string()/>
                        <NameField entered=entered.clone() stored=""/>
                        <DescriptionField entered=entered.clone() stored=""/>
                        <LockedField label="Deployment Pipeline" value=pipeline.name.clone()/>
                        <Order entered stage=None previous=last target=None pipeline targets/>
                    </PostForm>
                </section>
            }
        },
    )
}

/// A stage and its pipeline, for administrators.
pub(super) async fn with_pipeline(id: StageId) -> Result<(Stage, Pipeline), AppError> {
    let (host, caller) = (context::host(), context::caller()?);
    caller.require_administrator()?;
    let stage = stage::get(&host, &caller, id).await?;
    let pipeline = pipeline::get(&host, &caller, stage.pipeline).await?;
    Ok((stage, pipeline))
}

/// `/configuration/stages/{id}`
#[component]
pub fn StageForm() -> impl IntoView {
    let id = page::parameter::<StageId>("id");
    page::load(
        Area::Configuration,
        async move {
            let (stage, pipeline) = with_pipeline(id?).await?;
            let (host, caller) = (context::host(), context::caller()?);
            let targets = stage::targets(&host, &caller, stage.pipeline).await?;
            let gates = gate::get(&host, &caller, stage.id).await?;
            let people = (user::list(&host, &caller).await?, team::list(&host, &caller).await?);
            let missing = delegation::missing_right(&host, &caller, &stage).await?;
            let returned = (
                form::returned(FORM).await,
                form::returned(stage_gates::FORM).await,
                form::returned(stage_delegation::FORM).await,
            );
            Ok::<_, AppError>((stage, pipeline, targets, gates, people, (caller.user, missing), returned))
        },
        |(stage, pipeline, targets, gates, (people, teams), (me, missing), returned)| {
            let (id, first, delegated) = (stage.id, stage.previous.is_none(), stage.clone());
            let (entered, gates_entered, delegation_entered) = returned;
            view! {
                {show(stage, pipeline, targets, entered)}
                <StageDelegation stage=delegated people=people.clone() me missing entered=delegation_entered/>
                <StageGates stage=id first gates people teams entered=gates_entered/>
            }
        },
    )
}

fn show(stage: Stage, pipeline: Pipeline, targets: Vec<DeploymentEnvironment>, entered: Returned) -> impl IntoView {
    let target = Some((stage.target, stage.target_name));
    let ids = vec![("id", stage.id.to_string())];
    let what = format!("the stage {}", stage.name);
    view! {
        <CommandBar>
            <SaveCommands form=FORM new=new_address(pipeline.id) refresh=address(stage.id)/>
            <CommandLink icon="checkmark-circle" href=super::policy::of_stage(stage.id)>"Policy"</CommandLink>
            <CommandLink icon="clock" href=super::stage_windows::address(stage.id)>"Deployment windows"</CommandLink>
            <CommandLink icon="settings" href=super::stage_settings::address(stage.id)>"Deployment settings"</CommandLink>
            <ConfirmedCommand action=DeleteStage::PATH verb="Delete" what consequence=CONSEQUENCE fields=ids/>
        </CommandBar>
        <Way pipeline=pipeline.clone() current=stage.name.clone()/>
        <RecordHeader title=stage.name.clone() kind=KIND state=RecordState::Active/>
        <section class="card record">
            <PostForm name=FORM action=SaveStage::PATH entered=entered.clone()>
                <HiddenField name="id" value=stage.id.to_string()/>
                <HiddenField name="row_version" value=stage.row_version.to_string()/>
                <NameField entered=entered.clone() stored=stage.name/>
                <DescriptionField entered=entered.clone() stored=stage.description/>
                <LockedField label="Deployment Pipeline" value=pipeline.name.clone()/>
                <Order entered stage=Some(stage.id) previous=stage.previous target pipeline targets/>
            </PostForm>
        </section>
    }
}

#[component]
fn Way(pipeline: Pipeline, #[prop(into)] current: String) -> impl IntoView {
    let crumbs = vec![
        Crumb::new("Pipelines", super::pipelines::PATH),
        Crumb::new(pipeline.name, pipeline_form::address(pipeline.id)),
    ];
    view! { <Breadcrumb crumbs current/> }
}

/// Where the stage stands in the chain, and where it deploys to.
#[component]
fn Order(
    entered: Returned,
    /// The stage itself, which cannot come before itself.
    stage: Option<StageId>,
    previous: Option<StageId>,
    /// The target it has, by id and name.
    target: Option<(DeploymentEnvironmentId, String)>,
    pipeline: Pipeline,
    targets: Vec<DeploymentEnvironment>,
) -> impl IntoView {
    let stages = pipeline
        .stages
        .into_iter()
        .filter(|other| Some(other.id) != stage)
        .map(|other| Choice::new(other.id, format!("{} ({})", other.name, other.target_name)))
        .collect();
    let (choices, stored) = target_choices(targets, target);
    let previous = previous.map(|id| id.to_string()).unwrap_or_default();
    view! {
        <Select
            name="previous"
            label="Previous Deployment Stage"
            choices=stages
            value=entered.value("previous", &previous)
            none="--- (this is the first stage)"
            hint="The stage that has to succeed first. Leave it blank for the first stage.".to_owned()
            error=entered.error("previous")
        />
        <Select
            name="target"
            label="Target Deployment Environment"
            choices
            value=entered.value("target", &stored)
            none="Choose an environment"
            required=true
            hint="Only target environments that no other stage of this pipeline deploys into.".to_owned()
            error=entered.error("target")
        />
    }
}

/// The targets to choose from. The one the stage has stays among them, even when it would not be offered anew.
fn target_choices(
    targets: Vec<DeploymentEnvironment>,
    stored: Option<(DeploymentEnvironmentId, String)>,
) -> (Vec<Choice>, String) {
    let value = stored.as_ref().map(|(id, _)| id.to_string()).unwrap_or_default();
    let missing = stored.filter(|(id, _)| targets.iter().all(|target| target.id != *id));
    let choices = missing
        .map(|(id, name)| Choice::new(id, name))
        .into_iter()
        .chain(targets.into_iter().map(|target| Choice::new(target.id, target.name)))
        .collect();
    (choices, value)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

    use super::*;
    use crate::page::configuration::sample;
    use uuid::Uuid;

    #[test]
    fn a_blank_previous_stage_is_the_first_and_nonsense_is_a_problem_of_the_field() {
        let id = StageId(Uuid::from_u128(5));
        assert_eq!(previous("").unwrap(), None);
        assert_eq!(previous(&format!(" {id} ")).unwrap(), Some(id));
        assert!(previous("nonsense").unwrap_err().0.field("previous").is_some());
    }

    #[test]
    fn the_target_of_a_stage_can_be_kept_though_it_is_not_offered_any_more() {
        let kept = (DeploymentEnvironmentId(Uuid::from_u128(77)), "Contoso Test".to_owned());
        let offered = sample::environment("Contoso Production");
        let (choices, value) = target_choices(vec![offered.clone()], Some(kept.clone()));
        assert_eq!(choices, [Choice::new(kept.0, "Contoso Test"), Choice::new(offered.id, "Contoso Production")]);
        assert_eq!(value, kept.0.to_string());

        let (choices, _) = target_choices(vec![offered.clone()], Some((offered.id, offered.name.clone())));
        assert_eq!(choices.len(), 1);
    }

    #[test]
    fn a_stage_cannot_be_put_after_itself() {
        let pipeline = sample::pipeline(&[("Test", "Contoso Test"), ("Production", "Contoso Production")]);
        let test = pipeline.stages.first().unwrap().id;
        let html = view! {
            <Order entered=Returned::default() stage=Some(test) previous=None target=None pipeline targets=Vec::new()/>
        }
        .to_html();
        assert!(!html.contains("Contoso Test"), "{html}");
        assert!(html.contains("Production (Contoso Production)"), "{html}");
    }
}
