//! The form of a Dataverse connection: where an environment is, and which application uses it.

use super::{
    dataverse_connections, environment,
    record::{ConfirmedCommand, PostCommand, RecordHeader, RecordState, Refusal, SaveCommands, after_saving},
    record_fields::NameField,
};
use crate::{
    components::{
        CommandBar, CommandLink, HiddenField, Icon, Intent, LockedField, MessageBar, Moment, PostForm, TextArea,
        TextField,
    },
    context,
    error::AppError,
    form::{self, Form, Returned},
    layout::Area,
    page,
};
use leptos::{prelude::*, server_fn::ServerFn};
use model::{
    dataverse::{ConnectionTrial, DataverseConnection},
    id::EnvironmentId,
};
use pipelines::{
    dataverse_connection::{self, ConnectionFields},
    secret::Secret,
};

/// Address of the form of a new connection.
pub const NEW: &str = "/configuration/dataverse-connections/new";
const FORM: &str = "dataverse-connection";
/// The commands beside the form.
const COMMANDS: &str = "dataverse-connection-commands";
const KIND: &str = "Dataverse Connection";

/// Address of a connection's form.
pub fn address(id: EnvironmentId) -> String {
    format!("{}/{id}", dataverse_connections::PATH)
}

/// Connects an environment and tries it at once.
#[server]
#[allow(clippy::too_many_arguments, reason = "one for each field of the form")]
pub async fn create_dataverse_connection(
    #[server(default)] environment_id: String,
    #[server(default)] name: String,
    #[server(default)] url: String,
    #[server(default)] tenant: String,
    #[server(default)] client_id: String,
    #[server(default)] authority: String,
    #[server(default)] client_secret: String,
    #[server(default)] certificate: String,
    #[server(default)] key: String,
) -> Result<(), AppError> {
    let given = fields(name, url, tenant, client_id, authority, [client_secret, certificate, key]);
    let result = async {
        let (host, caller) = (context::host(), context::caller()?);
        let id = dataverse_connection::create(&host, &caller, &environment_id, &given).await?;
        dataverse_connection::try_out(&host, &caller, id).await?;
        form::notify("The environment was connected.").await?;
        Ok::<_, AppError>(id)
    }
    .await;
    let mut entered = entered(&given);
    entered.push(("environment_id", environment_id.as_str()));
    form::answer(Form::new(FORM, NEW), &entered, result, address).await
}

/// Changes a connection and tries it at once.
#[server]
#[allow(clippy::too_many_arguments, reason = "one for each field of the form")]
pub async fn save_dataverse_connection(
    id: EnvironmentId,
    row_version: i32,
    #[server(default)] name: String,
    #[server(default)] url: String,
    #[server(default)] tenant: String,
    #[server(default)] client_id: String,
    #[server(default)] authority: String,
    #[server(default)] client_secret: String,
    #[server(default)] certificate: String,
    #[server(default)] key: String,
    #[server(default)] then: String,
) -> Result<(), AppError> {
    let given = fields(name, url, tenant, client_id, authority, [client_secret, certificate, key]);
    let result = async {
        let (host, caller) = (context::host(), context::caller()?);
        dataverse_connection::update(&host, &caller, id, &given, row_version).await?;
        dataverse_connection::try_out(&host, &caller, id).await?;
        form::notify("The connection was saved.").await
    }
    .await;
    let page = address(id);
    let list = dataverse_connections::PATH;
    let to = |()| after_saving(&then, list, page.clone());
    form::answer(Form::new(FORM, &page), &entered(&given), result, to).await
}

/// *Try*: uses the environment, step by step.
#[server]
pub async fn try_dataverse_connection(id: EnvironmentId) -> Result<(), AppError> {
    let result = async {
        let (host, caller) = (context::host(), context::caller()?);
        Ok::<_, AppError>(dataverse_connection::try_out(&host, &caller, id).await?)
    }
    .await;
    let page = address(id);
    form::answer(Form::new(COMMANDS, &page), &[], result, |_| page.clone()).await
}

/// Forgets a connection.
#[server]
pub async fn delete_dataverse_connection(id: EnvironmentId) -> Result<(), AppError> {
    let result = async {
        let (host, caller) = (context::host(), context::caller()?);
        dataverse_connection::delete(&host, &caller, id).await?;
        form::notify("The connection was deleted.").await
    }
    .await;
    let list = dataverse_connections::PATH.to_owned();
    form::answer(Form::new(COMMANDS, &address(id)), &[], result, |()| list).await
}

fn fields(
    name: String,
    url: String,
    tenant: String,
    client_id: String,
    authority: String,
    [client_secret, certificate, key]: [String; 3],
) -> ConnectionFields {
    ConnectionFields {
        name,
        url,
        tenant,
        client_id,
        authority,
        client_secret: Secret::from(client_secret),
        certificate: Secret::from(certificate),
        key: Secret::from(key),
    }
}

/// What a form that is not accepted gets back: nothing that is secret.
fn entered(given: &ConnectionFields) -> Vec<(&'static str, &str)> {
    vec![
        ("name", &given.name),
        ("url", &given.url),
        ("tenant", &given.tenant),
        ("client_id", &given.client_id),
        ("authority", &given.authority),
    ]
}

/// `/configuration/dataverse-connections/new`
#[component]
pub fn NewDataverseConnection() -> impl IntoView {
    page::load(
        Area::Configuration,
        async {
            context::caller()?.require_administrator()?;
            Ok::<_, AppError>(form::returned(FORM).await)
        },
        |entered| {
            view! {
                <CommandBar><SaveCommands form=FORM new=NEW/></CommandBar>
                <RecordHeader title="New Dataverse Connection" kind=KIND state=RecordState::New/>
                <section class="card record">
                    <PostForm name=FORM action=CreateDataverseConnection::PATH entered=entered.clone()>
                        <NameField entered=entered.clone() stored=""/>
                        <TextField
                            name="environment_id"
                            label="Environment ID"
                            value=entered.value("environment_id", "")
                            required=true
                            hint="A GUID. The Power Platform admin center shows it among the environment's details. It cannot be changed later.".to_owned()
                            error=entered.error("environment_id")
                            autocomplete="off"
                        />
                        <AccessFields entered stored=None/>
                    </PostForm>
                </section>
                <Preparation/>
            }
        },
    )
}

/// `/configuration/dataverse-connections/{id}`
#[component]
pub fn DataverseConnectionForm() -> impl IntoView {
    let id = page::parameter::<EnvironmentId>("id");
    page::load(
        Area::Configuration,
        async move {
            let connection = dataverse_connection::get(&context::host(), &context::caller()?, id?).await?;
            Ok::<_, AppError>((connection, form::returned(FORM).await, form::returned(COMMANDS).await))
        },
        |(connection, entered, commanded)| show(connection, entered, commanded),
    )
}

fn show(connection: DataverseConnection, entered: Returned, commanded: Returned) -> AnyView {
    let id = connection.id;
    let fields = vec![("id", id.to_string())];
    let what = format!("the connection {}", connection.name);
    let add = format!("{}?environment={id}", environment::NEW);
    let (at, by) = connection.modified.clone();
    view! {
        <CommandBar>
            <SaveCommands form=FORM new=NEW refresh=address(id)/>
            <PostCommand action=TryDataverseConnection::PATH icon="plug-connected" fields=fields.clone()>"Try"</PostCommand>
            <CommandLink icon="globe" href=add>"Add to pipelines"</CommandLink>
            <ConfirmedCommand
                action=DeleteDataverseConnection::PATH
                verb="Delete"
                what
                consequence="Slipway forgets the address and the secret. Nothing changes in the environment itself."
                fields
            />
        </CommandBar>
        <RecordHeader title=connection.name.clone() kind=KIND state=RecordState::Active/>
        <Refusal returned=commanded/>
        <Trial trial=connection.tried.clone()/>
        <section class="card record">
            <PostForm name=FORM action=SaveDataverseConnection::PATH entered=entered.clone()>
                <HiddenField name="id" value=id.to_string()/>
                <HiddenField name="row_version" value=connection.row_version.to_string()/>
                <NameField entered=entered.clone() stored=connection.name.clone()/>
                <LockedField label="Environment ID" value=id.to_string()/>
                <AccessFields entered stored=Some(connection)/>
            </PostForm>
            <p class="muted">{format!("Last changed by {by} ")}<Moment at/></p>
        </section>
    }
    .into_any()
}

/// What came of the last try.
#[component]
fn Trial(trial: Option<ConnectionTrial>) -> AnyView {
    let Some(trial) = trial else {
        return view! {
            <MessageBar intent=Intent::Information>"Nobody has tried this connection since it was changed. Choose Try."</MessageBar>
        }
        .into_any();
    };
    let intent = if trial.succeeded() { Intent::Success } else { Intent::Error };
    let summary = if trial.succeeded() {
        "The environment can be used. Tried "
    } else {
        "The environment cannot be used like this. Tried "
    };
    let steps: Vec<_> = trial
        .steps
        .into_iter()
        .map(|step| {
            let (icon, word) = if step.succeeded { ("checkmark-circle", "worked") } else { ("error-circle", "failed") };
            view! {
                <li>
                    <Icon name=icon/>
                    <strong>{step.step}</strong>
                    <span class="visually-hidden">{format!(" {word}")}</span>
                    ": "
                    {step.message}
                </li>
            }
        })
        .collect();
    view! {
        <MessageBar intent=intent>{summary} <Moment at=trial.at/> "."</MessageBar>
        <section class="card">
            <h2>"Last try"</h2>
            <ul class="trial">{steps}</ul>
        </section>
    }
    .into_any()
}

/// Where the environment is, and what the application signs in with. What is stored of the latter is never shown.
#[component]
fn AccessFields(entered: Returned, stored: Option<DataverseConnection>) -> AnyView {
    let text = |name: &str, value: fn(&DataverseConnection) -> &String| {
        entered.value(name, stored.as_ref().map(value).map_or("", String::as_str))
    };
    let kept = |has_certificate: bool| {
        let is_kept = stored.as_ref().is_some_and(|stored| stored.has_certificate == has_certificate);
        is_kept.then(|| "One is stored. Leave this empty to keep it.".to_owned())
    };
    let certificate_open = stored.as_ref().is_some_and(|stored| stored.has_certificate)
        || entered.error("certificate").is_some()
        || entered.error("key").is_some();
    view! {
        <TextField
            name="url"
            label="Address"
            value=text("url", |stored| &stored.url)
            required=true
            hint="Such as https://contoso.crm4.dynamics.com.".to_owned()
            error=entered.error("url")
            autocomplete="off"
            maxlength=500
        />
        <TextField
            name="tenant"
            label="Tenant"
            value=text("tenant", |stored| &stored.tenant)
            required=true
            hint="Its id or one of its domains.".to_owned()
            error=entered.error("tenant")
            autocomplete="off"
            maxlength=500
        />
        <TextField
            name="client_id"
            label="Application (client) ID"
            value=text("client_id", |stored| &stored.client_id)
            required=true
            error=entered.error("client_id")
            autocomplete="off"
            maxlength=500
        />
        <TextField
            name="client_secret"
            label="Client secret"
            kind="password"
            hint=kept(false).unwrap_or_else(|| "Its value, not its id. Leave this empty for an application with a certificate.".to_owned())
            error=entered.error("client_secret")
            autocomplete="off"
        />
        <details open=certificate_open>
            <summary>"Sign in with a certificate"</summary>
            <TextArea
                name="certificate"
                label="Certificate"
                hint=kept(true).unwrap_or_else(|| "PEM, as uploaded to the application.".to_owned())
                error=entered.error("certificate")
            />
            <TextArea
                name="key"
                label="Private key"
                hint=kept(true).unwrap_or_else(|| "PEM: RSA in PKCS#8.".to_owned())
                error=entered.error("key")
            />
        </details>
        <TextField
            name="authority"
            label="Authority"
            value=text("authority", |stored| &stored.authority)
            hint="The address of Microsoft Entra ID. Leave this empty outside of national clouds.".to_owned()
            error=entered.error("authority")
            autocomplete="off"
            maxlength=500
        />
    }
    .into_any()
}

/// What has to be done outside of Slipway first.
#[component]
fn Preparation() -> impl IntoView {
    view! {
        <section class="card">
            <h2>"Before you connect"</h2>
            <ol>
                <li>"In Microsoft Entra ID, register an application and give it a client secret or a certificate."</li>
                <li>"In the Power Platform admin center, open the environment's settings, then Application users, and add the application."</li>
                <li>"Give that application user the security role System Administrator."</li>
            </ol>
        </section>
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{Timestamp, dataverse::TrialStep};

    #[test]
    fn a_form_that_is_not_accepted_gets_nothing_secret_back() {
        let text = |text: &str| text.to_owned();
        let secrets = [text("secret-1"), text("secret-2"), text("secret-3")];
        let given = fields(text("n"), text("u"), text("t"), text("c"), text("a"), secrets);
        assert!(entered(&given).iter().all(|(_, value)| !value.contains("secret")), "{:?}", entered(&given));
    }

    #[test]
    fn the_steps_of_a_try_are_told_and_stay_text() {
        let step = |name: &str, succeeded, message: &str| TrialStep {
            step: name.to_owned(),
            succeeded,
            message: message.to_owned(),
        };
        let steps = vec![step("Sign in", true, "as client"), step("Enter", false, "<script>alert(1)</script>")];
        let trial = ConnectionTrial { at: Timestamp(0), steps };
        let html = Owner::new().with(|| view! { <Trial trial=Some(trial)/> }.to_html());
        assert!(html.contains("cannot be used") && html.contains(" worked") && html.contains(" failed"), "{html}");
        assert!(!html.contains("<script"), "{html}");
    }
}
