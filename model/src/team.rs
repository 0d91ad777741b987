//! Teams of people.

use crate::{
    id::{TeamId, UserId},
    user::Roles,
};
use serde::{Deserialize, Serialize};

/// Where the members of a team come from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "kind")]
pub enum Membership {
    /// They are put in by hand.
    Local,
    /// They are the members of a group of an identity provider, as far as they have signed in.
    #[serde(rename_all = "camelCase")]
    Group {
        /// Name of the provider in the configuration.
        provider: String,
        /// The group's id at the provider.
        group_id: String,
    },
}

/// A team as lists show it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TeamSummary {
    /// Id.
    pub id: TeamId,
    /// Name.
    pub name: String,
    /// Description, possibly empty.
    pub description: String,
    /// Security roles that every member has through it.
    pub roles: Roles,
    /// Where members come from.
    pub membership: Membership,
    /// Number of members.
    pub members: u64,
}

/// A member of a team.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// The person.
    pub id: UserId,
    /// Name for people.
    pub name: String,
    /// Name to sign in with.
    pub user_name: String,
}

/// A team as its form shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Team {
    /// Id.
    pub id: TeamId,
    /// Name.
    pub name: String,
    /// Description, possibly empty.
    pub description: String,
    /// The person who may change who is a member, beside system administrators.
    pub administrator: Option<UserId>,
    /// Security roles that every member has through it.
    pub roles: Roles,
    /// Where members come from.
    pub membership: Membership,
    /// Members, by name.
    pub members: Vec<Member>,
    /// Raised by one with every change.
    pub row_version: i32,
}
