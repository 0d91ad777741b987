//! People, and the security roles of the platform.

use crate::{Timestamp, id::UserId};
use serde::{Deserialize, Serialize};

/// A security role, as the platform names it. Given to people and to teams.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// *System Administrator*: accounts, teams, roles, the audit log and settings.
    SystemAdministrator,
    /// *Deployment Pipeline Administrator*: full control of environments, pipelines, stages and runs.
    PipelineAdministrator,
    /// *Deployment Pipeline User*: runs what is shared with them.
    PipelineUser,
    /// *Deployment Pipeline Default*: makes personal pipelines.
    PipelineDefault,
}

impl Role {
    /// Every role, the mightiest first.
    pub const ALL: [Self; 4] =
        [Self::SystemAdministrator, Self::PipelineAdministrator, Self::PipelineUser, Self::PipelineDefault];

    /// The role's name on screen.
    pub fn label(self) -> &'static str {
        match self {
            Self::SystemAdministrator => "System Administrator",
            Self::PipelineAdministrator => "Deployment Pipeline Administrator",
            Self::PipelineUser => "Deployment Pipeline User",
            Self::PipelineDefault => "Deployment Pipeline Default",
        }
    }

    /// What the role is good for, in a sentence.
    pub fn description(self) -> &'static str {
        match self {
            Self::SystemAdministrator => "Looks after people, teams, roles, settings and the audit log.",
            Self::PipelineAdministrator => "Has full control of environments, pipelines, stages and all runs.",
            Self::PipelineUser => "Runs the pipelines that are shared with them and sees their runs.",
            Self::PipelineDefault => "Makes personal pipelines of up to three environments.",
        }
    }

    /// The role's name in the database, in forms and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::SystemAdministrator => "system-administrator",
            Self::PipelineAdministrator => "pipeline-administrator",
            Self::PipelineUser => "pipeline-user",
            Self::PipelineDefault => "pipeline-default",
        }
    }

    /// The role of a name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.name() == name)
    }

    fn bit(self) -> u8 {
        match self {
            Self::SystemAdministrator => 1,
            Self::PipelineAdministrator => 2,
            Self::PipelineUser => 4,
            Self::PipelineDefault => 8,
        }
    }
}

/// Security roles somebody has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(from = "Vec<Role>", into = "Vec<Role>")]
pub struct Roles(u8);

impl Roles {
    /// No role.
    pub const NONE: Self = Self(0);
    /// What the first person of a host has: System Administrator and Deployment Pipeline Administrator.
    pub const ADMINISTRATOR: Self = Self(1 | 2);
    /// Deployment Pipeline User.
    pub const USER: Self = Self(4);

    /// Whether a role is among them.
    pub fn has(self, role: Role) -> bool {
        self.0 & role.bit() != 0
    }

    /// Whether there is none.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// These and one more.
    #[must_use]
    pub fn with(self, role: Role) -> Self {
        Self(self.0 | role.bit())
    }

    /// These without one.
    #[must_use]
    pub fn without(self, role: Role) -> Self {
        Self(self.0 & !role.bit())
    }

    /// These and others.
    #[must_use]
    pub fn and(self, others: Self) -> Self {
        Self(self.0 | others.0)
    }

    /// One after the other, the mightiest first.
    pub fn iter(self) -> impl Iterator<Item = Role> {
        Role::ALL.into_iter().filter(move |role| self.has(*role))
    }

    /// Their names on screen, or *No role*.
    pub fn label(self) -> String {
        if self.is_empty() {
            return "No role".to_owned();
        }
        self.iter().map(Role::label).collect::<Vec<_>>().join(", ")
    }

    /// Their names in the database, for records of what was changed.
    pub fn names(self) -> Vec<&'static str> {
        self.iter().map(Role::name).collect()
    }
}

impl From<Role> for Roles {
    fn from(role: Role) -> Self {
        Self::NONE.with(role)
    }
}

impl FromIterator<Role> for Roles {
    fn from_iter<T: IntoIterator<Item = Role>>(roles: T) -> Self {
        roles.into_iter().fold(Self::NONE, Self::with)
    }
}

impl From<Vec<Role>> for Roles {
    fn from(roles: Vec<Role>) -> Self {
        roles.into_iter().collect()
    }
}

impl From<Roles> for Vec<Role> {
    fn from(roles: Roles) -> Self {
        roles.iter().collect()
    }
}

/// A person as pages show them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// Id.
    pub id: UserId,
    /// Name to sign in with.
    pub user_name: String,
    /// Name for people.
    pub display_name: String,
    /// Roles in the host. Of somebody who looks, those that come from teams as well; in the list of people, only those
    /// given to the person.
    pub roles: Roles,
    /// Whether this is a service identity, which never signs in and only deploys on behalf of others.
    pub is_service: bool,
    /// Whether the password is a one-time password that has to be changed first.
    pub must_change_password: bool,
    /// Whether the person may sign in.
    pub enabled: bool,
    /// When the password was last set. Sessions opened before this moment are over.
    pub password_set: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_are_a_set_that_reads_and_writes_as_names() {
        let roles = Roles::from(Role::PipelineUser).with(Role::PipelineDefault).with(Role::PipelineUser);
        assert!(roles.has(Role::PipelineUser) && !roles.has(Role::SystemAdministrator));
        assert_eq!(roles.without(Role::PipelineUser), Role::PipelineDefault.into());
        assert_eq!(roles.label(), "Deployment Pipeline User, Deployment Pipeline Default");
        assert_eq!(Roles::NONE.label(), "No role");
        let text = serde_json::to_string(&roles).unwrap();
        assert_eq!(text, r#"["pipeline-user","pipeline-default"]"#);
        assert_eq!(serde_json::from_str::<Roles>(&text).unwrap(), roles);
        for role in Role::ALL {
            assert_eq!(Role::from_name(role.name()), Some(role));
        }
        assert_eq!(Role::ALL.into_iter().collect::<Roles>().iter().count(), 4);
    }
}
