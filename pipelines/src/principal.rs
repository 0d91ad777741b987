//! People, service identities and teams: whom something can be shared with, given to or assigned.

use crate::{Error, Result, field, team, user};
use model::{
    access::{NamedPrincipal, Principal, PrincipalKind},
    id::{TeamId, UserId},
    user::{Role, Roles},
};
use sea_orm::{ConnectionTrait, EntityTrait, prelude::Uuid};
use std::collections::{BTreeSet, HashMap};

/// Somebody who may be given something, or who was given something before.
pub(crate) struct Known {
    /// Who.
    pub named: NamedPrincipal,
    /// Whether it is a team, or an account that is not disabled.
    pub enabled: bool,
}

/// Every person, service identity and team, by name.
pub(crate) async fn all(database: &impl ConnectionTrait) -> Result<Vec<Known>> {
    let people = user::entity::Entity::find().all(database).await?.into_iter();
    let teams = team::entity::Entity::find().all(database).await?.into_iter().map(|team| Known {
        named: NamedPrincipal {
            principal: Principal::Team(TeamId(team.id)),
            kind: PrincipalKind::Team,
            name: team.name,
        },
        enabled: true,
    });
    let mut all: Vec<_> =
        people.map(|person| Known { enabled: person.enabled, named: person.named() }).chain(teams).collect();
    all.sort_by_cached_key(|known| (field::key(&known.named.name), known.named.principal));
    Ok(all)
}

/// Whom a row names that holds the id of a person or of a team.
pub(crate) fn of(person: Option<Uuid>, team: Option<Uuid>) -> Option<Principal> {
    let person = person.map(|id| Principal::Person(UserId(id)));
    person.or_else(|| team.map(|id| Principal::Team(TeamId(id))))
}

/// The name of a person or a team; the field `principal` has to be mended where there is none.
pub(crate) async fn name_of(database: &impl ConnectionTrait, principal: Principal) -> Result<String> {
    let name = match principal {
        Principal::Person(person) => {
            let person = user::entity::Entity::find_by_id(person.0).one(database).await?;
            person.map(|person| person.display_name)
        }
        Principal::Team(team) => {
            let team = team::entity::Entity::find_by_id(team.0).one(database).await?;
            team.map(|team| team.name)
        }
    };
    name.ok_or_else(|| Error::field("principal", "Choose a person or a team."))
}

/// Who is in which team, and which security roles everybody has. Four queries, however many people there are.
pub(crate) struct Memberships {
    members: HashMap<Uuid, BTreeSet<Uuid>>,
    teams: HashMap<Uuid, String>,
    team_roles: HashMap<Uuid, Vec<Role>>,
    own_roles: HashMap<UserId, Roles>,
}

impl Memberships {
    pub(crate) async fn load(database: &impl ConnectionTrait) -> Result<Self> {
        let mut members: HashMap<Uuid, BTreeSet<Uuid>> = HashMap::new();
        for member in team::member::Entity::find().all(database).await? {
            members.entry(member.person_id).or_default().insert(member.team_id);
        }
        let teams = team::entity::Entity::find().all(database).await?;
        let mut team_roles: HashMap<Uuid, Vec<Role>> = HashMap::new();
        for row in team::role::Entity::find().all(database).await? {
            team_roles.entry(row.team_id).or_default().extend(Role::from_name(&row.role));
        }
        Ok(Self {
            members,
            teams: teams.into_iter().map(|team| (team.id, team.name)).collect(),
            team_roles,
            own_roles: user::role::of_all(database).await?,
        })
    }

    /// The teams of a person.
    pub(crate) fn teams_of(&self, person: UserId) -> impl Iterator<Item = Uuid> + '_ {
        self.members.get(&person.0).into_iter().flatten().copied()
    }

    /// The name of a team.
    pub(crate) fn team(&self, team: Uuid) -> String {
        self.teams.get(&team).cloned().unwrap_or_default()
    }

    /// The security roles of a person: their own, and those of their teams with the team's name.
    pub(crate) fn roles_of(&self, person: UserId) -> impl Iterator<Item = (Role, Option<String>)> + '_ {
        let own = self.own_roles.get(&person).copied().unwrap_or_default();
        let through = self.teams_of(person).flat_map(move |team| {
            let roles = self.team_roles.get(&team).into_iter().flatten();
            roles.map(move |role| (*role, Some(self.team(team))))
        });
        let own: Vec<_> = own.iter().map(|role| (role, None)).collect();
        own.into_iter().chain(through)
    }
}
