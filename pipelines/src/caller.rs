//! Who asks.

use model::{
    audit::AuditThrough,
    id::{TeamId, UserId},
    token::Scopes,
    user::{Role, Roles},
};
use std::{net::IpAddr, sync::Arc};

use crate::{Error, Result};

/// The person an operation is done for, and where the request came from. Made by the server from a session or a token,
/// and by nobody else.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Caller {
    /// The person.
    pub user: UserId,
    /// Name for records of what was done.
    pub name: String,
    /// Roles in the host, the person's own and those of their teams.
    pub roles: Roles,
    /// Teams the person is a member of.
    pub teams: Arc<[TeamId]>,
    /// Where the request came from.
    pub origin: Origin,
    /// What the caller may do at most, whatever the person may: everything, but for a program with a token.
    pub scopes: Scopes,
}

/// Where a request came from, for the audit log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// How the person came to act.
    pub through: AuditThrough,
    /// Which session or token; never what gives access to it.
    pub through_id: Option<String>,
    /// The address at the other end.
    pub remote_address: Option<IpAddr>,
    /// The request, as the log of the process knows it.
    pub request_id: Option<String>,
}

impl Default for Origin {
    fn default() -> Self {
        Self::system()
    }
}

impl Origin {
    /// The host itself: its start, its worker, its command line.
    pub fn system() -> Self {
        Self { through: AuditThrough::System, through_id: None, remote_address: None, request_id: None }
    }
}

impl Caller {
    /// A person without teams whose request comes from the host itself.
    pub fn new(user: UserId, name: impl Into<String>, roles: Roles) -> Self {
        Self { user, name: name.into(), roles, teams: Arc::new([]), origin: Origin::system(), scopes: Scopes::ALL }
    }

    /// The host itself, when it does something that nobody asked for: its first start, its command line.
    pub fn system() -> Self {
        Self::new(UserId(uuid::Uuid::nil()), "Slipway", Roles::ADMINISTRATOR)
    }

    /// The same person as a member of teams.
    #[must_use]
    pub fn among(self, teams: impl Into<Arc<[TeamId]>>) -> Self {
        Self { teams: teams.into(), ..self }
    }

    /// The same person, asking from somewhere.
    #[must_use]
    pub fn from(self, origin: Origin) -> Self {
        Self { origin, ..self }
    }

    /// The same person, through something that may not do everything they may.
    #[must_use]
    pub fn limited_to(self, scopes: Scopes) -> Self {
        Self { scopes, ..self }
    }

    /// Goes on only for a person who acts themselves: what concerns their own account is not for programs.
    pub(crate) fn require_person(&self) -> Result<()> {
        if self.origin.through == AuditThrough::Token {
            return Err(Error::Forbidden("A token cannot do this: sign in with your browser.".to_owned()));
        }
        Ok(())
    }

    /// What the person may do and how, in a word: a session whose word is another one than before gets a new id.
    pub fn standing(&self) -> String {
        self.roles.names().join(" ")
    }

    /// Whether the person has full control of pipelines, environments and runs: *Deployment Pipeline Administrator*.
    pub fn is_administrator(&self) -> bool {
        self.roles.has(Role::PipelineAdministrator)
    }

    /// Whether the person looks after people, teams and settings: *System Administrator*.
    pub fn is_system_administrator(&self) -> bool {
        self.roles.has(Role::SystemAdministrator)
    }

    /// Goes on only for a Deployment Pipeline Administrator. For reading; what changes something asks
    /// [`crate::access::permit`], which keeps a record of refusals.
    pub fn require_administrator(&self) -> Result<()> {
        crate::access::configuration(self)
    }

    /// Goes on only for a System Administrator; as [`Caller::require_administrator`].
    pub fn require_system_administrator(&self) -> Result<()> {
        crate::access::accounts(self)
    }
}
