//! Who may do what in an environment that Slipway keeps itself, as its page shows it.

use crate::{
    access::{EnvironmentRight, EnvironmentRole, NamedPrincipal},
    id::EnvironmentId,
    user::Role,
};
use serde::{Deserialize, Serialize};

/// The roles given in an environment, and what comes of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnvironmentAccess {
    /// The environment.
    pub environment: EnvironmentId,
    /// Its name.
    pub name: String,
    /// The roles given, by name of who has them.
    pub given: Vec<GivenRoles>,
    /// Everybody who may do something, by name.
    pub people: Vec<PersonsRights>,
    /// People, service identities and teams that roles can be given to, by name.
    pub principals: Vec<NamedPrincipal>,
}

/// What somebody was given in an environment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GivenRoles {
    /// Who.
    pub to: NamedPrincipal,
    /// The roles, the mightiest first.
    pub roles: Vec<EnvironmentRole>,
}

/// What somebody may do in an environment, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonsRights {
    /// Who.
    pub person: NamedPrincipal,
    /// What they may do.
    pub rights: Vec<EnvironmentRight>,
    /// The roles it comes from.
    pub grounds: Vec<EnvironmentGround>,
}

/// Why somebody has rights in an environment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum EnvironmentGround {
    /// A security role of the host, their own or through a team, which makes them System Administrator of every
    /// environment that Slipway keeps itself.
    HostRole(Role, Option<String>),
    /// A role in the environment, given to them or to a team.
    Role(EnvironmentRole, Option<String>),
}

impl EnvironmentGround {
    /// In words: `System Customizer through the team Makers`.
    pub fn label(&self) -> String {
        let (role, team) = match self {
            Self::HostRole(role, team) => (role.label(), team),
            Self::Role(role, team) => (role.label(), team),
        };
        let through = team.as_ref().map(|team| format!(" through the team {team}")).unwrap_or_default();
        format!("{role}{through}")
    }
}
