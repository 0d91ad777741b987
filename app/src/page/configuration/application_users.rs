//! The applications that may use the Web API of an environment that Slipway keeps itself: scripts, tools, and another
//! Slipway that deploys into it.

use super::{
    built_in_environment,
    record::{ConfirmedCommand, RecordHeader, RecordState, Refusal},
};
use crate::{
    components::{
        Appearance, Breadcrumb, Button, Column, CommandBar, CommandLink, Crumb, DialogButton, Grid, HiddenField,
        Intent, MessageBar, Moment, PostForm, TextField,
    },
    context,
    error::AppError,
    form::{self, Form, Returned},
    layout::Area,
    page, shown_once,
};
use environment::builtin::{APPLICATION_TENANT, ApplicationUser};
use http::header::CACHE_CONTROL;
use leptos::{prelude::*, server_fn::ServerFn};
use model::{
    environment::BuiltInEnvironment,
    id::{ApplicationId, EnvironmentId},
};
use pipelines::built_in;
use serde::{Deserialize, Serialize};

const FORM: &str = "application-user";
const LIST: &str = "application-users";
const MADE: &str = "application-user";
const KIND: &str = "Built-in Environment";

/// Address of the page.
pub fn address(id: EnvironmentId) -> String {
    format!("{}/applications", built_in_environment::address(id))
}

/// An application on its way to the page that shows its secret, once.
#[derive(Serialize, Deserialize)]
struct Made {
    name: String,
    client: ApplicationId,
    secret: String,
}

/// Registers an application.
#[server]
pub async fn add_application_user(id: EnvironmentId, #[server(default)] name: String) -> Result<(), AppError> {
    let result = async {
        let added = built_in::add_application_user(&context::host(), &context::caller()?, id, &name).await?;
        shown_once::keep(MADE, &Made { name: name.clone(), client: ApplicationId(added.id), secret: added.secret })
            .await
    }
    .await;
    let page = address(id);
    form::answer(Form::new(FORM, &page), &[("name", name.as_str())], result, |()| page.clone()).await
}

/// Removes an application.
#[server]
pub async fn remove_application_user(id: EnvironmentId, client: ApplicationId) -> Result<(), AppError> {
    let result = async {
        built_in::remove_application_user(&context::host(), &context::caller()?, id, client.0).await?;
        form::notify("The application was removed.").await
    }
    .await;
    let page = address(id);
    form::answer(Form::new(LIST, &page), &[], result, |()| page.clone()).await
}

/// `/configuration/built-in-environments/{id}/applications`
#[component]
pub fn ApplicationUsers() -> impl IntoView {
    let id = page::parameter::<EnvironmentId>("id");
    page::load(
        Area::Configuration,
        async move {
            let (host, caller, id) = (context::host(), context::caller()?, id?);
            let environment = built_in::get(&host, &caller, id).await?;
            let applications = built_in::application_users(&host, &caller, id).await?;
            let made = shown_once::take::<Made>(MADE).await?;
            if made.is_some() {
                context::set_header(CACHE_CONTROL, "no-store");
            }
            Ok::<_, AppError>((environment, applications, made, form::returned(FORM).await, form::returned(LIST).await))
        },
        |(environment, applications, made, entered, returned)| {
            show(&environment, applications, made, &entered, returned)
        },
    )
}

fn show(
    environment: &BuiltInEnvironment,
    applications: Vec<ApplicationUser>,
    made: Option<Made>,
    entered: &Returned,
    returned: Returned,
) -> AnyView {
    let id = environment.id;
    let crumbs = vec![
        Crumb::new("Built-in environments", super::built_in_environments::PATH),
        Crumb::new(environment.name.clone(), built_in_environment::address(id)),
    ];
    let columns = vec![
        Column::new("Name"),
        Column::new("Client ID"),
        Column::new("Created"),
        Column::new("Last used"),
        Column::new("Commands").hidden(),
    ];
    let rows = applications.into_iter().map(|application| row(id, application)).collect();
    view! {
        <CommandBar>
            <CommandLink icon="arrow-left" href=built_in_environment::address(id)>"Environment"</CommandLink>
            <CommandLink icon="arrow-clockwise" href=address(id)>"Refresh"</CommandLink>
        </CommandBar>
        <Breadcrumb crumbs current="Applications"/>
        <RecordHeader title=format!("Applications of {}", environment.name) kind=KIND state=RecordState::Active/>
        <Refusal returned/>
        {made.map(|made| just_made(id, made))}
        <div class="sections">
            <p>
                "An application signs in with a client ID and a secret, and uses the environment through the Dataverse Web API: a script, a tool, or another Slipway that deploys into it."
            </p>
            <section class="card">
                <Grid caption="Applications" hide_caption=true columns rows empty="No application may use this environment."/>
            </section>
            {new_application(id, entered.clone())}
        </div>
    }
    .into_any()
}

fn just_made(id: EnvironmentId, made: Made) -> AnyView {
    view! {
        <MessageBar intent=Intent::Warning title=format!("Application {}:", made.name)>
            <dl class="facts">
                <div><dt>"Environment URL"</dt><dd>"the address of this Slipway, then " <code>{format!("/environments/{id}")}</code></dd></div>
                <div><dt>"Authority"</dt><dd>"the address of this Slipway"</dd></div>
                <div><dt>"Tenant"</dt><dd><code>{APPLICATION_TENANT}</code></dd></div>
                <div><dt>"Client ID"</dt><dd><code class="client-id">{made.client.to_string()}</code></dd></div>
                <div><dt>"Client secret"</dt><dd><code class="one-time-password">{made.secret}</code></dd></div>
            </dl>
            <p>"Copy the secret now: it is not shown again."</p>
        </MessageBar>
    }
    .into_any()
}

fn new_application(id: EnvironmentId, entered: Returned) -> AnyView {
    view! {
        <section class="card">
            <h2>"New application"</h2>
            <div class="narrow">
                <PostForm name=FORM action=AddApplicationUser::PATH entered=entered.clone()>
                    <HiddenField name="id" value=id.to_string()/>
                    <TextField
                        name="name"
                        label="Name"
                        value=entered.value("name", "")
                        required=true
                        hint="What uses the environment: a build, another Slipway.".to_owned()
                        error=entered.error("name")
                        autocomplete="off"
                        maxlength=100
                    />
                    <div class="buttons">
                        <Button appearance=Appearance::Primary>"Add application"</Button>
                    </div>
                </PostForm>
            </div>
        </section>
    }
    .into_any()
}

fn row(id: EnvironmentId, application: ApplicationUser) -> AnyView {
    let used =
        application.last_used.map_or_else(|| view! { "Never" }.into_any(), |at| view! { <Moment at/> }.into_any());
    view! {
        <tr>
            <th scope="row">{application.name.clone()}</th>
            <td><code>{application.id.to_string()}</code></td>
            <td><Moment at=application.created/></td>
            <td>{used}</td>
            <td class="commands">
                <ConfirmedCommand
                    action=RemoveApplicationUser::PATH
                    verb="Remove"
                    what=format!("the application {}", application.name)
                    consequence="Its secret and its tokens are good for nothing from then on."
                    fields=vec![("id", id.to_string()), ("client", application.id.to_string())]
                    button=DialogButton::Subtle
                />
            </td>
        </tr>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::Timestamp;
    use uuid::Uuid;

    #[test]
    fn names_of_applications_stay_text_and_a_secret_is_shown() {
        let hostile = "</th><script>alert(1)</script>".to_owned();
        let id = EnvironmentId(Uuid::from_u128(1));
        let application = ApplicationUser {
            id: Uuid::from_u128(2),
            environment: id,
            name: hostile.clone(),
            created: Timestamp(0),
            last_used: None,
        };
        let made = Made { name: hostile, client: ApplicationId(Uuid::from_u128(2)), secret: "shown-once".to_owned() };
        let html =
            Owner::new().with(|| view! { <table>{row(id, application)}</table> {just_made(id, made)} }.to_html());
        assert!(!html.contains("<script"), "{html}");
        assert!(html.contains("Never") && html.contains("shown-once"), "{html}");
    }
}
