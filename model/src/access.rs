//! Who may do what with a pipeline or in an environment: the platform's access rights, and who has them.

use crate::{
    id::{TeamId, UserId},
    user::Role,
};
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// A right on a record, with the platform's number (`AccessRights`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AccessRight {
    /// 1, `ReadAccess`: see a pipeline and run it.
    Read,
    /// 2, `WriteAccess`: link further development environments.
    Write,
    /// 262144, `ShareAccess`: share it with others.
    Share,
    /// 524288, `AssignAccess`: give it another owner.
    Assign,
}

impl AccessRight {
    /// Every right.
    pub const ALL: [Self; 4] = [Self::Read, Self::Write, Self::Share, Self::Assign];

    /// The platform's number.
    pub fn code(self) -> i32 {
        match self {
            Self::Read => 1,
            Self::Write => 2,
            Self::Share => 262_144,
            Self::Assign => 524_288,
        }
    }

    /// The word on screen.
    pub fn label(self) -> &'static str {
        match self {
            Self::Read => "Read",
            Self::Write => "Write",
            Self::Share => "Share",
            Self::Assign => "Assign",
        }
    }

    /// What it is good for on a pipeline.
    pub fn description(self) -> &'static str {
        match self {
            Self::Read => "See the pipeline and deploy through it",
            Self::Write => "Link further development environments",
            Self::Share => "Share the pipeline with others",
            Self::Assign => "Give the pipeline another owner",
        }
    }

    /// The word in forms and in the audit log.
    pub fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
            Self::Share => "share",
            Self::Assign => "assign",
        }
    }
}

/// Rights on a record, added up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AccessRights(i32);

impl AccessRights {
    /// None.
    pub const NONE: Self = Self(0);
    /// All of them.
    pub const ALL: Self = Self(1 | 2 | 262_144 | 524_288);

    /// The rights of the platform's number; numbers of rights that pipelines do not know are left out.
    pub fn from_code(code: i32) -> Self {
        Self(code & Self::ALL.0)
    }

    /// The platform's number.
    pub fn code(self) -> i32 {
        self.0
    }

    /// Whether a right is among them.
    pub fn has(self, right: AccessRight) -> bool {
        self.0 & right.code() != 0
    }

    /// Whether there is none.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// These and one more.
    #[must_use]
    pub fn with(self, right: AccessRight) -> Self {
        Self(self.0 | right.code())
    }

    /// These and others.
    #[must_use]
    pub fn and(self, others: Self) -> Self {
        Self(self.0 | others.0)
    }

    /// These without others.
    #[must_use]
    pub fn without(self, others: Self) -> Self {
        Self(self.0 & !others.0)
    }

    /// Those that are among others, too.
    #[must_use]
    pub fn within(self, others: Self) -> Self {
        Self(self.0 & others.0)
    }

    /// One after the other.
    pub fn iter(self) -> impl Iterator<Item = AccessRight> {
        AccessRight::ALL.into_iter().filter(move |right| self.has(*right))
    }

    /// The words on screen.
    pub fn label(self) -> String {
        self.iter().map(AccessRight::label).collect::<Vec<_>>().join(", ")
    }

    /// The words in the audit log.
    pub fn names(self) -> Vec<&'static str> {
        self.iter().map(AccessRight::name).collect()
    }
}

impl From<AccessRight> for AccessRights {
    fn from(right: AccessRight) -> Self {
        Self::NONE.with(right)
    }
}

impl FromIterator<AccessRight> for AccessRights {
    fn from_iter<T: IntoIterator<Item = AccessRight>>(rights: T) -> Self {
        rights.into_iter().fold(Self::NONE, Self::with)
    }
}

/// Somebody who can own a pipeline or be given rights: a person or a team.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Principal {
    /// A person.
    Person(UserId),
    /// A team.
    Team(TeamId),
}

impl fmt::Display for Principal {
    /// As forms post it: `person:…` or `team:…`.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Person(id) => write!(formatter, "person:{id}"),
            Self::Team(id) => write!(formatter, "team:{id}"),
        }
    }
}

/// A text that names neither a person nor a team.
#[derive(Debug, thiserror::Error)]
#[error("Choose a person or a team.")]
pub struct InvalidPrincipal;

impl FromStr for Principal {
    type Err = InvalidPrincipal;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (kind, id) = text.trim().split_once(':').ok_or(InvalidPrincipal)?;
        match kind {
            "person" => id.parse().map(Self::Person).map_err(|_| InvalidPrincipal),
            "team" => id.parse().map(Self::Team).map_err(|_| InvalidPrincipal),
            _ => Err(InvalidPrincipal),
        }
    }
}

/// What somebody is who can be given something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PrincipalKind {
    /// A person who signs in.
    Person,
    /// A service identity, for stages to deploy as.
    ServiceIdentity,
    /// A team.
    Team,
}

impl PrincipalKind {
    /// The words on screen.
    pub fn label(self) -> &'static str {
        match self {
            Self::Person => "Person",
            Self::ServiceIdentity => "Service identity",
            Self::Team => "Team",
        }
    }
}

/// A person or a team by name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NamedPrincipal {
    /// Who.
    pub principal: Principal,
    /// What they are.
    pub kind: PrincipalKind,
    /// Name for people.
    pub name: String,
}

/// A role in an environment that Slipway keeps itself, as the platform names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EnvironmentRole {
    /// *System Administrator*: everything.
    SystemAdministrator,
    /// *System Customizer*: everything with solutions.
    SystemCustomizer,
    /// *Environment Maker*: makes and exports solutions, and makes connections.
    EnvironmentMaker,
    /// *Basic User*: looks.
    BasicUser,
}

impl EnvironmentRole {
    /// Every role, the mightiest first.
    pub const ALL: [Self; 4] =
        [Self::SystemAdministrator, Self::SystemCustomizer, Self::EnvironmentMaker, Self::BasicUser];

    /// The role's name on screen.
    pub fn label(self) -> &'static str {
        match self {
            Self::SystemAdministrator => "System Administrator",
            Self::SystemCustomizer => "System Customizer",
            Self::EnvironmentMaker => "Environment Maker",
            Self::BasicUser => "Basic User",
        }
    }

    /// The role's name in the database and in forms.
    pub fn name(self) -> &'static str {
        match self {
            Self::SystemAdministrator => "system-administrator",
            Self::SystemCustomizer => "system-customizer",
            Self::EnvironmentMaker => "environment-maker",
            Self::BasicUser => "basic-user",
        }
    }

    /// The role of a name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.name() == name)
    }

    /// What the role is good for, in a sentence.
    pub fn description(self) -> &'static str {
        match self {
            Self::SystemAdministrator | Self::SystemCustomizer => "Creates, exports and imports solutions.",
            Self::EnvironmentMaker => "Creates and exports solutions, and makes connections. Imports nothing.",
            Self::BasicUser => "Looks.",
        }
    }

    /// Whether the role comes with a right.
    pub fn gives(self, right: EnvironmentRight) -> bool {
        match self {
            Self::SystemAdministrator | Self::SystemCustomizer => true,
            Self::EnvironmentMaker => right != EnvironmentRight::Import,
            Self::BasicUser => false,
        }
    }
}

/// What may be done with solutions in an environment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EnvironmentRight {
    /// Create solutions and connections.
    Create,
    /// Export solutions (`prvExportCustomization`).
    Export,
    /// Import solutions (`prvImportCustomization`).
    Import,
}

impl EnvironmentRight {
    /// Every right.
    pub const ALL: [Self; 3] = [Self::Create, Self::Export, Self::Import];

    /// What it is for: `import solutions`.
    pub fn label(self) -> &'static str {
        match self {
            Self::Create => "create solutions and connections",
            Self::Export => "export solutions",
            Self::Import => "import solutions",
        }
    }

    /// The platform's privilege.
    pub fn privilege(self) -> &'static str {
        match self {
            Self::Create => "prvCreateSolution",
            Self::Export => "prvExportCustomization",
            Self::Import => "prvImportCustomization",
        }
    }

    /// Roles that come with it, the least first: `Environment Maker, System Customizer or System Administrator`.
    pub fn role_labels(self) -> String {
        let labels: Vec<_> = self.roles().map(EnvironmentRole::label).collect();
        match labels.split_last() {
            Some((last, others)) if !others.is_empty() => format!("{} or {last}", others.join(", ")),
            _ => labels.concat(),
        }
    }

    /// Roles that come with it, the least first.
    pub fn roles(self) -> impl Iterator<Item = EnvironmentRole> {
        EnvironmentRole::ALL.into_iter().rev().filter(move |role| role.gives(self))
    }
}

/// Why somebody has rights on a pipeline.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Ground {
    /// A security role, given to the person or through a team.
    Role(Role, Option<String>),
    /// The pipeline is theirs, or their team's.
    Owner(Option<String>),
    /// It is shared with them, or with their team.
    Share(AccessRights, Option<String>),
}

impl Ground {
    /// In words: `Shared with the team Makers (Read)`.
    pub fn label(&self) -> String {
        let through = |team: &Option<String>| team.as_ref().map(|team| format!(" through the team {team}"));
        match self {
            Self::Role(role, team) => format!("{}{}", role.label(), through(team).unwrap_or_default()),
            Self::Owner(None) => "Owner".to_owned(),
            Self::Owner(Some(team)) => format!("Owned by the team {team}"),
            Self::Share(rights, None) => format!("Shared with them ({})", rights.label()),
            Self::Share(rights, Some(team)) => format!("Shared with the team {team} ({})", rights.label()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rights_are_the_platforms_numbers_added_up() {
        let rights = AccessRights::from(AccessRight::Read).with(AccessRight::Assign);
        assert_eq!(rights.code(), 524_289);
        assert_eq!(AccessRights::from_code(524_289 + 65_536), rights);
        assert_eq!(rights.label(), "Read, Assign");
        assert_eq!(AccessRight::ALL.into_iter().collect::<AccessRights>(), AccessRights::ALL);
    }

    #[test]
    fn a_principal_is_read_as_it_is_written() {
        let id = uuid::Uuid::from_u128(7);
        for principal in [Principal::Person(id.into()), Principal::Team(id.into())] {
            assert_eq!(principal.to_string().parse::<Principal>().unwrap(), principal);
        }
        for wrong in ["", "person", "person:7", "nobody:00000000-0000-0000-0000-000000000007"] {
            assert!(wrong.parse::<Principal>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn the_least_role_that_comes_with_a_right_is_named_first() {
        assert_eq!(EnvironmentRight::Export.roles().next(), Some(EnvironmentRole::EnvironmentMaker));
        assert_eq!(EnvironmentRight::Import.roles().next(), Some(EnvironmentRole::SystemCustomizer));
        assert_eq!(EnvironmentRight::Import.role_labels(), "System Customizer or System Administrator");
        assert_eq!(
            EnvironmentRight::Create.role_labels(),
            "Environment Maker, System Customizer or System Administrator"
        );
    }
}
