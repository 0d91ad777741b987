//! What a target says to a package: a pure function over what the package asks and what the target has.

use model::{
    ErrorCode, SolutionVersion,
    connection::Connection,
    package::{MissingDependency, PackageFacts},
    solution::{SolutionContents, SolutionSummary},
};

/// What a target has, as far as pre-flight is concerned.
#[derive(Clone, Debug, Default)]
pub struct TargetState {
    /// Every solution with its contents.
    pub solutions: Vec<SolutionContents>,
    /// Its connections.
    pub connections: Vec<Connection>,
    /// The solution operation that is running, such as `Import`.
    pub running_operation: Option<String>,
}

/// A dependency the target does not meet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnmetDependency {
    /// The dependency as the package states it.
    pub dependency: MissingDependency,
    /// The version of the required solution that the target has, where it has it but without the component or too old.
    pub installed: Option<SolutionVersion>,
}

/// What a target says to a package.
#[derive(Clone, Debug, Default)]
pub struct Staged {
    /// The solution of the same name that is there already, with its contents.
    pub previous: Option<SolutionContents>,
    /// Every solution of the target.
    pub solutions: Vec<SolutionSummary>,
    /// Dependencies that are not met: the import would fail.
    pub unmet: Vec<UnmetDependency>,
    /// Dependencies on solutions of the platform, whose presence this target cannot tell.
    pub assumed: Vec<MissingDependency>,
    /// Connections that can be bound.
    pub connections: Vec<Connection>,
    /// The solution operation that is running, such as `Import`.
    pub running_operation: Option<String>,
    /// What the target's own validation says beyond that (Dataverse only).
    pub validation: Vec<(model::Severity, Option<ErrorCode>, String)>,
}

/// Stages a package against what a target has.
pub fn stage(_package: &PackageFacts, _target: &TargetState) -> Staged {
    Staged::default()
}
