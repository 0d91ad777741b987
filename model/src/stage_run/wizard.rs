//! The deploy wizard.

use super::StageRun;
use crate::{
    comparison::Comparison,
    connection::{Connection, ConnectionReference},
    variable::EnvironmentVariable,
};
use serde::{Deserialize, Serialize};

/// A step of the wizard. A step that does not apply to a run is not among its steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum WizardStep {
    /// Pipeline and stage.
    Destination,
    /// Pre-flight and what it found.
    PreFlight,
    /// Connections for the connection references.
    Connections,
    /// Values for the environment variables.
    Variables,
    /// What the deployment will do to the target.
    Changes,
    /// Version, notes, Deploy.
    Summary,
}

impl WizardStep {
    /// The word in the URL.
    pub fn name(self) -> &'static str {
        match self {
            Self::Destination => "destination",
            Self::PreFlight => "pre-flight",
            Self::Connections => "connections",
            Self::Variables => "variables",
            Self::Changes => "changes",
            Self::Summary => "summary",
        }
    }

    /// The step of a word.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Destination, Self::PreFlight, Self::Connections, Self::Variables, Self::Changes, Self::Summary]
            .into_iter()
            .find(|step| step.name() == name)
    }

    /// The words on screen.
    pub fn label(self) -> &'static str {
        match self {
            Self::Destination => "Destination",
            Self::PreFlight => "Pre-flight",
            Self::Connections => "Connections",
            Self::Variables => "Environment variables",
            Self::Changes => "What will change",
            Self::Summary => "Summary",
        }
    }
}

/// A connection reference of the wizard with what can be chosen for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReferenceToBind {
    /// The reference.
    pub reference: ConnectionReference,
    /// Connections of the right connector in the target.
    pub choices: Vec<Connection>,
    /// The one chosen, carried over, or the target's own.
    pub chosen: Option<String>,
}

/// A variable of the wizard.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VariableToSet {
    /// The definition.
    pub definition: EnvironmentVariable,
    /// What the target has now; masked for secrets.
    pub target_value: Option<String>,
    /// What was entered or carried over; never given back for secrets.
    pub entered: Option<String>,
    /// Whether something was entered (tells so for secrets, too).
    pub is_entered: bool,
    /// Whether a value has to be given: the package has no default and the target no value.
    pub is_needed: bool,
}

/// The kind of change a deployment makes to a component of the target.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ChangeKind {
    /// Not there yet.
    Added,
    /// There, with other content or, where content cannot be compared, part of another version.
    Changed,
    /// Leaves the target.
    Removed,
    /// The same as it is.
    Unchanged,
}

/// One component that a deployment would touch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// What happens.
    pub kind: ChangeKind,
    /// To which component.
    pub component: crate::Component,
    /// Whether rows of data go with it (a table or a column is removed).
    pub loses_data: bool,
}

/// A solution that can be deployed before another one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SolutionAtHand {
    /// Unique name.
    pub unique_name: String,
    /// Name for people.
    pub display_name: String,
}

/// A run in the wizard: everything its steps need.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wizard {
    /// The run.
    pub run: StageRun,
    /// The steps that apply, in order.
    pub steps: Vec<WizardStep>,
    /// Connections to choose.
    pub connections: Vec<ReferenceToBind>,
    /// Values to give.
    pub variables: Vec<VariableToSet>,
    /// What will change; or a sentence why that cannot be told, which keeps nobody from deploying.
    pub comparison: Result<Comparison, String>,
    /// Deployment notes drafted from that, for whoever deploys to use or not.
    pub drafted_notes: String,
    /// Solutions that findings name and that the source has, so that they can be deployed first.
    pub at_hand: Vec<SolutionAtHand>,
    /// What was entered so far is wrong in these places.
    pub problems: Vec<crate::FieldProblem>,
    /// When it can be deployed.
    pub timing: Timing,
}

/// When a run can be deployed, as the wizard tells it beforehand.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Timing {
    /// What the run would wait for if it were deployed now, in a sentence; none where it would not wait for a time.
    pub waits_for: Option<String>,
    /// The windows of the stage in a line; none where it may be deployed to at any time of the week.
    pub windows: Option<String>,
    /// The time zone of the person who looks, by its IANA name.
    pub time_zone: String,
}
