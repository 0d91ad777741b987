//! A file of the package is damaged: what stands in it was not looked at.

use super::{Entry, Group, Rule, Subject};
use model::{ErrorCode, Finding, Severity, package::UnreadableFile};

pub(super) const RULE: Rule = Rule {
    findings,
    entries: &[
        Entry {
            id: "unreadable-file",
            group: Group::Package,
            severity: Severity::Warning,
            codes: &[ErrorCode::INVALID_SOLUTION_FILE, ErrorCode::INVALID_XML, ErrorCode::INVALID_SCHEMA],
            summary: "A file cannot be read, so what stands in it is not part of the check.",
        },
        Entry {
            id: "malformed-file",
            group: Group::Package,
            severity: Severity::Error,
            codes: &[ErrorCode::INVALID_SCHEMA],
            summary: "The definition of a flow is not JSON.",
        },
    ],
};

fn findings(subject: &Subject<'_>) -> Vec<Finding> {
    let finding = |file: &UnreadableFile| {
        let (severity, rule, refuses) = if is_malformed(file) {
            (Severity::Error, "malformed-file", "refuses")
        } else {
            (Severity::Warning, "unreadable-file", "may refuse")
        };
        Finding {
            severity,
            code: Some(file.code),
            rule: rule.to_owned(),
            title: format!("{} could not be read", file.file),
            message: format!(
                "{} What stands in it is not part of this check, and the target {refuses} the package because of it.",
                file.message
            ),
            components: super::components_of_file(subject.package, &file.file),
            remedy: "Export the solution again.".to_owned(),
            action: None,
        }
    };
    subject.package.unreadable_files.iter().map(finding).collect()
}

/// Whether no target takes the file: a flow that is no JSON. Other damage is what Slipway cannot read, and the target
/// says itself what it thinks of it: there are packages of this kind that the platform exported.
fn is_malformed(file: &UnreadableFile) -> bool {
    let is_flow = file.file.get(..10).is_some_and(|folder| folder.eq_ignore_ascii_case("workflows/"));
    is_flow && file.code == ErrorCode::INVALID_SCHEMA
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

    use crate::preflight::fixture::{package, rules, target, verdict};
    use model::{ErrorCode, package::UnreadableFile};

    #[test]
    fn a_damaged_file_is_named() {
        let mut orders = package("Orders", "1.0.0.0");
        orders.unreadable_files.push(UnreadableFile {
            file: "customizations.xml".to_owned(),
            code: ErrorCode::INVALID_XML,
            message: "The file “customizations.xml” is not well-formed XML.".to_owned(),
        });
        let findings = verdict(&orders, &target(&[]));
        assert_eq!(rules(&findings), ["unreadable-file"]);
        assert!(!findings[0].blocks());
        orders.unreadable_files[0].file = "Workflows/Send.json".to_owned();
        orders.unreadable_files[0].code = ErrorCode::INVALID_SCHEMA;
        let findings = verdict(&orders, &target(&[]));
        assert_eq!(rules(&findings), ["malformed-file"]);
        assert!(findings[0].blocks());
    }
}
