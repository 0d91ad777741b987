//! The people with an account.

use super::{
    people_new, person,
    record::{ConfirmedCommand, PostCommand, Refusal},
    service_identities,
};
use crate::{
    components::{Badge, Column, CommandBar, CommandLink, DialogButton, Grid, Intent, MessageBar},
    context,
    error::AppError,
    form::{self, Form, Returned},
    layout::{Area, PageHeader},
    page, shown_once,
};
use http::header::CACHE_CONTROL;
use leptos::{prelude::*, server_fn::ServerFn};
use model::{id::UserId, user::Person};
use pipelines::user::{self, OneTimePassword};
use serde::{Deserialize, Serialize};

/// Address of this page.
pub const PATH: &str = "/configuration/people";
/// Name under which refusals come back to the lists of people and of service identities.
pub const FORM: &str = "people";
const ISSUED: &str = "one-time-password";

/// A one-time password on its way to the page that shows it, once.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Issued {
    name: String,
    user_name: String,
    password: String,
}

/// Has the next page of people show a one-time password. It goes through the session, sealed, so that it stands in no
/// address and no database, and is gone once it was shown.
pub async fn issue(name: &str, user_name: &str, password: &OneTimePassword) -> Result<(), AppError> {
    let issued = Issued { name: name.to_owned(), user_name: user_name.to_owned(), password: password.to_string() };
    shown_once::keep(ISSUED, &issued).await
}

/// Gives a person a new one-time password.
#[server]
pub async fn reset_person_password(id: UserId) -> Result<(), AppError> {
    let result = async {
        let (host, caller) = (context::host(), context::caller()?);
        let password = user::reset_password(&host, &caller, id).await?;
        let person = user::list(&host, &caller).await?.into_iter().find(|person| person.id == id);
        let person = person.ok_or_else(|| AppError::not_found("The person"))?;
        issue(&person.display_name, &person.user_name, &password).await
    }
    .await;
    form::answer(Form::new(FORM, PATH), &[], result, |()| PATH.to_owned()).await
}

/// Lets a person sign in, or no longer, or has a service identity work.
#[server]
pub async fn set_person_enabled(id: UserId, enabled: bool, #[server(default)] then: String) -> Result<(), AppError> {
    let list = if then == service_identities::PATH { service_identities::PATH } else { PATH };
    let result = async {
        let caller = context::caller()?;
        user::set_enabled(&context::host(), &caller, id, enabled).await?;
        form::notify(if enabled { "The account was enabled." } else { "The account was disabled." }).await
    }
    .await;
    form::answer(Form::new(FORM, list), &[], result, |()| list.to_owned()).await
}

/// `/configuration/people`
#[component]
pub fn People() -> impl IntoView {
    page::load(
        Area::Configuration,
        async {
            let (host, caller) = (context::host(), context::caller()?);
            caller.require_system_administrator()?;
            let mut people = user::list(&host, &caller).await?;
            people.retain(|person| !person.is_service);
            let issued = shown_once::take::<Issued>(ISSUED).await?;
            if issued.is_some() {
                context::set_header(CACHE_CONTROL, "no-store");
            }
            Ok::<_, AppError>((people, caller.user, issued, form::returned(FORM).await))
        },
        |(people, me, issued, returned)| show(people, me, issued, returned),
    )
}

fn show(people: Vec<Person>, me: UserId, issued: Option<Issued>, returned: Returned) -> impl IntoView {
    let columns = vec![
        Column::new("Name"),
        Column::new("User name"),
        Column::new("Role"),
        Column::new("Account"),
        Column::new("Commands").hidden(),
    ];
    view! {
        <CommandBar>
            <CommandLink icon="add" href=people_new::PATH>"New"</CommandLink>
            <CommandLink icon="arrow-clockwise" href=PATH>"Refresh"</CommandLink>
        </CommandBar>
        <PageHeader title="People" subtitle="Accounts and their roles"/>
        <Refusal returned/>
        {issued.map(one_time_password)}
        <section class="card">
            <Grid
                caption="People"
                hide_caption=true
                columns
                rows=people.into_iter().map(|person| row(person, me)).collect()
                empty="There is nobody with an account."
            />
        </section>
    }
}

fn one_time_password(issued: Issued) -> impl IntoView {
    view! {
        <MessageBar intent=Intent::Warning title=format!("One-time password of {}:", issued.name)>
            <code class="one-time-password">{issued.password}</code>
            <p>
                "Pass it on now: it is not shown again. To sign in, the user name is "
                <code>{issued.user_name}</code>
                "; the password has to be changed at once."
            </p>
        </MessageBar>
    }
}

fn row(person: Person, me: UserId) -> AnyView {
    let id = person.id.to_string();
    let account = match (person.enabled, person.must_change_password) {
        (false, _) => view! { <Badge icon="prohibited">"Disabled"</Badge> }.into_any(),
        (true, true) => view! { <Badge icon="clock">"Has a one-time password"</Badge> }.into_any(),
        (true, false) => view! { <Badge intent=Intent::Success>"Enabled"</Badge> }.into_any(),
    };
    let commands = if person.id == me {
        view! { <a class="button subtle small" href="/account">"Change my password"</a> }.into_any()
    } else {
        commands(&person).into_any()
    };
    view! {
        <tr data-person=id>
            <th scope="row"><a href=person::address(person.id)>{person.display_name}</a></th>
            <td>{person.user_name}</td>
            <td>{person.roles.label()}</td>
            <td>{account}</td>
            <td class="commands">{commands}</td>
        </tr>
    }
    .into_any()
}

fn commands(person: &Person) -> impl IntoView + use<> {
    let id = person.id.to_string();
    let name = person.display_name.clone();
    let account = if person.enabled {
        view! {
            <ConfirmedCommand
                action=SetPersonEnabled::PATH
                verb="Disable"
                icon="prohibited"
                what=name.clone()
                consequence="This person is signed out and cannot sign in any more. Everything they did stays in the history."
                fields=vec![("id", id.clone()), ("enabled", "false".to_owned())]
                button=DialogButton::Subtle
            />
        }
        .into_any()
    } else {
        view! {
            <PostCommand
                action=SetPersonEnabled::PATH
                icon="checkmark-circle"
                fields=vec![("id", id.clone()), ("enabled", "true".to_owned())]
            >
                "Enable"
            </PostCommand>
        }
        .into_any()
    };
    view! {
        <ConfirmedCommand
            action=ResetPersonPassword::PATH
            verb="Reset password"
            icon="key"
            what=format!("of {name}")
            consequence="This person is signed out and gets a one-time password, which is shown to you once."
            fields=vec![("id", id.clone())]
            button=DialogButton::Subtle
        />
        {account}
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

    use super::*;
    use crate::page::configuration::sample;

    fn shown(people: Vec<Person>, me: UserId, issued: Option<Issued>) -> String {
        Owner::new().with(|| {
            leptos_meta::provide_meta_context();
            show(people, me, issued, Returned::default()).to_html()
        })
    }

    #[test]
    fn nobody_is_offered_to_disable_themselves() {
        let me = sample::person(1);
        let html = shown(vec![me.clone()], me.id, None);
        assert!(!html.contains("Disable"), "{html}");
        let html = shown(vec![me.clone()], sample::person(2).id, None);
        assert!(html.contains("Disable"), "{html}");
    }

    #[test]
    fn a_one_time_password_is_shown_when_there_is_one_and_in_no_address() {
        let issued =
            Issued { name: "Ada".to_owned(), user_name: "ada".to_owned(), password: "correct-horse".to_owned() };
        let html = shown(Vec::new(), sample::person(1).id, Some(issued));
        assert_eq!(html.matches("correct-horse").count(), 1, "{html}");
        assert!(!html.contains("href=\"correct-horse"), "{html}");
        assert!(!shown(Vec::new(), sample::person(1).id, None).contains("One-time password of"));
    }

    #[test]
    fn hostile_names_of_people_stay_text() {
        let mut person = sample::person(1);
        person.display_name = "</th><script>alert(1)</script>".to_owned();
        person.user_name = "\"><script>alert(2)</script>".to_owned();
        let html = shown(vec![person], sample::person(2).id, None);
        assert!(!html.contains("<script"), "{html}");
    }
}
