//! The areas of the site.

use model::id::EnvironmentId;

/// The area a page belongs to. It decides colours and navigation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Area {
    /// Pages for somebody who has not signed in.
    Public,
    /// Pages that belong to no environment.
    General,
    /// Pages of an environment.
    Environment(EnvironmentId),
    /// Pages of a solution in an environment, and of its runs.
    Solution {
        /// The environment.
        environment: EnvironmentId,
        /// Unique name of the solution.
        solution: String,
    },
    /// *Deployment Pipeline Configuration*.
    Configuration,
}

impl Area {
    /// The class of the page: `maker` is purple, `configuration` blue.
    pub(super) fn name(&self) -> &'static str {
        if *self == Self::Configuration { "configuration" } else { "maker" }
    }

    /// The environment a page is about.
    pub(super) fn environment(&self) -> Option<EnvironmentId> {
        match self {
            Self::Environment(environment) | Self::Solution { environment, .. } => Some(*environment),
            Self::Public | Self::General | Self::Configuration => None,
        }
    }
}
