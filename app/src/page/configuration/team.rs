//! The form of a team, and its members.

#![allow(clippy::too_many_arguments, reason = "a server function has an argument for each field of its form")]

use super::{
    record::{ConfirmedCommand, RecordHeader, RecordState, Refusal, SaveCommands, after_saving},
    record_fields::{DescriptionField, NameField},
    roles_field::{self, RolesField},
    teams,
};
use crate::{
    components::{Appearance, Button, Choice, Column, CommandBar, Grid, HiddenField, PostForm, Select, TextField},
    context,
    error::AppError,
    form::{self, Form, Returned},
    layout::Area,
    page,
};
use leptos::{prelude::*, server_fn::ServerFn};
use model::{
    id::{TeamId, UserId},
    team::{Member, Membership, Team},
    user::{Person, Roles},
};
use pipelines::{
    team::{self, TeamForm},
    user,
};

/// Address of the form of a new team.
pub const NEW: &str = "/configuration/teams/new";
const FORM: &str = "team";
const MEMBERS: &str = "team-members";
const KIND: &str = "Security Team";

/// Address of a team's form.
pub fn address(id: TeamId) -> String {
    format!("{}/{id}", teams::PATH)
}

/// What the form posts.
struct Posted<'a> {
    name: &'a str,
    description: &'a str,
    administrator: &'a str,
    roles: &'a [String],
    provider: &'a str,
    group_id: &'a str,
}

impl Posted<'_> {
    fn form(&self) -> Result<TeamForm, AppError> {
        let administrator = match self.administrator.trim() {
            "" => None,
            id => Some(id.parse().map_err(|_| AppError::field("administrator", "Choose a person, or nobody."))?),
        };
        let membership = if self.provider.trim().is_empty() && self.group_id.trim().is_empty() {
            Membership::Local
        } else {
            Membership::Group { provider: self.provider.to_owned(), group_id: self.group_id.to_owned() }
        };
        Ok(TeamForm {
            name: self.name.to_owned(),
            description: self.description.to_owned(),
            administrator,
            roles: roles_field::roles(self.roles)?,
            membership,
        })
    }

    fn entered(&self) -> Vec<(String, String)> {
        let mut entered = roles_field::entered(self.roles);
        for (name, value) in [
            ("name", self.name),
            ("description", self.description),
            ("administrator", self.administrator),
            ("provider", self.provider),
            ("group_id", self.group_id),
        ] {
            entered.push((name.to_owned(), value.to_owned()));
        }
        entered
    }
}

fn pairs(entered: &[(String, String)]) -> Vec<(&str, &str)> {
    entered.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
}

/// Creates a team.
#[server]
pub async fn create_team(
    #[server(default)] name: String,
    #[server(default)] description: String,
    #[server(default)] administrator: String,
    #[server(default)] roles: Vec<String>,
    #[server(default)] provider: String,
    #[server(default)] group_id: String,
    #[server(default)] then: String,
) -> Result<(), AppError> {
    let posted = Posted {
        name: &name,
        description: &description,
        administrator: &administrator,
        roles: &roles,
        provider: &provider,
        group_id: &group_id,
    };
    let result = async {
        let caller = context::caller()?;
        let id = team::create(&context::host(), &caller, &posted.form()?).await?;
        form::notify("The team was created.").await?;
        Ok::<_, AppError>(id)
    }
    .await;
    let entered = posted.entered();
    let then = |id| after_saving(&then, teams::PATH, address(id));
    form::answer(Form::new(FORM, NEW), &pairs(&entered), result, then).await
}

/// Changes a team.
#[server]
pub async fn save_team(
    id: TeamId,
    row_version: i32,
    #[server(default)] name: String,
    #[server(default)] description: String,
    #[server(default)] administrator: String,
    #[server(default)] roles: Vec<String>,
    #[server(default)] provider: String,
    #[server(default)] group_id: String,
    #[server(default)] then: String,
) -> Result<(), AppError> {
    let posted = Posted {
        name: &name,
        description: &description,
        administrator: &administrator,
        roles: &roles,
        provider: &provider,
        group_id: &group_id,
    };
    let result = async {
        let caller = context::caller()?;
        team::update(&context::host(), &caller, id, &posted.form()?, row_version).await?;
        form::notify("The team was saved.").await
    }
    .await;
    let (entered, page) = (posted.entered(), address(id));
    let then = |()| after_saving(&then, teams::PATH, page.clone());
    form::answer(Form::new(FORM, &page), &pairs(&entered), result, then).await
}

/// Deletes a team.
#[server]
pub async fn delete_team(id: TeamId) -> Result<(), AppError> {
    let result = async {
        let caller = context::caller()?;
        team::delete(&context::host(), &caller, id).await?;
        form::notify("The team was deleted.").await
    }
    .await;
    form::answer(Form::new(MEMBERS, &address(id)), &[], result, |()| teams::PATH.to_owned()).await
}

/// Makes a person a member.
#[server]
pub async fn add_team_member(id: TeamId, #[server(default)] person: String) -> Result<(), AppError> {
    let result = async {
        let caller = context::caller()?;
        let person: UserId = person.parse().map_err(|_| AppError::field("person", "Choose a person."))?;
        team::add_member(&context::host(), &caller, id, person).await?;
        form::notify("The team has another member.").await
    }
    .await;
    let page = address(id);
    form::answer(Form::new(MEMBERS, &page), &[("person", &person)], result, |()| page.clone()).await
}

/// Makes a person a member no more.
#[server]
pub async fn remove_team_member(id: TeamId, person: UserId) -> Result<(), AppError> {
    let result = async {
        let caller = context::caller()?;
        team::remove_member(&context::host(), &caller, id, person).await?;
        form::notify("The team has one member less.").await
    }
    .await;
    let page = address(id);
    form::answer(Form::new(MEMBERS, &page), &[], result, |()| page.clone()).await
}

/// `/configuration/teams/new`
#[component]
pub fn NewTeam() -> impl IntoView {
    page::load(
        Area::Configuration,
        async {
            let (host, caller) = (context::host(), context::caller()?);
            caller.require_system_administrator()?;
            Ok::<_, AppError>((user::list(&host, &caller).await?, form::returned(FORM).await))
        },
        |(people, entered)| {
            view! {
                <CommandBar><SaveCommands form=FORM new=NEW/></CommandBar>
                <RecordHeader title="New Security Team" kind=KIND state=RecordState::New/>
                <section class="card record">
                    <PostForm name=FORM action=CreateTeam::PATH entered=entered.clone()>
                        <Fields stored=None people entered/>
                    </PostForm>
                    <p class="hint">"After saving, add its members."</p>
                </section>
            }
        },
    )
}

/// `/configuration/teams/{id}`
#[component]
pub fn TeamRecord() -> impl IntoView {
    let id = page::parameter::<TeamId>("id");
    page::load(
        Area::Configuration,
        async move {
            let (host, caller) = (context::host(), context::caller()?);
            let team = team::get(&host, &caller, id?).await?;
            let choices = team::people_to_add(&host, &caller, team.id).await?;
            let people = if caller.is_system_administrator() { user::list(&host, &caller).await? } else { Vec::new() };
            let changes_members = caller.is_system_administrator() || team.administrator == Some(caller.user);
            let returned = (form::returned(FORM).await, form::returned(MEMBERS).await);
            Ok::<_, AppError>((team, people, choices, changes_members, caller.is_system_administrator(), returned))
        },
        |(team, people, choices, changes_members, edits, (entered, members))| {
            let record = edits.then(|| view! { <Record team=team.clone() people entered/> });
            let header = (!edits).then(|| {
                view! { <RecordHeader title=team.name.clone() kind=KIND state=RecordState::Active/> }
            });
            view! {
                {header}
                {record}
                <Members team choices changes_members entered=members/>
            }
        },
    )
}

#[component]
fn Record(team: Team, people: Vec<Person>, entered: Returned) -> impl IntoView {
    let (id, what, title) = (team.id.to_string(), format!("the team {}", team.name), team.name.clone());
    let fields = vec![("id", id.clone())];
    view! {
        <CommandBar>
            <SaveCommands form=FORM new=NEW refresh=address(team.id)/>
            <ConfirmedCommand
                action=DeleteTeam::PATH
                verb="Delete"
                what
                consequence="Its members lose the roles and shares they have through it."
                fields
            />
        </CommandBar>
        <RecordHeader title kind=KIND state=RecordState::Active/>
        <section class="card record">
            <PostForm name=FORM action=SaveTeam::PATH entered=entered.clone()>
                <HiddenField name="id" value=id/>
                <HiddenField name="row_version" value=team.row_version.to_string()/>
                <Fields stored=Some(team) people entered/>
            </PostForm>
        </section>
    }
    .into_any()
}

#[component]
fn Fields(stored: Option<Team>, people: Vec<Person>, entered: Returned) -> impl IntoView {
    let administrator =
        stored.as_ref().and_then(|team| team.administrator).map(|id| id.to_string()).unwrap_or_default();
    let people = people
        .into_iter()
        .filter(|person| !person.is_service)
        .map(|person| Choice::new(person.id, person.display_name));
    let (provider, group_id) = match stored.as_ref().map(|team| &team.membership) {
        Some(Membership::Group { provider, group_id }) => (provider.clone(), group_id.clone()),
        _ => (String::new(), String::new()),
    };
    let roles = stored.as_ref().map_or(Roles::USER, |team| team.roles);
    let (name, description) = stored.map(|team| (team.name, team.description)).unwrap_or_default();
    view! {
        <NameField entered=entered.clone() stored=name/>
        <DescriptionField entered=entered.clone() stored=description/>
        <Select
            name="administrator"
            label="Administrator"
            choices=people.collect()
            value=entered.value("administrator", &administrator)
            none="Nobody"
            hint="May change who is a member, and nothing else.".to_owned()
            error=entered.error("administrator")
        />
        <RolesField entered=entered.clone() stored=roles/>
        <TextField
            name="provider"
            label="Identity provider of its members"
            value=entered.value("provider", &provider)
            hint="Leave provider and group empty to add members by hand.".to_owned()
            error=entered.error("provider")
            autocomplete="off"
            maxlength=100
        />
        <TextField
            name="group_id"
            label="Group ID at the provider"
            value=entered.value("group_id", &group_id)
            error=entered.error("group_id")
            autocomplete="off"
            maxlength=200
        />
    }
    .into_any()
}

#[component]
fn Members(team: Team, choices: Vec<(UserId, String)>, changes_members: bool, entered: Returned) -> impl IntoView {
    let changes = changes_members && team.membership == Membership::Local;
    let id = team.id;
    let columns = vec![Column::new("Name"), Column::new("User name"), Column::new("Commands").hidden()];
    let from = match &team.membership {
        Membership::Local => None,
        Membership::Group { provider, group_id } => {
            Some(format!("Members are the people of the group {group_id} of {provider}, from their next sign-in on."))
        }
    };
    let refusal = (!changes).then(|| view! { <Refusal returned=entered.clone()/> });
    let add = changes.then(|| {
        let choices = choices.into_iter().map(|(id, name)| Choice::new(id, name)).collect();
        view! {
            <PostForm name=MEMBERS action=AddTeamMember::PATH entered=entered.clone()>
                <HiddenField name="id" value=id.to_string()/>
                <Select
                    name="person"
                    label="Person"
                    choices
                    value=entered.value("person", "")
                    none="Choose a person"
                    required=true
                    error=entered.error("person")
                />
                <div class="buttons">
                    <Button appearance=Appearance::Primary>"Add member"</Button>
                </div>
            </PostForm>
        }
    });
    let rows = team.members.into_iter().map(|member| row(id, member, changes)).collect();
    view! {
        {refusal}
        <section class="card record">
            <h2>"Members"</h2>
            {from.map(|from| view! { <p>{from}</p> })}
            <Grid caption="Members" hide_caption=true columns rows empty="The team has no members."/>
            {add}
        </section>
    }
    .into_any()
}

fn row(team: TeamId, member: Member, changes: bool) -> AnyView {
    let command = changes.then(|| {
        view! {
            <form method="post" action=RemoveTeamMember::PATH>
                <HiddenField name="id" value=team.to_string()/>
                <HiddenField name="person" value=member.id.to_string()/>
                <button class="button subtle small" type="submit" aria-label=format!("Remove {}", member.name)>"Remove"</button>
            </form>
        }
    });
    view! {
        <tr>
            <th scope="row">{member.name}</th>
            <td>{member.user_name}</td>
            <td class="commands">{command}</td>
        </tr>
    }
    .into_any()
}
