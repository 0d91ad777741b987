//! The document of a canvas app is a zip of its own, and whole.

use super::{Entry, Group, Rule, Subject};
use model::{ErrorCode, Finding, Severity};

pub(super) const RULE: Rule = Rule {
    findings,
    entries: &[Entry {
        id: "damaged-app",
        group: Group::Package,
        severity: Severity::Warning,
        codes: &[ErrorCode::MISSING_APP_FILE],
        summary: "The document of a canvas app (`.msapp`) is cut off or no zip file, though the package around it is whole.",
    }],
};

fn findings(subject: &Subject<'_>) -> Vec<Finding> {
    let package = subject.package;
    let finding = |file: &model::package::UnreadableFile| Finding {
        severity: Severity::Warning,
        code: Some(file.code),
        rule: "damaged-app".to_owned(),
        title: "A canvas app is not whole".to_owned(),
        message: format!(
            "{} The target may import it, and nobody could open the app there. File: {}.",
            file.message, file.file
        ),
        components: super::components_of_file(package, &file.file),
        remedy: "Open the app in the development environment, save and publish it, then export the solution again."
            .to_owned(),
        action: None,
    };
    package.inspection.damaged_apps.iter().map(finding).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

    use crate::preflight::fixture::{package, rules, target, verdict};
    use model::{Component, ComponentType, ErrorCode, package::UnreadableFile};

    #[test]
    fn an_app_that_is_cut_off_is_a_warning_that_names_it() {
        let mut orders = package("Orders", "1.0.0.0");
        orders.components.push(Component::new(ComponentType::CANVAS_APP, "new_app_1"));
        orders.inspection.damaged_apps.push(UnreadableFile {
            file: "CanvasApps/new_app_1_DocumentUri.msapp".to_owned(),
            code: ErrorCode::MISSING_APP_FILE,
            message: "The canvas app “Orders” is not whole: its document ends too early.".to_owned(),
        });
        let findings = verdict(&orders, &target(&[]));
        assert_eq!(rules(&findings), ["damaged-app"]);
        assert_eq!(findings[0].components[0].name, "new_app_1");
        assert!(!findings[0].blocks());
    }
}
