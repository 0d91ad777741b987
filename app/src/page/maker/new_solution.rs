//! A new, empty solution.

use super::address;
use crate::{
    components::{
        Appearance, Breadcrumb, Button, Choice, Crumb, HiddenField, LinkButton, PostForm, Select, TextArea, TextField,
    },
    context,
    error::AppError,
    form::{self, Form, Returned},
    layout::{Area, PageHeader},
    page,
};
use leptos::{prelude::*, server_fn::ServerFn};
use model::{id::EnvironmentId, package::Publisher};
use pipelines::solution::{self, NewSolutionForm};

const FORM: &str = "new-solution";

/// Creates a solution.
#[server]
#[allow(clippy::too_many_arguments, reason = "the fields of the form")]
pub async fn create_solution(
    environment: String,
    #[server(default)] display_name: String,
    #[server(default)] unique_name: String,
    #[server(default)] publisher: String,
    #[server(default)] publisher_display_name: String,
    #[server(default)] publisher_unique_name: String,
    #[server(default)] publisher_prefix: String,
    #[server(default)] version: String,
    #[server(default)] description: String,
) -> Result<(), AppError> {
    let new = NewSolutionForm {
        display_name,
        unique_name,
        publisher,
        publisher_display_name,
        publisher_unique_name,
        publisher_prefix,
        version,
        description,
    };
    let result = async {
        let caller = context::caller()?;
        let environment = environment.parse::<EnvironmentId>().map_err(|_| AppError::not_found("The environment"))?;
        let created = solution::create(&context::host(), &caller, environment, &new).await?;
        form::notify(&format!("The solution {} was created.", created.display_name)).await?;
        Ok::<_, AppError>((environment, created.unique_name))
    }
    .await;
    let entered = [
        ("display_name", new.display_name.as_str()),
        ("unique_name", &new.unique_name),
        ("publisher", &new.publisher),
        ("publisher_display_name", &new.publisher_display_name),
        ("publisher_unique_name", &new.publisher_unique_name),
        ("publisher_prefix", &new.publisher_prefix),
        ("version", &new.version),
        ("description", &new.description),
    ];
    form::answer(Form::new(FORM, "/"), &entered, result, |(environment, name)| address::solution(environment, &name))
        .await
}

/// The form for a new solution.
#[component]
pub fn NewSolution() -> impl IntoView {
    let environment = page::parameter::<EnvironmentId>("environment");
    let area = environment.as_ref().map_or(Area::General, |environment| Area::Environment(*environment));
    page::load(
        area,
        async move {
            let environment = environment?;
            let publishers = solution::publishers(&context::host(), &context::caller()?, environment).await?;
            Ok::<_, AppError>((environment, publishers, form::returned(FORM).await))
        },
        |(environment, publishers, entered)| {
            view! {
                <Breadcrumb
                    crumbs=vec![Crumb::new("Solutions", address::solutions(environment))]
                    current="New solution"
                />
                <PageHeader title="New solution"/>
                {fields(environment, &publishers, entered)}
            }
        },
    )
}

fn fields(environment: EnvironmentId, publishers: &[Publisher], entered: Returned) -> impl IntoView + use<> {
    let choices: Vec<_> = publishers
        .iter()
        .map(|publisher| {
            Choice::new(&publisher.unique_name, format!("{} ({})", publisher.display_name, publisher.prefix))
        })
        .collect();
    let first = publishers.first().map_or_else(String::new, |publisher| publisher.unique_name.clone());
    view! {
        <div class="narrow">
            <PostForm name=FORM action=CreateSolution::PATH entered=entered.clone()>
                <HiddenField name="environment" value=environment.to_string()/>
                <TextField
                    name="display_name"
                    label="Display name"
                    required=true
                    maxlength=256
                    value=entered.value("display_name", "")
                    error=entered.error("display_name")
                />
                <TextField
                    name="unique_name"
                    label="Name"
                    required=true
                    maxlength=65
                    hint="Letters, digits and underscores; it cannot be changed later.".to_owned()
                    value=entered.value("unique_name", "")
                    error=entered.error("unique_name")
                    autocomplete="off"
                />
                <Select
                    name="publisher"
                    label="Publisher"
                    choices
                    none="New publisher, entered below"
                    value=entered.value("publisher", &first)
                    error=entered.error("publisher")
                />
                <fieldset class="group">
                    <legend>"New publisher"</legend>
                    <p class="hint">"Only when no publisher is chosen above."</p>
                    <TextField
                        name="publisher_display_name"
                        label="Publisher display name"
                        maxlength=256
                        value=entered.value("publisher_display_name", "")
                        error=entered.error("publisher_display_name")
                    />
                    <TextField
                        name="publisher_unique_name"
                        label="Publisher name"
                        maxlength=256
                        value=entered.value("publisher_unique_name", "")
                        error=entered.error("publisher_unique_name")
                        autocomplete="off"
                    />
                    <TextField
                        name="publisher_prefix"
                        label="Prefix"
                        maxlength=8
                        hint="2 to 8 letters and digits, beginning with a letter.".to_owned()
                        value=entered.value("publisher_prefix", "")
                        error=entered.error("publisher_prefix")
                        autocomplete="off"
                    />
                </fieldset>
                <TextField
                    name="version"
                    label="Version"
                    required=true
                    maxlength=50
                    value=entered.value("version", "1.0.0.0")
                    error=entered.error("version")
                    autocomplete="off"
                />
                <TextArea
                    name="description"
                    label="Description"
                    maxlength=2000
                    value=entered.value("description", "")
                    error=entered.error("description")
                />
                <div class="buttons">
                    <Button appearance=Appearance::Primary>"Create"</Button>
                    <LinkButton href=address::solutions(environment)>"Cancel"</LinkButton>
                </div>
            </PostForm>
        </div>
    }
}
