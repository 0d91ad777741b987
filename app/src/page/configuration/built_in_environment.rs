//! The form of an environment that Slipway keeps itself.

use super::{
    application_users, built_in_environments, environment, environment_roles,
    record::{ConfirmedCommand, RecordHeader, RecordState, SaveCommands, after_saving},
    record_fields::NameField,
};
use crate::{
    components::{Button, CommandBar, CommandLink, HiddenField, LockedField, PostForm, TextArea, TextField},
    context,
    error::AppError,
    form::{self, Form, Returned},
    layout::Area,
    page,
};
use leptos::{prelude::*, server_fn::ServerFn};
use model::{
    environment::{BuiltInEnvironment, EnvironmentProperties},
    id::EnvironmentId,
};
use pipelines::built_in::{self, PropertyFields};

/// Address of the form of a new environment.
pub const NEW: &str = "/configuration/built-in-environments/new";
const FORM: &str = "built-in-environment";
const PROPERTIES: &str = "environment-properties";
const KIND: &str = "Built-in Environment";
/// Milliseconds for each component that a new environment begins with: slow enough to watch, quick enough to try.
const USUAL_PACE: u32 = 50;

/// Address of an environment's form.
pub fn address(id: EnvironmentId) -> String {
    format!("{}/{id}", built_in_environments::PATH)
}

fn pace(posted: &str) -> Result<u32, AppError> {
    posted
        .trim()
        .parse()
        .map_err(|_| AppError::field("import_pace", "Enter a whole number of milliseconds, such as 50."))
}

/// Creates an environment.
#[server]
pub async fn create_built_in_environment(
    #[server(default)] name: String,
    #[server(default)] import_pace: String,
    #[server(default)] then: String,
) -> Result<(), AppError> {
    let result = async {
        let caller = context::caller()?;
        let id = built_in::create(&context::host(), &caller, &name, pace(&import_pace)?).await?;
        form::notify("The built-in environment was created.").await?;
        Ok::<_, AppError>(id)
    }
    .await;
    let entered = [("name", name.as_str()), ("import_pace", import_pace.as_str())];
    let list = built_in_environments::PATH;
    form::answer(Form::new(FORM, NEW), &entered, result, |id| after_saving(&then, list, address(id))).await
}

/// Renames an environment or changes its pace.
#[server]
pub async fn save_built_in_environment(
    id: EnvironmentId,
    #[server(default)] name: String,
    #[server(default)] import_pace: String,
    #[server(default)] then: String,
) -> Result<(), AppError> {
    let result = async {
        let caller = context::caller()?;
        built_in::update(&context::host(), &caller, id, &name, pace(&import_pace)?).await?;
        form::notify("The built-in environment was saved.").await
    }
    .await;
    let entered = [("name", name.as_str()), ("import_pace", import_pace.as_str())];
    let (list, page) = (built_in_environments::PATH, address(id));
    form::answer(Form::new(FORM, &page), &entered, result, |()| after_saving(&then, list, page.clone())).await
}

/// Says what an environment is like and what it takes.
#[server]
pub async fn save_environment_properties(
    id: EnvironmentId,
    #[server(default)] platform_version: String,
    #[server(default)] languages: String,
    #[server(default)] blocked_extensions: String,
    #[server(default)] largest_file: String,
) -> Result<(), AppError> {
    let given = PropertyFields { platform_version, languages, blocked_extensions, largest_file };
    let result = async {
        let caller = context::caller()?;
        built_in::set_properties(&context::host(), &caller, id, &given).await?;
        form::notify("The properties of the built-in environment were saved.").await
    }
    .await;
    let entered = [
        ("platform_version", given.platform_version.as_str()),
        ("languages", &given.languages),
        ("blocked_extensions", &given.blocked_extensions),
        ("largest_file", &given.largest_file),
    ];
    let page = address(id);
    form::answer(Form::new(PROPERTIES, &page), &entered, result, |()| page.clone()).await
}

/// Empties an environment.
#[server]
pub async fn reset_built_in_environment(id: EnvironmentId) -> Result<(), AppError> {
    let result = async {
        let caller = context::caller()?;
        built_in::reset(&context::host(), &caller, id).await?;
        form::notify("The built-in environment is empty again.").await
    }
    .await;
    let page = address(id);
    form::answer(Form::new(FORM, &page), &[], result, |()| page.clone()).await
}

/// Deletes an environment.
#[server]
pub async fn delete_built_in_environment(id: EnvironmentId) -> Result<(), AppError> {
    let result = async {
        let caller = context::caller()?;
        built_in::delete(&context::host(), &caller, id).await?;
        form::notify("The built-in environment was deleted.").await
    }
    .await;
    form::answer(Form::new(FORM, &address(id)), &[], result, |()| built_in_environments::PATH.to_owned()).await
}

/// `/configuration/built-in-environments/new`
#[component]
pub fn NewBuiltInEnvironment() -> impl IntoView {
    page::load(
        Area::Configuration,
        async {
            context::caller()?.require_administrator()?;
            Ok::<_, AppError>(form::returned(FORM).await)
        },
        |entered| {
            view! {
                <CommandBar><SaveCommands form=FORM new=NEW/></CommandBar>
                <RecordHeader title="New Built-in Environment" kind=KIND state=RecordState::New/>
                <section class="card record">
                    <PostForm name=FORM action=CreateBuiltInEnvironment::PATH entered=entered.clone()>
                        <NameField entered=entered.clone() stored=""/>
                        <PaceField entered stored=USUAL_PACE/>
                    </PostForm>
                </section>
            }
        },
    )
}

/// `/configuration/built-in-environments/{id}`
#[component]
pub fn BuiltInEnvironmentForm() -> impl IntoView {
    let id = page::parameter::<EnvironmentId>("id");
    page::load(
        Area::Configuration,
        async move {
            let environment = built_in::get(&context::host(), &context::caller()?, id?).await?;
            Ok::<_, AppError>((environment, form::returned(FORM).await, form::returned(PROPERTIES).await))
        },
        |(environment, entered, properties)| show(environment, entered, properties),
    )
}

fn show(environment: BuiltInEnvironment, entered: Returned, properties: Returned) -> impl IntoView {
    let (id, stored) = (environment.id, environment.properties.clone());
    view! {
        <Commands environment=environment.clone()/>
        <RecordHeader title=environment.name.clone() kind=KIND state=RecordState::Active/>
        <section class="card record">
            <PostForm name=FORM action=SaveBuiltInEnvironment::PATH entered=entered.clone()>
                <HiddenField name="id" value=environment.id.to_string()/>
                <NameField entered=entered.clone() stored=environment.name/>
                <PaceField entered stored=environment.import_pace/>
                <LockedField label="Environment ID" value=environment.id.to_string()/>
                <LockedField label="Solutions" value=environment.solutions.to_string()/>
                <LockedField label="Created" value=format!("{} UTC", environment.created.to_text())/>
            </PostForm>
        </section>
        <Properties id stored entered=properties/>
    }
    .into_any()
}

/// What the environment is like and what it takes: pre-flight goes by it, and imports do.
#[component]
fn Properties(id: EnvironmentId, stored: EnvironmentProperties, entered: Returned) -> impl IntoView {
    let version = stored.platform_version.map(|version| version.to_string()).unwrap_or_default();
    let languages = stored.languages.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
    let blocked = stored.blocked_extensions.join(" ");
    view! {
        <section class="card record">
            <h2>"What it takes"</h2>
            <PostForm name=PROPERTIES action=SaveEnvironmentProperties::PATH entered=entered.clone()>
                <HiddenField name="id" value=id.to_string()/>
                <TextField
                    name="platform_version"
                    label="Platform version"
                    value=entered.value("platform_version", &version)
                    hint="Such as 9.2.24105.178. Leave it empty for the latest.".to_owned()
                    error=entered.error("platform_version")
                    autocomplete="off"
                />
                <TextField
                    name="languages"
                    label="Languages"
                    value=entered.value("languages", &languages)
                    hint="Codes of the installed languages, such as 1033 for English.".to_owned()
                    error=entered.error("languages")
                    autocomplete="off"
                />
                <TextArea
                    name="blocked_extensions"
                    label="Blocked file extensions"
                    value=entered.value("blocked_extensions", &blocked)
                    error=entered.error("blocked_extensions")
                />
                <TextField
                    name="largest_file"
                    label="Largest file"
                    kind="number"
                    value=entered.value("largest_file", &stored.largest_file_megabytes.to_string())
                    hint="Megabytes.".to_owned()
                    error=entered.error("largest_file")
                    autocomplete="off"
                />
                <div class="buttons">
                    <Button>"Save properties"</Button>
                </div>
            </PostForm>
        </section>
    }
}

#[component]
fn Commands(environment: BuiltInEnvironment) -> impl IntoView {
    let fields = vec![("id", environment.id.to_string())];
    let add = format!("{}?environment={}", environment::NEW, environment.id);
    let what = format!("the built-in environment {}", environment.name);
    let contents = match environment.solutions {
        0 => "There are no solutions in it.".to_owned(),
        1 => "There is one solution in it.".to_owned(),
        number => format!("There are {number} solutions in it."),
    };
    view! {
        <CommandBar>
            <SaveCommands form=FORM new=NEW refresh=address(environment.id)/>
            <CommandLink icon="globe" href=add>"Add to pipelines"</CommandLink>
            <CommandLink icon="key" href=environment_roles::address(environment.id)>"Roles"</CommandLink>
            <CommandLink icon="plug-connected" href=application_users::address(environment.id)>"Applications"</CommandLink>
            <ConfirmedCommand
                action=ResetBuiltInEnvironment::PATH
                verb="Reset"
                icon="arrow-reset"
                what=what.clone()
                consequence=format!("{contents} Everything in it is removed, connections and variable values too. This cannot be undone.")
                fields=fields.clone()
            />
            <ConfirmedCommand
                action=DeleteBuiltInEnvironment::PATH
                verb="Delete"
                what
                consequence=format!("{contents} Everything in it is lost. This cannot be undone.")
                fields
            />
        </CommandBar>
    }
}

#[component]
fn PaceField(entered: Returned, stored: u32) -> impl IntoView {
    view! {
        <TextField
            name="import_pace"
            label="Import pace"
            kind="number"
            value=entered.value("import_pace", &stored.to_string())
            required=true
            hint="Milliseconds an import takes for each component; 0 is as fast as it can.".to_owned()
            error=entered.error("import_pace")
            autocomplete="off"
        />
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pace_is_a_whole_number_of_milliseconds() {
        assert_eq!(pace(" 250 "), Ok(250));
        for wrong in ["", "fast", "-1", "1.5", "99999999999"] {
            assert!(pace(wrong).is_err(), "{wrong}");
        }
    }
}
