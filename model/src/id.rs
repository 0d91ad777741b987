//! Ids, one type for each kind of record, so that one cannot be passed for another.

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};
use uuid::Uuid;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(formatter)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Uuid::parse_str(text.trim()).map(Self)
            }
        }

        impl From<Uuid> for $name {
            fn from(value: Uuid) -> Self {
                Self(value)
            }
        }

        impl From<$name> for Uuid {
            fn from(value: $name) -> Self {
                value.0
            }
        }
    )+};
}

ids! {
    /// A person with an account.
    UserId,
    /// A team of people.
    TeamId,
    /// An environment itself: what the platform calls the *Environment ID*.
    EnvironmentId,
    /// The host's record of an environment (the platform's `deploymentenvironmentid`).
    DeploymentEnvironmentId,
    /// A pipeline (`deploymentpipelineid`).
    PipelineId,
    /// A stage of a pipeline (`deploymentstageid`).
    StageId,
    /// A freeze of a stage.
    FreezeId,
    /// One run of a stage (`deploymentstagerunid`).
    StageRunId,
    /// One version of a solution as the host keeps it (`deploymentartifactid`).
    ArtifactId,
    /// A solution inside one environment (`solutionid`).
    SolutionId,
    /// One import into an environment (`importjobid`).
    ImportJobId,
    /// A session of somebody who signed in. Names it in lists; it opens nothing.
    SessionId,
    /// An application that uses the Web API of an environment: its client id.
    ApplicationId,
    /// A webhook.
    WebhookId,
    /// One event on its way to one webhook.
    DeliveryId,
    /// A token with which a program acts for a person. Names it in lists; it opens nothing.
    TokenId,
}
