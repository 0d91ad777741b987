//! Roles in an environment that Slipway keeps itself: who has which, and what everybody may do there.

use super::{
    built_in_environment,
    record::{ConfirmedCommand, RecordHeader, RecordState, Refusal},
};
use crate::{
    components::{
        Appearance, Badge, Breadcrumb, Button, Checkbox, Choice, Column, CommandBar, CommandLink, Crumb, DialogButton,
        Grid, HiddenField, Intent, MessageBar, PostForm, Select,
    },
    context,
    error::AppError,
    form::{self, Form, Returned},
    layout::Area,
    page,
};
use leptos::{prelude::*, server_fn::ServerFn};
use model::{
    access::{EnvironmentRight, EnvironmentRole, NamedPrincipal, Principal, PrincipalKind},
    environment_access::{EnvironmentAccess, EnvironmentGround, GivenRoles, PersonsRights},
    id::EnvironmentId,
};
use pipelines::environment_role;
use std::collections::BTreeSet;

const FORM: &str = "environment-roles";
const KIND: &str = "Built-in Environment";

/// Address of the page.
pub fn address(id: EnvironmentId) -> String {
    format!("{}/roles", built_in_environment::address(id))
}

fn principal(posted: &str) -> Result<Principal, AppError> {
    posted.parse().map_err(|_| AppError::field("principal", "Choose a person, a service identity or a team."))
}

fn roles(posted: &[String]) -> Result<BTreeSet<EnvironmentRole>, AppError> {
    let role = |name: &String| {
        EnvironmentRole::from_name(name).ok_or_else(|| AppError::field("roles", "Choose among these roles."))
    };
    posted.iter().map(role).collect()
}

/// Gives somebody exactly these roles in an environment.
#[server]
pub async fn give_environment_roles(
    id: EnvironmentId,
    #[server(default)] principal: String,
    #[server(default)] roles: Vec<String>,
) -> Result<(), AppError> {
    let result = async {
        let caller = context::caller()?;
        let (to, roles) = (self::principal(&principal)?, self::roles(&roles)?);
        environment_role::give(&context::host(), &caller, id, to, &roles).await?;
        form::notify("The roles were saved.").await
    }
    .await;
    let ticked: Vec<_> = roles.iter().map(|role| format!("role:{role}")).collect();
    let mut entered = vec![("principal", principal.as_str())];
    entered.extend(ticked.iter().map(|role| (role.as_str(), "yes")));
    let page = address(id);
    form::answer(Form::new(FORM, &page), &entered, result, |()| page.clone()).await
}

/// Takes all of somebody's roles in an environment away.
#[server]
pub async fn take_environment_roles(id: EnvironmentId, #[server(default)] principal: String) -> Result<(), AppError> {
    let result = async {
        let caller = context::caller()?;
        environment_role::take_away(&context::host(), &caller, id, self::principal(&principal)?).await?;
        form::notify("The roles were removed.").await
    }
    .await;
    let page = address(id);
    form::answer(Form::new(FORM, &page), &[], result, |()| page.clone()).await
}

/// `/configuration/built-in-environments/{id}/roles`
#[component]
pub fn EnvironmentRoles() -> impl IntoView {
    let id = page::parameter::<EnvironmentId>("id");
    page::load(
        Area::Configuration,
        async move {
            let changed = page::query("principal").and_then(|principal| principal.parse().ok());
            let access = environment_role::access(&context::host(), &context::caller()?, id?).await?;
            Ok::<_, AppError>((access, changed, form::returned(FORM).await))
        },
        |(access, changed, entered)| show(access, changed, entered),
    )
}

fn show(access: EnvironmentAccess, changed: Option<Principal>, entered: Returned) -> impl IntoView {
    let id = access.environment;
    let crumbs = vec![
        Crumb::new("Built-in environments", super::built_in_environments::PATH),
        Crumb::new(access.name.clone(), built_in_environment::address(id)),
    ];
    let columns =
        vec![Column::new("Given to"), Column::new("Kind"), Column::new("Roles"), Column::new("Commands").hidden()];
    let rows = access.given.iter().map(|given| given_row(id, &access.name, given)).collect();
    let of_changed = access.given.iter().find(|given| Some(given.to.principal) == changed);
    let held = of_changed.map(|given| given.roles.clone()).unwrap_or_default();
    view! {
        <CommandBar>
            <CommandLink icon="arrow-left" href=built_in_environment::address(id)>"Environment"</CommandLink>
            <CommandLink icon="arrow-clockwise" href=address(id)>"Refresh"</CommandLink>
        </CommandBar>
        <Breadcrumb crumbs current="Roles"/>
        <RecordHeader title=format!("Roles in {}", access.name) kind=KIND state=RecordState::Active/>
        <Refusal returned=entered.clone()/>
        <MessageBar intent=Intent::Information>
            "Deploying needs the right to export in the source and to import in the target, exactly as by hand. Deployment Pipeline Administrators are System Administrators in every built-in environment."
        </MessageBar>
        <section class="card">
            <h2>"Roles given"</h2>
            <Grid caption="Roles given" hide_caption=true columns rows empty="Nobody was given a role here."/>
        </section>
        <RolesForm id principals=access.principals changed held entered/>
        <Rights people=access.people/>
    }
}

fn given_row(id: EnvironmentId, environment: &str, given: &GivenRoles) -> AnyView {
    let roles = given.roles.iter().copied().map(|role| view! { <Badge>{role.label()}</Badge>" " }).collect_view();
    let (name, principal) = (given.to.name.clone(), given.to.principal);
    let change = format!("{}?principal={principal}#roles", address(id));
    let fields = vec![("id", id.to_string()), ("principal", principal.to_string())];
    view! {
        <tr>
            <th scope="row">{name.clone()}</th>
            <td>{given.to.kind.label()}</td>
            <td>{roles}</td>
            <td class="commands">
                <a class="button subtle small" href=change aria-label=format!("Change the roles of {name}")>"Change"</a>
                <ConfirmedCommand
                    action=TakeEnvironmentRoles::PATH
                    verb="Remove"
                    what=format!("the roles of {name}")
                    consequence=format!("{name} may do nothing more in {environment}, unless through a team or as an administrator.")
                    fields
                    button=DialogButton::Subtle
                />
            </td>
        </tr>
    }
    .into_any()
}

fn choices(principals: &[NamedPrincipal]) -> Vec<Choice> {
    let words = |known: &NamedPrincipal| match known.kind {
        PrincipalKind::Person => known.name.clone(),
        PrincipalKind::ServiceIdentity => format!("{} (service identity)", known.name),
        PrincipalKind::Team => format!("{} (team)", known.name),
    };
    principals.iter().map(|known| Choice::new(known.principal, words(known))).collect()
}

/// Gives roles to somebody, or other ones.
#[component]
fn RolesForm(
    id: EnvironmentId,
    /// Who can be given roles.
    principals: Vec<NamedPrincipal>,
    /// Whose roles are to be changed.
    changed: Option<Principal>,
    /// The roles they have.
    held: Vec<EnvironmentRole>,
    entered: Returned,
) -> impl IntoView {
    let boxes = EnvironmentRole::ALL.map(|role| {
        view! {
            <Checkbox
                name="roles[]"
                id=format!("role-{}", role.name())
                label=role.label()
                value=role.name()
                checked=entered.checked(&format!("role:{}", role.name()), held.contains(&role))
                hint=role.description().to_owned()
            />
        }
    });
    let wrong = entered.error("roles").map(|error| view! { <p class="error">{error}</p> });
    let changed = changed.map(|principal| principal.to_string()).unwrap_or_default();
    view! {
        <section class="card record" id="roles">
            <h2>"Give roles"</h2>
            <PostForm name=FORM action=GiveEnvironmentRoles::PATH entered=entered.clone()>
                <HiddenField name="id" value=id.to_string()/>
                <Select
                    name="principal"
                    label="Give to"
                    choices=choices(&principals)
                    value=entered.value("principal", &changed)
                    none="Choose a person, a service identity or a team"
                    required=true
                    hint="They have exactly the roles that are ticked from then on.".to_owned()
                    error=entered.error("principal")
                />
                <fieldset class="field choices">
                    <legend>"Roles"</legend>
                    {boxes}
                    {wrong}
                </fieldset>
                <div class="buttons">
                    <Button appearance=Appearance::Primary>"Save roles"</Button>
                </div>
            </PostForm>
        </section>
    }
}

/// *Check access*: what everybody may do here, and why.
#[component]
fn Rights(people: Vec<PersonsRights>) -> impl IntoView {
    let mut columns = vec![Column::new("Who")];
    columns.extend(["Create", "Export", "Import"].map(Column::new));
    columns.push(Column::new("Through"));
    let facts = EnvironmentRight::ALL.map(|right| {
        view! { <div><dt>{right.privilege()}</dt><dd>{format!("The right to {}: {}", right.label(), right.role_labels())}</dd></div> }
    });
    view! {
        <section class="card">
            <h2>"Check access"</h2>
            <Grid
                caption="Check access"
                hide_caption=true
                columns
                rows=people.into_iter().map(rights_row).collect()
                empty="Nobody may do anything here."
            />
            <dl class="facts">{facts}</dl>
        </section>
    }
}

fn rights_row(person: PersonsRights) -> AnyView {
    let cells = EnvironmentRight::ALL.map(|right| {
        let word = if person.rights.contains(&right) { "Yes" } else { "No" };
        view! { <td>{word}</td> }
    });
    let grounds = person.grounds.iter().map(|ground| view! { <li>{EnvironmentGround::label(ground)}</li> });
    let service = (person.person.kind == PrincipalKind::ServiceIdentity)
        .then(|| view! { <br/><small>{person.person.kind.label()}</small> });
    view! {
        <tr>
            <th scope="row">{person.person.name}{service}</th>
            {cells}
            <td><ul class="plain">{grounds.collect_view()}</ul></td>
        </tr>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    #[test]
    fn roles_are_read_by_name_and_nothing_else_is_one() {
        let both = ["system-customizer".to_owned(), "basic-user".to_owned()];
        let read = roles(&both).unwrap();
        assert_eq!(read, BTreeSet::from([EnvironmentRole::SystemCustomizer, EnvironmentRole::BasicUser]));
        assert!(roles(&["emperor".to_owned()]).is_err());
        assert!(principal("nobody").unwrap_err().0.field("principal").is_some());
    }
}
