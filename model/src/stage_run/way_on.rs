//! What can still be done about a run that has ended.

use super::ProgressionBlock;
use crate::{Component, SolutionVersion};
use serde::{Deserialize, Serialize};

/// Something that can be done about a run, or why not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum WayOn {
    /// It can be done.
    Open,
    /// It cannot be done, for this reason in a sentence.
    Closed(String),
}

impl From<Option<String>> for WayOn {
    fn from(obstacle: Option<String>) -> Self {
        obstacle.map_or(Self::Open, Self::Closed)
    }
}

/// The way back to the version that the target had before a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RollBack {
    /// That version; none when there was none.
    pub to: Option<SolutionVersion>,
    /// What the run brought that the version before does not have; it leaves the target unless another solution brings
    /// it, too.
    pub removed: Vec<Component>,
    /// Why it is not done in one click; none when it is.
    pub obstacle: Option<String>,
}

/// What can still be done about a run. None stands for what makes no sense for it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct WaysOn {
    /// Try it again from the step that failed.
    pub retry: Option<WayOn>,
    /// Deploy its version once more.
    pub redeploy: Option<WayOn>,
    /// Go back to the version before.
    pub roll_back: Option<RollBack>,
    /// Why its version must not go on to any further stage.
    pub block: Option<ProgressionBlock>,
    /// Whether the person who looks may keep its version from going on, and let it go on again.
    pub may_block: bool,
}
