//! Pre-flight: what would go wrong if a package were deployed, found before anything is touched.
//!
//! Every rule is a pure function of the [`Subject`] in a file of its own, and stands in one table. Errors keep a
//! deployment from starting; warnings and information do not.

mod changes;
mod connection;
mod managed_state;
mod missing_dependency;
mod packaged_value;
mod platform_dependency;
mod publisher;
mod removed_components;
mod running_operation;
mod settings;
mod target_validation;
mod unreadable_file;
mod variable;
mod version;
mod wording;

#[cfg(test)]
mod fixture;

pub use changes::changes;
pub use settings::check_settings;

use environment::Staged;
use model::{Finding, SolutionVersion, package::PackageFacts, settings::DeploymentSettings};

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

type Rule = fn(&Subject<'_>) -> Vec<Finding>;

/// Every rule, in the order in which their findings are shown where they matter alike.
const RULES: [Rule; 12] = [
    managed_state::findings,
    publisher::findings,
    version::findings,
    missing_dependency::findings,
    target_validation::findings,
    connection::findings,
    variable::findings,
    running_operation::findings,
    removed_components::findings,
    packaged_value::findings,
    unreadable_file::findings,
    platform_dependency::findings,
];

/// Everything the rules find, errors first.
pub fn check(subject: &Subject<'_>) -> Vec<Finding> {
    let mut findings: Vec<Finding> = RULES.iter().flat_map(|rule| rule(subject)).collect();
    findings.sort_by_key(|finding| finding.severity);
    findings
}
