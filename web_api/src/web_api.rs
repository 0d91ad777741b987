//! The Web API and who may use it.

use crate::throttle::{Limits, Throttle};
use async_trait::async_trait;
use environment::{Clock, EnvironmentError, PackageStore, builtin::BuiltIn};
use model::id::EnvironmentId;
use std::sync::Arc;
use uuid::Uuid;

/// Somebody who uses an environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Principal {
    /// `systemuserid`.
    pub id: Uuid,
    /// Name for people.
    pub name: String,
}

/// Who made a request, as an extension of its answer, for whoever writes down what was done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asked {
    /// A token was asked for, by whoever says to be this client.
    Token(String),
    /// Something was asked of an environment.
    Environment(EnvironmentId, Principal),
}

/// What a bearer token gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Admission {
    /// Nobody knows the token, or it has ended.
    Unknown,
    /// The token is good, and not for this environment.
    Elsewhere,
    /// Its bearer may use the environment.
    Admitted(Principal),
}

/// Decides who may use an environment.
#[async_trait]
pub trait Gate: Send + Sync {
    /// Whose token this is, and whether it is good for an environment.
    async fn admit(&self, token: &str, environment: EnvironmentId) -> Result<Admission, EnvironmentError>;
}

/// Application users alone: the gate of an environment that nobody else uses.
#[async_trait]
impl Gate for BuiltIn {
    async fn admit(&self, token: &str, environment: EnvironmentId) -> Result<Admission, EnvironmentError> {
        Ok(match self.application_of_token(token).await? {
            None => Admission::Unknown,
            Some(user) if user.environment != environment => Admission::Elsewhere,
            Some(user) => Admission::Admitted(Principal { id: user.id, name: user.name }),
        })
    }
}

/// The Web API of built-in environments. Cheap to clone: every clone is the same.
#[derive(Clone)]
pub struct WebApi {
    pub(crate) built_in: BuiltIn,
    pub(crate) packages: PackageStore,
    pub(crate) gate: Arc<dyn Gate>,
    pub(crate) throttle: Arc<Throttle>,
    pub(crate) public_url: Option<String>,
}

impl WebApi {
    /// The Web API of some built-in environments. `public_url` is the address clients use, where a proxy stands in
    /// front; otherwise each client's own `Host` is believed.
    pub fn new(
        built_in: BuiltIn,
        packages: PackageStore,
        gate: Arc<dyn Gate>,
        clock: Arc<dyn Clock>,
        limits: Limits,
        public_url: Option<String>,
    ) -> Self {
        let throttle = Arc::new(Throttle::new(limits, clock));
        let public_url = public_url.map(|url| url.trim_end_matches('/').to_owned());
        Self { built_in, packages, gate, throttle, public_url }
    }
}
