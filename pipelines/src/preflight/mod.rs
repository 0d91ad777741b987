//! Pre-flight: what would go wrong if a package were deployed, found before anything is touched.

mod changes;

pub use changes::changes;

use environment::Staged;
use model::{FieldProblem, Finding, SolutionVersion, package::PackageFacts, settings::DeploymentSettings};

/// What pre-flight looks at.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a> {
    /// The package.
    pub package: &'a PackageFacts,
    /// What the target says to it.
    pub staged: &'a Staged,
    /// The version the stage has deployed last, where that is known apart from the target.
    pub stage_installed: Option<&'a SolutionVersion>,
    /// The settings of the deployment; none before they are given.
    pub settings: Option<&'a DeploymentSettings>,
}

/// Everything the rules find, errors first.
pub fn check(_subject: &Subject<'_>) -> Vec<Finding> {
    Vec::new()
}

/// What is wrong with settings, at their fields: `connection:<logical name>` and `variable:<schema name>`.
pub fn check_settings(_package: &PackageFacts, _staged: &Staged, _settings: &DeploymentSettings) -> Vec<FieldProblem> {
    Vec::new()
}
