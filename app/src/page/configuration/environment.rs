//! The form of a deployment environment.

use super::{
    environments,
    record::{ConfirmedCommand, PostCommand, RecordHeader, RecordState, SaveCommands, after_saving},
    record_fields::{self, DescriptionField, NameField, OwnerField},
};
use crate::{
    components::{Choice, CommandBar, HiddenField, Icon, LockedField, PostForm, Select},
    context,
    error::AppError,
    form::{self, Form, Returned},
    island::LiveRegion,
    layout::Area,
    page,
};
use leptos::{prelude::*, server_fn::ServerFn};
use model::{
    environment::{BuiltInEnvironment, DeploymentEnvironment, EnvironmentType, EnvironmentView},
    id::DeploymentEnvironmentId,
    user::Person,
};
use pipelines::{
    built_in,
    deployment_environment::{self, DeploymentEnvironmentChanges, NewDeploymentEnvironment},
    user,
};

/// Address of the form of a new record.
pub const NEW: &str = "/configuration/environments/new";
const FORM: &str = "environment";
const KIND: &str = "Deployment Environment";

/// Address of a record.
pub fn address(id: DeploymentEnvironmentId) -> String {
    format!("{}/{id}", environments::PATH)
}

/// Creates a record.
#[server]
pub async fn create_environment(
    #[server(default)] name: String,
    #[server(default)] description: String,
    #[server(default)] owner: String,
    #[server(default)] kind: String,
    #[server(default)] environment_id: String,
    #[server(default)] then: String,
) -> Result<(), AppError> {
    let result = async {
        let caller = context::caller()?;
        let new = NewDeploymentEnvironment {
            name: name.clone(),
            description: description.clone(),
            owner: record_fields::owner(&owner)?,
            kind: EnvironmentType::from_name(&kind).ok_or_else(|| {
                AppError::field("kind", "Choose whether it is a development or a target environment.")
            })?,
            environment_id: environment_id.clone(),
        };
        let id = deployment_environment::create(&context::host(), &caller, &new).await?;
        form::notify("The environment was added. Slipway is connecting to it.").await?;
        Ok::<_, AppError>(id)
    }
    .await;
    let entered = [
        ("name", name.as_str()),
        ("description", description.as_str()),
        ("owner", owner.as_str()),
        ("kind", kind.as_str()),
        ("environment_id", environment_id.as_str()),
    ];
    form::answer(Form::new(FORM, NEW), &entered, result, |id| after_saving(&then, environments::PATH, address(id)))
        .await
}

/// Changes a record.
#[server]
pub async fn save_environment(
    id: DeploymentEnvironmentId,
    row_version: i32,
    #[server(default)] name: String,
    #[server(default)] description: String,
    #[server(default)] owner: String,
    #[server(default)] then: String,
) -> Result<(), AppError> {
    let result = async {
        let caller = context::caller()?;
        let changes = DeploymentEnvironmentChanges {
            name: name.clone(),
            description: description.clone(),
            owner: record_fields::owner(&owner)?,
            row_version,
        };
        deployment_environment::update(&context::host(), &caller, id, &changes).await?;
        form::notify("The environment was saved.").await
    }
    .await;
    let entered = [("name", name.as_str()), ("description", description.as_str()), ("owner", owner.as_str())];
    let page = address(id);
    form::answer(Form::new(FORM, &page), &entered, result, |()| after_saving(&then, environments::PATH, page.clone()))
        .await
}

/// Connects to the environment once more.
#[server]
pub async fn refresh_environment_status(id: DeploymentEnvironmentId) -> Result<(), AppError> {
    let result = async {
        let caller = context::caller()?;
        deployment_environment::validate_again(&context::host(), &caller, id).await?;
        form::notify("Slipway is connecting to the environment again.").await
    }
    .await;
    let page = address(id);
    form::answer(Form::new(FORM, &page), &[], result, |()| page.clone()).await
}

/// Takes a record out of use, or back into it.
#[server]
pub async fn set_environment_active(
    id: DeploymentEnvironmentId,
    row_version: i32,
    active: bool,
) -> Result<(), AppError> {
    let result = async {
        let caller = context::caller()?;
        deployment_environment::set_active(&context::host(), &caller, id, active, row_version).await?;
        form::notify(if active { "The environment was activated." } else { "The environment was deactivated." }).await
    }
    .await;
    let page = address(id);
    form::answer(Form::new(FORM, &page), &[], result, |()| page.clone()).await
}

/// Deletes a record.
#[server]
pub async fn delete_environment(id: DeploymentEnvironmentId) -> Result<(), AppError> {
    let result = async {
        let caller = context::caller()?;
        deployment_environment::delete(&context::host(), &caller, id).await?;
        form::notify("The environment was deleted.").await
    }
    .await;
    form::answer(Form::new(FORM, &address(id)), &[], result, |()| environments::PATH.to_owned()).await
}

/// `/configuration/environments/new`
#[component]
pub fn NewEnvironment() -> impl IntoView {
    page::load(
        Area::Configuration,
        async {
            let (host, caller) = (context::host(), context::caller()?);
            caller.require_administrator()?;
            let mut free = built_in::list(&host, &caller).await?;
            for view in [EnvironmentView::Active, EnvironmentView::Inactive] {
                let taken = deployment_environment::list(&host, &caller, view).await?;
                free.retain(|built_in| taken.iter().all(|record| record.environment_id != built_in.id));
            }
            let wanted = page::query("environment").unwrap_or_default();
            let people = user::list(&host, &caller).await?;
            let entered = form::returned(FORM).await;
            Ok::<_, AppError>((people, caller.user, free, wanted, entered))
        },
        |(people, me, free, wanted, entered)| {
            let name =
                free.iter().find(|built_in| built_in.id.to_string() == wanted).map(|built_in| built_in.name.clone());
            let kinds = [EnvironmentType::Development, EnvironmentType::Target];
            view! {
                <CommandBar><SaveCommands form=FORM new=NEW/></CommandBar>
                <RecordHeader title="New Environment" kind=KIND state=RecordState::New/>
                <section class="card record">
                    <PostForm name=FORM action=CreateEnvironment::PATH entered=entered.clone()>
                        <NameField entered=entered.clone() stored=name.unwrap_or_default()/>
                        <OwnerField entered=entered.clone() stored=me people/>
                        <Select
                            name="kind"
                            label="Environment Type"
                            choices=kinds.map(|kind| Choice::new(kind.name(), kind.label())).to_vec()
                            value=entered.value("kind", "")
                            none="Choose a type"
                            required=true
                            hint="Solutions are exported from a development environment and deployed into a target environment. The type cannot be changed later.".to_owned()
                            error=entered.error("kind")
                        />
                        <EnvironmentIdField entered=entered.clone() wanted free/>
                        <DescriptionField entered stored=""/>
                    </PostForm>
                </section>
            }
        },
    )
}

/// `/configuration/environments/{id}`
#[component]
pub fn Environment() -> impl IntoView {
    let id = page::parameter::<DeploymentEnvironmentId>("id");
    page::load(
        Area::Configuration,
        async move {
            let (host, caller) = (context::host(), context::caller()?);
            let environment = deployment_environment::get(&host, &caller, id?).await?;
            let people = user::list(&host, &caller).await?;
            Ok::<_, AppError>((environment, people, form::returned(FORM).await))
        },
        |(environment, people, entered)| show(environment, people, entered),
    )
}

fn show(environment: DeploymentEnvironment, people: Vec<Person>, entered: Returned) -> impl IntoView {
    view! {
        <Commands environment=environment.clone()/>
        <RecordHeader title=environment.name.clone() kind=KIND state=RecordState::saved(environment.active)/>
        <section class="card record">
            <PostForm name=FORM action=SaveEnvironment::PATH entered=entered.clone()>
                <HiddenField name="id" value=environment.id.to_string()/>
                <HiddenField name="row_version" value=environment.row_version.to_string()/>
                <NameField entered=entered.clone() stored=environment.name/>
                <OwnerField entered=entered.clone() stored=environment.owner people/>
                <LockedField label="Environment Type" value=environment.kind.label()/>
                <LockedField label="Environment ID" value=environment.environment_id.to_string()/>
                <LiveRegion
                    id="validation".to_owned()
                    events=vec![format!("/events/environments/{}", environment.id)]
                    label=Some("Validation".to_owned())
                >
                    <LockedField label="Validation Status" value=environment.validation.label()/>
                    <LockedField label="Error Message" value=environment.error_message/>
                </LiveRegion>
                <DescriptionField entered stored=environment.description/>
            </PostForm>
        </section>
    }
}

#[component]
fn Commands(environment: DeploymentEnvironment) -> impl IntoView {
    let fields = vec![("id", environment.id.to_string())];
    let mut active = fields.clone();
    active
        .extend([("row_version", environment.row_version.to_string()), ("active", (!environment.active).to_string())]);
    let (icon, text) = if environment.active { ("prohibited", "Deactivate") } else { ("checkmark-circle", "Activate") };
    view! {
        <CommandBar>
            <SaveCommands form=FORM new=NEW refresh=address(environment.id)/>
            <PostCommand action=RefreshEnvironmentStatus::PATH icon="plug-connected" fields=fields.clone()>
                "Refresh status"
            </PostCommand>
            <PostCommand action=SetEnvironmentActive::PATH icon fields=active>{text}</PostCommand>
            <ConfirmedCommand
                action=DeleteEnvironment::PATH
                verb="Delete"
                what=format!("the environment {}", environment.name)
                consequence="The record is deleted and the environment is free for another host. The environment itself and the history of its runs stay."
                fields
            />
        </CommandBar>
    }
}

/// The id of any environment, with the built-in ones that have no record yet to choose from.
#[component]
fn EnvironmentIdField(entered: Returned, wanted: String, free: Vec<BuiltInEnvironment>) -> impl IntoView {
    let error = entered.error("environment_id");
    let described = if error.is_some() {
        "field-environment-id-error field-environment-id-hint"
    } else {
        "field-environment-id-hint"
    };
    let options =
        free.into_iter().map(|built_in| view! { <option value=built_in.id.to_string()>{built_in.name}</option> });
    view! {
        <div class="field">
            <label for="field-environment-id" class="required">"Environment ID"</label>
            <input
                type="text"
                id="field-environment-id"
                name="environment_id"
                value=entered.value("environment_id", &wanted)
                list="built-in-environments"
                required=true
                autocomplete="off"
                spellcheck="false"
                maxlength="100"
                aria-invalid=error.is_some().then_some("true")
                aria-describedby=described
            />
            <datalist id="built-in-environments">{options.collect_view()}</datalist>
            {error.map(|error| view! {
                <p class="error" id="field-environment-id-error"><Icon name="error-circle"/><span>{error}</span></p>
            })}
            <p class="hint" id="field-environment-id-hint">
                "Choose a built-in environment from the list, or enter the id of another one. It cannot be changed later."
            </p>
        </div>
    }
}
