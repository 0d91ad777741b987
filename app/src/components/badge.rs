//! Small labels for a state.

use super::Icon;
use leptos::prelude::*;
use model::{environment::ValidationStatus, finding::Severity, stage_run::StageRunStatus};

/// What a message or a label is about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Intent {
    /// Worth knowing.
    #[default]
    Information,
    /// Done.
    Success,
    /// Look out.
    Warning,
    /// Failed.
    Error,
}

impl Intent {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Information => "information",
            Self::Success => "success",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }

    pub(super) fn icon(self) -> &'static str {
        match self {
            Self::Information => "info",
            Self::Success => "checkmark-circle",
            Self::Warning => "warning",
            Self::Error => "error-circle",
        }
    }
}

impl From<Severity> for Intent {
    fn from(severity: Severity) -> Self {
        match severity {
            Severity::Error => Self::Error,
            Severity::Warning => Self::Warning,
            Severity::Information => Self::Information,
        }
    }
}

/// A small label for a state.
#[component]
pub fn Badge(
    /// What it is about.
    #[prop(optional)]
    intent: Intent,
    /// Another icon than that of the intent.
    #[prop(optional)]
    icon: Option<&'static str>,
    /// The text.
    children: Children,
) -> impl IntoView {
    view! {
        <span class=format!("badge {}", intent.name())>
            <Icon name=icon.unwrap_or(intent.icon())/>
            <span>{children()}</span>
        </span>
    }
    .into_any()
}

/// The status of a run.
#[component]
pub fn StatusBadge(
    /// The status.
    status: StageRunStatus,
) -> impl IntoView {
    let (intent, icon) = match status {
        StageRunStatus::Succeeded => (Intent::Success, "checkmark-circle"),
        StageRunStatus::Failed => (Intent::Error, "error-circle"),
        StageRunStatus::Canceled => (Intent::Information, "prohibited"),
        StageRunStatus::ValidationSucceeded => (Intent::Warning, "person-clock"),
        StageRunStatus::NotStarted | StageRunStatus::Scheduled | StageRunStatus::PreDeploySucceeded => {
            (Intent::Information, "clock")
        }
        StageRunStatus::Started
        | StageRunStatus::Validating
        | StageRunStatus::PreDeployInProgress
        | StageRunStatus::Deploying => (Intent::Information, "arrow-sync"),
    };
    view! { <Badge intent icon>{status.label()}</Badge> }.into_any()
}

/// What came of connecting to an environment.
#[component]
pub fn ValidationBadge(
    /// The status.
    status: ValidationStatus,
) -> impl IntoView {
    let (intent, icon) = match status {
        ValidationStatus::Pending => (Intent::Information, "clock"),
        ValidationStatus::Success => (Intent::Success, "checkmark-circle"),
        ValidationStatus::Failed => (Intent::Error, "error-circle"),
    };
    view! { <Badge intent icon>{status.label()}</Badge> }.into_any()
}
