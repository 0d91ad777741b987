//! Who asks.

use crate::{Error, Result};
use model::{id::UserId, user::Role};

/// The person an operation is done for. Made from a session by the server, and by nobody else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// The person.
    pub user: UserId,
    /// Name for records of what was done.
    pub name: String,
    /// Role in the host.
    pub role: Role,
}

impl Caller {
    /// Whether the person configures the host.
    pub fn is_administrator(&self) -> bool {
        self.role == Role::Administrator
    }

    /// Goes on only for an administrator.
    pub fn require_administrator(&self) -> Result<()> {
        if self.is_administrator() {
            Ok(())
        } else {
            Err(Error::Forbidden(format!("This needs the role {}.", Role::Administrator.label())))
        }
    }
}
