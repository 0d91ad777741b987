//! Service identities: whom stages deploy as in the place of people.

use super::{
    people::SetPersonEnabled,
    person,
    record::{ConfirmedCommand, PostCommand, RecordHeader, RecordState, Refusal},
};
use crate::{
    components::{Badge, Column, Command, CommandBar, CommandLink, DialogButton, Grid, Intent, PostForm, TextField},
    context,
    error::AppError,
    form::{self, Form, Returned},
    layout::{Area, PageHeader},
    page,
};
use leptos::{prelude::*, server_fn::ServerFn};
use model::user::Person;
use pipelines::user;

/// Address of the list.
pub const PATH: &str = "/configuration/service-identities";
/// Address of the form of a new one.
pub const NEW: &str = "/configuration/service-identities/new";
const FORM: &str = "service-identity";

/// Creates a service identity and leads to its record, where its roles are given.
#[server]
pub async fn create_service_identity(
    #[server(default)] user_name: String,
    #[server(default)] display_name: String,
) -> Result<(), AppError> {
    let result = async {
        let caller = context::caller()?;
        let created = user::create_service(&context::host(), &caller, &user_name, &display_name).await?;
        form::notify("The service identity was created. Give it the roles it needs.").await?;
        Ok::<_, AppError>(created.id)
    }
    .await;
    let entered = [("user_name", user_name.as_str()), ("display_name", display_name.as_str())];
    form::answer(Form::new(FORM, NEW), &entered, result, person::address).await
}

/// `/configuration/service-identities`
#[component]
pub fn ServiceIdentities() -> impl IntoView {
    page::load(
        Area::Configuration,
        async {
            let (host, caller) = (context::host(), context::caller()?);
            caller.require_system_administrator()?;
            let mut identities = user::list(&host, &caller).await?;
            identities.retain(|person| person.is_service);
            Ok::<_, AppError>((identities, form::returned(super::people::FORM).await))
        },
        |(identities, returned)| list(identities, returned),
    )
}

fn list(identities: Vec<Person>, returned: Returned) -> impl IntoView {
    let columns = vec![
        Column::new("Name"),
        Column::new("User name"),
        Column::new("Role"),
        Column::new("State"),
        Column::new("Commands").hidden(),
    ];
    view! {
        <CommandBar>
            <CommandLink icon="add" href=NEW>"New"</CommandLink>
            <CommandLink icon="arrow-clockwise" href=PATH>"Refresh"</CommandLink>
        </CommandBar>
        <PageHeader title="Service identities" subtitle="Deploy in the place of people, and never sign in"/>
        <Refusal returned/>
        <section class="card">
            <Grid
                caption="Service identities"
                hide_caption=true
                columns
                rows=identities.into_iter().map(row).collect()
                empty="There are no service identities yet. Choose New to create the first one."
            />
        </section>
    }
}

fn row(identity: Person) -> AnyView {
    let state = if identity.enabled {
        view! { <Badge intent=Intent::Success>"Enabled"</Badge> }
    } else {
        view! { <Badge icon="prohibited">"Disabled"</Badge> }
    };
    let fields =
        vec![("id", identity.id.to_string()), ("enabled", (!identity.enabled).to_string()), ("then", PATH.to_owned())];
    let command = if identity.enabled {
        view! {
            <ConfirmedCommand
                action=SetPersonEnabled::PATH
                verb="Disable"
                icon="prohibited"
                what=identity.display_name.clone()
                consequence="Nothing is deployed in its name any more. What was deployed stays in the history."
                fields
                button=DialogButton::Subtle
            />
        }
        .into_any()
    } else {
        view! { <PostCommand action=SetPersonEnabled::PATH icon="checkmark-circle" fields>"Enable"</PostCommand> }
            .into_any()
    };
    view! {
        <tr>
            <th scope="row"><a href=person::address(identity.id)>{identity.display_name}</a></th>
            <td>{identity.user_name}</td>
            <td>{identity.roles.label()}</td>
            <td>{state}</td>
            <td class="commands">{command}</td>
        </tr>
    }
    .into_any()
}

/// `/configuration/service-identities/new`
#[component]
pub fn NewServiceIdentity() -> impl IntoView {
    page::load(
        Area::Configuration,
        async {
            context::caller()?.require_system_administrator()?;
            Ok::<_, AppError>(form::returned(FORM).await)
        },
        |entered| {
            view! {
                <CommandBar>
                    <Command icon="save" form=format!("form-{FORM}")>"Save"</Command>
                </CommandBar>
                <RecordHeader title="New Service Identity" kind="Service identity" state=RecordState::New/>
                <section class="card record">
                    <PostForm name=FORM action=CreateServiceIdentity::PATH entered=entered.clone()>
                        <TextField
                            name="display_name"
                            label="Display name"
                            value=entered.value("display_name", "")
                            required=true
                            error=entered.error("display_name")
                            autocomplete="off"
                            maxlength=100
                        />
                        <TextField
                            name="user_name"
                            label="User name"
                            value=entered.value("user_name", "")
                            required=true
                            hint="What lists and the audit log tell it apart by. It cannot be changed later.".to_owned()
                            error=entered.error("user_name")
                            autocomplete="off"
                            maxlength=64
                        />
                    </PostForm>
                    <p class="hint">"Nobody signs in as a service identity: it has no password and gets no token."</p>
                </section>
            }
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::page::configuration::sample;

    #[test]
    fn a_service_identity_is_listed_with_its_state_and_its_name_stays_text() {
        let hostile = "</th><script>alert(1)</script>".to_owned();
        let identity = Person { is_service: true, enabled: false, display_name: hostile, ..sample::person(1) };
        let html = Owner::new().with(|| {
            leptos_meta::provide_meta_context();
            list(vec![identity], Returned::default()).to_html()
        });
        assert!(!html.contains("<script"), "{html}");
        assert!(html.contains("Disabled") && html.contains("Enable"), "{html}");
    }
}
