//! A file of the package is damaged: what stands in it was not looked at.

use super::Subject;
use model::{Finding, Severity};

pub(super) fn findings(subject: &Subject<'_>) -> Vec<Finding> {
    let finding = |file: &model::package::UnreadableFile| Finding {
        severity: Severity::Warning,
        code: Some(file.code),
        rule: "unreadable-file".to_owned(),
        title: format!("{} could not be read", file.file),
        message: format!(
            "{} What stands in it is not part of this check, and the target may refuse the package because of it.",
            file.message
        ),
        components: Vec::new(),
        remedy: "Export the solution again.".to_owned(),
    };
    subject.package.unreadable_files.iter().map(finding).collect()
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
    }
}
