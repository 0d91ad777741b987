//! Pre-flight: what would go wrong if a package were deployed, found before anything is touched.
//!
//! Every rule is a pure function of the [`Subject`] in a file of its own, and stands in one table. Errors keep a
//! deployment from starting; warnings and information do not.

mod changes;
mod connection;
mod content_type;
mod custom_connector;
mod damaged_app;
mod exposure;
mod file_limits;
mod flow;
mod implied_dependency;
mod language;
mod managed_state;
mod missing_dependency;
mod missing_file;
mod missing_right;
mod needed_elsewhere;
mod old_format;
mod packaged_value;
mod pending_upgrade;
mod platform_dependency;
mod platform_version;
mod prefix;
mod publisher;
mod removed_components;
mod repeated_component;
mod rule;
mod running_operation;
mod settings;
mod target_validation;
mod undeclared_component;
mod undefined_component;
mod unmanaged_layer;
mod unreadable_file;
mod variable;
mod variable_default;
mod version;
mod wording;

#[cfg(test)]
pub(crate) mod fixture;

pub use changes::changes;
pub(crate) use changes::missing_in;
pub(crate) use missing_right::missing_rights;
pub use rule::{Entry, Group};
pub(crate) use settings::check_secret;
pub use settings::check_settings;
pub(crate) use settings::sentence;
pub(crate) use variable::unfit;

use rule::Rule;

use crate::environment_role::MissingRight;
use environment::Staged;
use model::{Component, Finding, SolutionVersion, package::PackageFacts, settings::DeploymentSettings};

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
    /// Whether an older version may take the place of a newer one.
    pub redeployment: bool,
    /// Rights that the deployment would need and that are not there.
    pub missing_rights: &'a [MissingRight],
}

/// Every rule, in the order in which their findings are shown where they matter alike.
const RULES: [Rule; 32] = [
    missing_right::RULE,
    managed_state::RULE,
    publisher::RULE,
    version::RULE,
    pending_upgrade::RULE,
    needed_elsewhere::RULE,
    missing_dependency::RULE,
    implied_dependency::RULE,
    target_validation::RULE,
    missing_file::RULE,
    undefined_component::RULE,
    undeclared_component::RULE,
    repeated_component::RULE,
    prefix::RULE,
    file_limits::RULE,
    platform_version::RULE,
    unreadable_file::RULE,
    connection::RULE,
    custom_connector::RULE,
    variable::RULE,
    variable_default::RULE,
    packaged_value::RULE,
    removed_components::RULE,
    unmanaged_layer::RULE,
    running_operation::RULE,
    damaged_app::RULE,
    content_type::RULE,
    old_format::RULE,
    language::RULE,
    exposure::RULE,
    flow::RULE,
    platform_dependency::RULE,
];

/// Every kind of finding the rules make, as the documentation and policies name them.
pub fn entries() -> impl Iterator<Item = &'static Entry> {
    RULES.iter().flat_map(|rule| rule.entries)
}

/// Everything the rules find, errors first.
pub fn check(subject: &Subject<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for rule in &RULES {
        let found = (rule.findings)(subject);
        debug_assert!(
            found.iter().all(|finding| rule.entries.iter().any(|entry| entry.id == finding.rule)),
            "a finding that its rule does not know: {found:?}"
        );
        findings.extend(found);
    }
    findings.sort_by_key(|finding| finding.severity);
    findings
}

/// The canvas apps, web resources and the like that a file of the package belongs to, as far as its name tells.
fn components_of_file(package: &PackageFacts, file: &str) -> Vec<Component> {
    let name = file.rsplit('/').next().unwrap_or(file).to_lowercase();
    let is_named = |component: &&Component| {
        let own = component.name.to_lowercase();
        own == file.to_lowercase() || name.strip_prefix(&own).is_some_and(|rest| rest.starts_with(['_', '.']))
    };
    package.components.iter().filter(is_named).cloned().collect()
}
