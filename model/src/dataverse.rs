//! Dataverse environments that a Slipway is connected to.

use crate::{Timestamp, id::EnvironmentId};
use serde::{Deserialize, Serialize};

/// How a Dataverse environment is reached, without what is secret about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DataverseConnection {
    /// The Environment ID.
    pub id: EnvironmentId,
    /// Name for people.
    pub name: String,
    /// Address of the environment: `https://contoso.crm4.dynamics.com`.
    pub url: String,
    /// Tenant: its id or one of its domains.
    pub tenant: String,
    /// Application (client) ID.
    pub client_id: String,
    /// Address of Entra ID.
    pub authority: String,
    /// Whether the application signs in with a certificate, and not with a secret.
    pub has_certificate: bool,
    /// What came of the last try; none where nobody has tried since something was changed.
    pub tried: Option<ConnectionTrial>,
    /// Counts changes.
    pub row_version: i32,
    /// When it was last changed, and by whom.
    pub modified: (Timestamp, String),
}

/// What came of trying to use an environment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConnectionTrial {
    /// When.
    pub at: Timestamp,
    /// The steps that were tried, up to the first that failed.
    pub steps: Vec<TrialStep>,
}

impl ConnectionTrial {
    /// Whether every step worked.
    pub fn succeeded(&self) -> bool {
        !self.steps.is_empty() && self.steps.iter().all(|step| step.succeeded)
    }
}

/// One step of a try.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrialStep {
    /// What was tried.
    pub step: String,
    /// Whether it worked.
    pub succeeded: bool,
    /// What was found, or why it did not work and what to do about it.
    pub message: String,
}
