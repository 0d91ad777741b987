//! Every file that a component names is in the package.

use super::{Entry, Group, Rule, Subject, wording::described};
use model::{ComponentType, ErrorCode, Finding, Severity, inspection::MissingFile};

pub(super) const RULE: Rule = Rule {
    findings,
    entries: &[Entry {
        id: "missing-file",
        group: Group::Package,
        severity: Severity::Error,
        codes: &[ErrorCode::MISSING_APP_FILE, ErrorCode::MISSING_WEB_RESOURCE_FILE, ErrorCode::INVALID_FILE],
        summary: "A component names a file that is not in the package. A warning where it is a picture or a part of a connector.",
    }],
};

fn findings(subject: &Subject<'_>) -> Vec<Finding> {
    subject.package.inspection.missing_files.iter().map(finding).collect()
}

fn finding(missing: &MissingFile) -> Finding {
    let code = match missing.component.kind {
        ComponentType::CANVAS_APP => ErrorCode::MISSING_APP_FILE,
        ComponentType::WEB_RESOURCE => ErrorCode::MISSING_WEB_RESOURCE_FILE,
        _ => ErrorCode::INVALID_FILE,
    };
    // What an app or connector has beside its document, a target may get along without.
    let is_needed = match missing.component.kind {
        ComponentType::CANVAS_APP => missing.file.to_lowercase().ends_with(".msapp"),
        ComponentType::WORKFLOW | ComponentType::WEB_RESOURCE | ComponentType::PLUGIN_ASSEMBLY => true,
        _ => false,
    };
    Finding {
        severity: if is_needed { Severity::Error } else { Severity::Warning },
        code: Some(code),
        rule: "missing-file".to_owned(),
        title: format!("The file of {} is missing", described(&missing.component)),
        message: format!(
            "The {} is described in the package, and its file “{}” is not there.",
            described(&missing.component),
            missing.file
        ),
        components: vec![missing.component.clone()],
        remedy: "Export the solution again, and pack it with all of its files.".to_owned(),
        action: None,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

    use crate::preflight::fixture::{codes, package, target, verdict};
    use model::{Component, ComponentType, inspection::MissingFile};

    #[test]
    fn a_file_that_is_not_there_is_named_with_its_component() {
        for (kind, code) in [
            (ComponentType::CANVAS_APP, "0x80072356"),
            (ComponentType::WEB_RESOURCE, "0x8004F11A"),
            (ComponentType::WORKFLOW, "0x80048000"),
        ] {
            let mut orders = package("Orders", "1.0.0.0");
            let component = Component::new(kind, "new_it");
            orders.inspection.missing_files.push(MissingFile { file: "Some/File.msapp".to_owned(), component });
            let findings = verdict(&orders, &target(&[]));
            assert_eq!(codes(&findings), [code]);
            assert!(findings[0].message.contains("“Some/File.msapp”"));
        }
    }
}
