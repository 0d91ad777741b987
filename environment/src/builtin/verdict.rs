//! Whether an environment takes a package. A pure rule; the codes and the first sentences are the platform's.

use crate::{Staged, TargetState, staging};
use model::{Component, ErrorCode, Severity, package::PackageFacts};
use std::fmt::Write;

/// Dependencies a message names before it says only how many more there are.
const NAMED: usize = 20;

/// Solutions that the platform brings itself.
const SYSTEM_SOLUTIONS: [&str; 4] = ["active", "basic", "default", "system"];

/// Why an import cannot be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    /// The platform's code, where it has one.
    pub code: Option<ErrorCode>,
    /// Why, in a sentence.
    pub message: String,
}

impl Refusal {
    pub(super) fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self { code: Some(code), message: message.into() }
    }
}

/// Stages a package against what an environment has, with what only an environment that Slipway keeps itself can say:
/// it takes no package that it could not read to the end.
pub(super) fn staged(package: &PackageFacts, target: &TargetState) -> Staged {
    let mut staged = staging::stage(package, target);
    if SYSTEM_SOLUTIONS.contains(&package.unique_name.to_ascii_lowercase().as_str()) {
        let message =
            format!("System solution cannot be imported: {} is a solution of the platform.", package.unique_name);
        staged.validation.push((Severity::Error, Some(ErrorCode::SYSTEM_SOLUTION), message));
    }
    let damaged = package.unreadable_files.iter().map(|file| (Severity::Error, Some(file.code), file.message.clone()));
    staged.validation.extend(damaged);
    staged
}

/// Says why a package cannot be imported into the environment it was staged against, if it cannot.
pub(super) fn refusal(package: &PackageFacts, staged: &Staged) -> Option<Refusal> {
    let name = &package.unique_name;
    if let Some((_, code, message)) = staged.validation.iter().find(|(severity, ..)| *severity == Severity::Error) {
        return Some(Refusal { code: *code, message: message.clone() });
    }
    if let Some(previous) = &staged.previous {
        let before = &previous.summary;
        if package.managed && !before.managed {
            let message = format!(
                "The solution {name} is already installed on this system as an unmanaged solution and the package supplied is attempting to install it in managed mode. Import can only update solutions when the modes match. Uninstall the current solution and try again."
            );
            return Some(Refusal::new(ErrorCode::MANAGED_OVER_UNMANAGED, message));
        }
        if !package.managed && before.managed {
            let message = format!(
                "The solution {name} is already installed on this system as a managed solution and the package supplied is attempting to install it in unmanaged mode. Import can only update solutions when the modes match. Uninstall the current solution and try again."
            );
            return Some(Refusal::new(ErrorCode::UNMANAGED_OVER_MANAGED, message));
        }
        if package.managed && !before.publisher.unique_name.eq_ignore_ascii_case(&package.publisher) {
            let message = format!(
                "The following managed solution cannot be imported: {name}. The publisher name cannot be changed from {} to {}.",
                before.publisher.unique_name, package.publisher
            );
            return Some(Refusal::new(ErrorCode::WRONG_PUBLISHER, message));
        }
    }
    if let Some(holding) = staged.pending_upgrade(name) {
        let message = format!(
            "Solution manifest import: FAILURE: Holding solution {} exists. Cannot update solution.",
            holding.unique_name
        );
        return Some(Refusal::new(ErrorCode::UPGRADE_FAILED, message));
    }
    if let Some(blocked) = blocked(package, staged) {
        return Some(Refusal::new(ErrorCode::ATTACHMENT_BLOCKED, blocked));
    }
    if !staged.unmet.is_empty() {
        return Some(Refusal::new(ErrorCode::MISSING_DEPENDENCIES, missing(name, staged)));
    }
    let first = staged.needed.first()?;
    let message = format!(
        "The {} component cannot be deleted because it is referenced by other components: the solution {} needs it. DependencyCount : {}.",
        named(&first.component),
        first.solution,
        staged.needed.len()
    );
    Some(Refusal::new(ErrorCode::COMPONENT_IN_USE, message))
}

/// Which file the environment does not take.
fn blocked(package: &PackageFacts, staged: &Staged) -> Option<String> {
    let properties = staged.properties.as_ref()?;
    let too_large = package.inspection.largest_file.as_ref().filter(|file| properties.is_too_large(file.bytes));
    let file = too_large.map(|file| &file.file).or_else(|| {
        let mut extensions = package.inspection.extensions.iter();
        extensions.find(|one| properties.is_blocked(&one.extension)).map(|one| &one.file)
    })?;
    Some(format!(
        "The attachment is either not a valid type or is too large. It cannot be uploaded or downloaded. File: {file}."
    ))
}

fn missing(name: &str, staged: &Staged) -> String {
    let mut message = format!(
        "The following solution cannot be imported: {name}. Some dependencies are missing. The missing dependencies are:"
    );
    for (index, unmet) in staged.unmet.iter().take(NAMED).enumerate() {
        let dependency = &unmet.dependency;
        let separator = if index == 0 { "" } else { ";" };
        // Writing to a String does not fail.
        let _ = write!(
            message,
            "{separator} {} of {}, needed by {}",
            named(&dependency.required),
            dependency.required_solution.text(),
            named(&dependency.dependent)
        );
    }
    let more = staged.unmet.len().saturating_sub(NAMED);
    if more > 0 {
        let _ = write!(message, "; and {more} more");
    }
    message.push('.');
    message
}

/// A component as messages name it: `Column “msdyn_name” of “msdyn_aimodel”`.
pub(super) fn named(component: &Component) -> String {
    let kind = component.kind.label();
    match component.parent.as_deref().filter(|parent| !parent.is_empty()) {
        Some(parent) => format!("{kind} “{}” of “{parent}”", component.name),
        None => format!("{kind} “{}”", component.name),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;
    use crate::{
        builtin::tests::package::{contents, dependency, facts},
        staging::UnmetDependency,
    };
    use model::package::UnreadableFile;

    fn staged_over(managed: bool, publisher: &str) -> Staged {
        let mut previous = contents("Sample", "1.0.0.0", managed);
        previous.summary.publisher.unique_name = publisher.to_owned();
        Staged { previous: Some(previous), ..Staged::default() }
    }

    #[test]
    fn an_import_is_refused_with_the_platforms_code() {
        let code = |package: &PackageFacts, staged: &Staged| refusal(package, staged).and_then(|refusal| refusal.code);
        let managed = facts("Sample", "1.0.0.1", true);
        let unmanaged = facts("Sample", "1.0.0.1", false);
        let publisher = managed.publisher.clone();
        for (package, staged, expected) in [
            (&managed, Staged::default(), None),
            (&managed, staged_over(true, &publisher.to_uppercase()), None),
            (&unmanaged, staged_over(false, "Somebody"), None),
            (&managed, staged_over(false, &publisher), Some(ErrorCode::MANAGED_OVER_UNMANAGED)),
            (&unmanaged, staged_over(true, &publisher), Some(ErrorCode::UNMANAGED_OVER_MANAGED)),
            (&managed, staged_over(true, "Somebody"), Some(ErrorCode::WRONG_PUBLISHER)),
        ] {
            assert_eq!(code(package, &staged), expected, "{} {}", package.unique_name, package.managed);
        }
    }

    #[test]
    fn a_damaged_package_and_a_solution_of_the_platform_are_refused_by_staging_already() {
        let mut damaged = facts("Sample", "1.0.0.0", true);
        damaged.unreadable_files.push(UnreadableFile {
            file: "customizations.xml".to_owned(),
            code: ErrorCode::INVALID_XML,
            message: "customizations.xml is damaged.".to_owned(),
        });
        for (package, code) in
            [(damaged, ErrorCode::INVALID_XML), (facts("Default", "1.0.0.0", true), ErrorCode::SYSTEM_SOLUTION)]
        {
            let staged = staged(&package, &TargetState::default());
            assert_eq!(staged.validation.len(), 1);
            assert_eq!(refusal(&package, &staged).unwrap().code, Some(code));
        }
        let good = facts("Sample", "1.0.0.0", true);
        assert_eq!(refusal(&good, &staged(&good, &TargetState::default())), None);
    }

    #[test]
    fn missing_dependencies_are_named_with_what_needs_them() {
        let unmet = |name: String| UnmetDependency { dependency: dependency(&name, "Core (1.2.0.0)"), installed: None };
        let staged =
            Staged { unmet: (0..22).map(|index| unmet(format!("new_table{index}"))).collect(), ..Staged::default() };
        let refusal = refusal(&facts("Sample", "1.0.0.0", true), &staged).unwrap();
        assert_eq!(refusal.code, Some(ErrorCode::MISSING_DEPENDENCIES));
        let beginning = "The following solution cannot be imported: Sample. Some dependencies are missing. The missing dependencies are: Table “new_table0” of Core (1.2.0.0), needed by Canvas app “new_app”; Table “new_table1”";
        assert!(refusal.message.starts_with(beginning), "{}", refusal.message);
        assert!(refusal.message.ends_with("; and 2 more."), "{}", refusal.message);
    }
}
