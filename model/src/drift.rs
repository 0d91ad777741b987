//! Where a target differs from what was last deployed there.

use crate::Timestamp;
use serde::{Deserialize, Serialize};

/// What a look at a target found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DriftCheck {
    /// When it was looked.
    pub checked: Timestamp,
    /// Every difference; none where the target is as it was deployed.
    pub drifts: Vec<Drift>,
    /// How many differences more there are than those listed.
    #[serde(default)]
    pub omitted: usize,
}

/// One difference.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Drift {
    /// What differs.
    pub kind: DriftKind,
    /// Its name: of the component, the variable, the connection reference; of the solution otherwise.
    pub name: String,
    /// What was deployed; empty for what was not. Values of secrets are masked.
    pub deployed: String,
    /// What the target has; empty for what it does not have. Values of secrets are masked.
    pub found: String,
}

/// What differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum DriftKind {
    /// The solution is not there any more.
    Solution,
    /// It has another version.
    Version,
    /// It is there unmanaged.
    Managed,
    /// A component is not there any more.
    Missing,
    /// A component has come to the solution.
    Added,
    /// A component has other content.
    Changed,
    /// An unmanaged change lies on top of a component.
    Overlaid,
    /// A variable has another value.
    Value,
    /// A reference has another connection.
    Connection,
}

impl DriftKind {
    /// The words on screen.
    pub fn label(self) -> &'static str {
        match self {
            Self::Solution => "Solution is gone",
            Self::Version => "Other version",
            Self::Managed => "Unmanaged instead of managed",
            Self::Missing => "Component is gone",
            Self::Added => "Component was added",
            Self::Changed => "Component was changed",
            Self::Overlaid => "Unmanaged change on top",
            Self::Value => "Other value",
            Self::Connection => "Other connection",
        }
    }
}

impl DriftCheck {
    /// How many differences there are.
    pub fn count(&self) -> usize {
        self.drifts.len() + self.omitted
    }

    /// What came of it in a few words.
    pub fn summary(&self) -> String {
        match self.count() {
            0 => "As it was deployed".to_owned(),
            1 => "1 difference from what was deployed".to_owned(),
            count => format!("{count} differences from what was deployed"),
        }
    }
}
