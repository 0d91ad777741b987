//! People.

use crate::{Timestamp, id::UserId};
use serde::{Deserialize, Serialize};

/// What a person may do in the host. Named after the platform's security roles.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Role {
    /// *Deployment Pipeline Administrator*: configures environments and pipelines, sees every run.
    Administrator,
    /// *Deployment Pipeline User*: deploys through pipelines.
    User,
}

impl Role {
    /// The role's name on screen.
    pub fn label(self) -> &'static str {
        match self {
            Self::Administrator => "Deployment Pipeline Administrator",
            Self::User => "Deployment Pipeline User",
        }
    }

    /// The role's name in the database and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Administrator => "administrator",
            Self::User => "user",
        }
    }

    /// The role of a name.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Administrator, Self::User].into_iter().find(|role| role.name() == name)
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
    /// Role in the host.
    pub role: Role,
    /// Whether the password is a one-time password that has to be changed first.
    pub must_change_password: bool,
    /// Whether the person may sign in.
    pub enabled: bool,
    /// When the password was last set. Sessions opened before this moment are over.
    pub password_set: Timestamp,
}
