//! The form of a person: their security roles.

use super::{
    people, people_new,
    record::{RecordHeader, RecordState, SaveCommands, after_saving},
    roles_field::{self, RolesField},
    service_identities,
};
use crate::{
    components::{CommandBar, HiddenField, LockedField, PostForm},
    context,
    error::AppError,
    form::{self, Form, Returned},
    layout::Area,
    page,
};
use leptos::{prelude::*, server_fn::ServerFn};
use model::{
    id::UserId,
    user::{Person, Roles},
};
use pipelines::user;

const FORM: &str = "person-roles";

/// Address of a person's form.
pub fn address(id: UserId) -> String {
    format!("{}/{id}", people::PATH)
}

/// Gives a person the ticked roles.
#[server]
pub async fn set_person_roles(
    id: UserId,
    #[server(default)] roles: Vec<String>,
    #[server(default)] service: String,
    #[server(default)] then: String,
) -> Result<(), AppError> {
    let list = if service.is_empty() { people::PATH } else { service_identities::PATH };
    let result = async {
        let caller = context::caller()?;
        user::set_roles(&context::host(), &caller, id, roles_field::roles(&roles)?).await?;
        form::notify("The roles were saved.").await
    }
    .await;
    let ticked = roles_field::entered(&roles);
    let entered: Vec<_> = ticked.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let page = address(id);
    form::answer(Form::new(FORM, &page), &entered, result, |()| after_saving(&then, list, page.clone())).await
}

/// `/configuration/people/{id}`
#[component]
pub fn PersonForm() -> impl IntoView {
    let id = page::parameter::<UserId>("id");
    page::load(
        Area::Configuration,
        async move {
            let caller = context::caller()?;
            caller.require_system_administrator()?;
            let id = id?;
            let (person, through_teams) = user::get(&context::host(), &caller, id).await?;
            Ok::<_, AppError>((person, through_teams, form::returned(FORM).await))
        },
        |(person, through_teams, entered)| show(person, through_teams, entered),
    )
}

fn show(person: Person, through_teams: Roles, entered: Returned) -> impl IntoView {
    let (kind, new) =
        if person.is_service { ("Service identity", service_identities::NEW) } else { ("Account", people_new::PATH) };
    let service = person.is_service.then(|| view! { <HiddenField name="service" value="yes"/> });
    let problem = entered.clone();
    view! {
        <CommandBar><SaveCommands form=FORM new refresh=address(person.id)/></CommandBar>
        <RecordHeader title=person.display_name.clone() kind state=RecordState::saved(person.enabled)/>
        <super::record::Refusal returned=problem/>
        <section class="card record">
            <PostForm name=FORM action=SetPersonRoles::PATH entered=entered.clone()>
                <HiddenField name="id" value=person.id.to_string()/>
                {service}
                <LockedField label="User name" value=person.user_name/>
                <LockedField label="Roles through teams" value=if through_teams.is_empty() { String::new() } else { through_teams.label() }/>
                <RolesField entered stored=person.roles/>
            </PostForm>
        </section>
    }
}
