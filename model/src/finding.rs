//! What pre-flight finds.

use crate::{Component, ErrorCode};
use serde::{Deserialize, Serialize};

/// How much a finding matters: errors block a deployment, warnings and information do not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The deployment would fail.
    Error,
    /// The deployment works, but somebody should know.
    Warning,
    /// Worth knowing.
    Information,
}

impl Severity {
    /// The word on screen.
    pub fn label(self) -> &'static str {
        match self {
            Self::Error => "Error",
            Self::Warning => "Warning",
            Self::Information => "Information",
        }
    }
}

/// One thing pre-flight found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// How much it matters.
    pub severity: Severity,
    /// The platform's code, where it has one.
    pub code: Option<ErrorCode>,
    /// The rule that found it, in kebab case: `missing-dependency`.
    pub rule: String,
    /// A few words for a heading.
    pub title: String,
    /// What is wrong, in a sentence.
    pub message: String,
    /// The components concerned.
    pub components: Vec<Component>,
    /// What to do about it, in a sentence; empty where there is nothing to do.
    #[serde(default)]
    pub remedy: String,
}

impl Finding {
    /// Whether this finding keeps a deployment from starting.
    pub fn blocks(&self) -> bool {
        self.severity == Severity::Error
    }
}
