//! The form of a personal pipeline: what makers make for themselves, from the environment they stand in.

use super::{address, solution_area};
use crate::{
    components::{
        Appearance, Breadcrumb, Button, Choice, Crumb, HiddenField, LinkButton, LockedField, PostForm, Select,
        TextArea, TextField,
    },
    context::{self, caller, host},
    error::AppError,
    form::{self, Form, Returned},
    layout::{Area, PageHeader},
    page,
};
use leptos::{prelude::*, server_fn::ServerFn};
use model::{
    id::{DeploymentEnvironmentId, EnvironmentId, PipelineId},
    pipeline::Pipeline,
};
use pipelines::pipeline::personal::{self, PersonalForm};

const FORM: &str = "personal-pipeline";

/// What a form sends back when it was refused.
fn entered<'a>(name: &'a str, description: &'a str, target: &'a str, second: &'a str) -> [(&'static str, &'a str); 4] {
    [("name", name), ("description", description), ("target", target), ("second_target", second)]
}

/// Makes a personal pipeline.
#[server]
pub async fn create_personal_pipeline(
    environment: EnvironmentId,
    #[server(default)] solution: String,
    #[server(default)] name: String,
    #[server(default)] description: String,
    #[server(default)] target: String,
    #[server(default)] second_target: String,
) -> Result<(), AppError> {
    let result = async {
        let form = posted(&name, &description, &target, &second_target)?;
        let id = personal::create(&host(), &caller()?, environment, &form).await?;
        form::notify("The pipeline was created.").await?;
        Ok::<_, AppError>(id)
    }
    .await;
    let entered = entered(&name, &description, &target, &second_target);
    let page = address::new_pipeline(environment, &solution);
    form::answer(Form::new(FORM, &page), &entered, result, |id| address::pipelines(environment, &solution, Some(id)))
        .await
}

/// Changes a personal pipeline.
#[server]
#[allow(clippy::too_many_arguments, reason = "the fields of the form")]
pub async fn save_personal_pipeline(
    id: PipelineId,
    row_version: i32,
    environment: EnvironmentId,
    #[server(default)] solution: String,
    #[server(default)] name: String,
    #[server(default)] description: String,
    #[server(default)] target: String,
    #[server(default)] second_target: String,
) -> Result<(), AppError> {
    let result = async {
        let form = posted(&name, &description, &target, &second_target)?;
        personal::update(&host(), &caller()?, id, &form, row_version).await?;
        form::notify("The pipeline was saved.").await
    }
    .await;
    let entered = entered(&name, &description, &target, &second_target);
    let page = address::edit_pipeline(environment, &solution, id);
    form::answer(Form::new(FORM, &page), &entered, result, |()| address::pipelines(environment, &solution, Some(id)))
        .await
}

/// Deletes a personal pipeline.
#[server]
pub async fn delete_personal_pipeline(
    id: PipelineId,
    environment: EnvironmentId,
    #[server(default)] solution: String,
) -> Result<(), AppError> {
    let result = async {
        personal::delete(&host(), &caller()?, id).await?;
        form::notify("The pipeline was deleted.").await
    }
    .await;
    let page = address::pipelines(environment, &solution, Some(id));
    form::answer(Form::new(super::pipelines::FORM, &page), &[], result, |()| {
        address::pipelines(environment, &solution, None)
    })
    .await
}

/// What a form posted.
fn posted(name: &str, description: &str, target: &str, second_target: &str) -> Result<PersonalForm, AppError> {
    let record = |field: &str, id: &str| match id {
        "" => Ok(None),
        id => id
            .parse::<DeploymentEnvironmentId>()
            .map(Some)
            .map_err(|_| AppError::field(field, "Choose one of these target environments.")),
    };
    Ok(PersonalForm {
        name: name.to_owned(),
        description: description.to_owned(),
        target: record("target", target)?,
        second_target: record("second_target", second_target)?,
    })
}

/// Where somebody stands while they fill in the form.
struct Place {
    environment: EnvironmentId,
    solution: String,
    /// Name of the development environment.
    source: String,
    /// Target environments that may be chosen.
    targets: Vec<(DeploymentEnvironmentId, String)>,
}

/// `/environments/{environment}/solutions/{solution}/pipelines/new`
#[component]
pub fn NewPersonalPipeline() -> impl IntoView {
    let area = solution_area();
    page::load(
        area.clone().unwrap_or(Area::General),
        async move {
            let place = place(area?).await?;
            Ok::<_, AppError>((place, form::returned(FORM).await))
        },
        |(place, entered)| show(&place, None, entered),
    )
}

/// `/environments/{environment}/solutions/{solution}/pipelines/{pipeline}`
#[component]
pub fn EditPersonalPipeline() -> impl IntoView {
    let (area, id) = (solution_area(), page::parameter::<PipelineId>("pipeline"));
    page::load(
        area.clone().unwrap_or(Area::General),
        async move {
            let pipeline = personal::get(&host(), &caller()?, id?).await?;
            let place = place(area?).await?;
            Ok::<_, AppError>((place, pipeline, form::returned(FORM).await))
        },
        |(place, pipeline, entered)| show(&place, Some(&pipeline), entered),
    )
}

async fn place(area: Area) -> Result<Place, AppError> {
    let Area::Solution { environment, solution } = area else { return Err(AppError::not_found("This page")) };
    let (host, caller) = (context::host(), context::caller()?);
    let source = personal::source(&host, &caller, environment).await?.name;
    let targets = personal::targets(&host, &caller).await?;
    Ok(Place { environment, solution, source, targets })
}

fn show(place: &Place, pipeline: Option<&Pipeline>, entered: Returned) -> impl IntoView + use<> {
    let back = address::pipelines(place.environment, &place.solution, pipeline.map(|pipeline| pipeline.id));
    let title = pipeline.map_or("Create pipeline", |_| "Edit pipeline");
    view! {
        <Breadcrumb crumbs=vec![Crumb::new("Pipelines", back.clone())] current=title/>
        <PageHeader title subtitle="Personal pipeline"/>
        <p class="lead">
            "A personal pipeline is yours alone: nobody else deploys through it, and it cannot be shared."
        </p>
        {fields(place, pipeline, entered, back)}
    }
}

fn fields(place: &Place, pipeline: Option<&Pipeline>, entered: Returned, back: String) -> impl IntoView + use<> {
    let action = if pipeline.is_some() { SavePersonalPipeline::PATH } else { CreatePersonalPipeline::PATH };
    let identity = pipeline.map(|pipeline| {
        view! {
            <HiddenField name="id" value=pipeline.id.to_string()/>
            <HiddenField name="row_version" value=pipeline.row_version.to_string()/>
        }
    });
    let (name, description) =
        pipeline.map_or_else(Default::default, |pipeline| (pipeline.name.clone(), pipeline.description.clone()));
    let source = pipeline.and_then(|pipeline| pipeline.development_environments.first());
    let source = source.map_or_else(|| place.source.clone(), |source| source.name.clone());
    // A target that is not offered any more stays chosen until another one is.
    let stages = pipeline.map_or(&[][..], |pipeline| pipeline.stages.as_slice());
    let closed = stages.iter().filter(|stage| place.targets.iter().all(|(target, _)| *target != stage.target));
    let choices: Vec<_> = place
        .targets
        .iter()
        .map(|(target, name)| Choice::new(target, name.clone()))
        .chain(closed.map(|stage| Choice::new(stage.target, stage.target_name.clone())))
        .collect();
    let stored = |number: usize| stages.get(number).map(|stage| stage.target.to_string()).unwrap_or_default();
    let (first, second) = (entered.value("target", &stored(0)), entered.value("second_target", &stored(1)));
    let (environment, solution) = (place.environment.to_string(), place.solution.clone());
    view! {
        <div class="narrow">
            <PostForm name=FORM action entered=entered.clone()>
                {identity}
                <HiddenField name="environment" value=environment/>
                <HiddenField name="solution" value=solution/>
                <TextField
                    name="name"
                    label="Name"
                    required=true
                    maxlength=100
                    value=entered.value("name", &name)
                    error=entered.error("name")
                    autocomplete="off"
                />
                <TextArea
                    name="description"
                    label="Description"
                    maxlength=2000
                    value=entered.value("description", &description)
                    error=entered.error("description")
                />
                <LockedField label="Source environment" value=source/>
                <Select
                    name="target"
                    label="Target environment"
                    choices=choices.clone()
                    none="Choose an environment"
                    required=true
                    value=first
                    hint="Your solution will be copied to the environment you choose.".to_owned()
                    error=entered.error("target")
                />
                <Select
                    name="second_target"
                    label="Second target environment"
                    choices
                    none="None"
                    value=second
                    hint="Where a version goes on to, once it was deployed to the first.".to_owned()
                    error=entered.error("second_target")
                />
                <div class="buttons">
                    <Button appearance=Appearance::Primary>"Save"</Button>
                    <LinkButton href=back>"Cancel"</LinkButton>
                </div>
            </PostForm>
        </div>
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

    use super::*;
    use crate::page::configuration::sample;
    use uuid::Uuid;

    fn place(targets: &[(u128, &str)]) -> Place {
        let record = |(id, name): &(u128, &str)| (DeploymentEnvironmentId(Uuid::from_u128(*id)), (*name).to_owned());
        Place {
            environment: EnvironmentId(Uuid::from_u128(11)),
            solution: "Expenses".to_owned(),
            source: "Contoso Dev".to_owned(),
            targets: targets.iter().map(record).collect(),
        }
    }

    fn html(place: &Place, pipeline: Option<&Pipeline>) -> String {
        Owner::new().with(|| {
            leptos_meta::provide_meta_context();
            show(place, pipeline, Returned::default()).to_html()
        })
    }

    #[test]
    fn the_targets_of_a_pipeline_are_chosen_even_where_they_are_not_offered_any_more() {
        let pipeline = sample::pipeline(&[("Test", "Contoso Test"), ("Production", "Closed")]);
        let html = html(&place(&[(300, "Contoso Test")]), Some(&pipeline));
        assert_eq!(html.matches(" selected").count(), 2, "{html}");
        assert_eq!(html.matches(">Closed</option>").count(), 2, "{html}");
    }

    #[test]
    fn what_people_wrote_stays_text() {
        let hostile = "</textarea><script>alert(1)</script>\"'";
        let mut pipeline = sample::pipeline(&[(hostile, hostile)]);
        hostile.clone_into(&mut pipeline.name);
        hostile.clone_into(&mut pipeline.description);
        let html = html(&place(&[(1, hostile)]), Some(&pipeline));
        assert!(!html.contains("<script"), "{html}");
    }

    #[test]
    fn what_is_posted_as_a_target_is_an_id_or_nothing() {
        let id = Uuid::from_u128(7).to_string();
        let form = posted("x", "", &id, "").unwrap();
        assert_eq!((form.target.map(|id| id.0), form.second_target), (Some(Uuid::from_u128(7)), None));
        let error = posted("x", "", &id, "nonsense").unwrap_err();
        assert!(error.0.field("second_target").is_some());
    }
}
