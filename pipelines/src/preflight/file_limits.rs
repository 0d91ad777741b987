//! The target takes files of every type and size that the package has.

use super::{Entry, Group, Rule, Subject};
use model::{ErrorCode, Finding, Severity};

pub(super) const RULE: Rule = Rule {
    findings,
    entries: &[
        Entry {
            id: "blocked-file-type",
            group: Group::Target,
            severity: Severity::Error,
            codes: &[ErrorCode::ATTACHMENT_BLOCKED],
            summary: "The package has a file whose extension the target blocks.",
        },
        Entry {
            id: "file-too-large",
            group: Group::Target,
            severity: Severity::Error,
            codes: &[ErrorCode::ATTACHMENT_BLOCKED],
            summary: "The largest file of the package is larger than the target takes.",
        },
    ],
};

fn findings(subject: &Subject<'_>) -> Vec<Finding> {
    let Some(properties) = &subject.staged.properties else { return Vec::new() };
    let inspection = &subject.package.inspection;
    let blocked = inspection.extensions.iter().filter(|one| properties.is_blocked(&one.extension)).map(|one| {
        finding(
            subject,
            "blocked-file-type",
            format!("The target blocks .{} files", one.extension),
            format!("The package has the file “{}”, and the target takes no files with the extension .{}.", one.file, one.extension),
            format!("Remove the file from the solution, or have an administrator of the target take .{} off its blocked extensions.", one.extension),
            &one.file,
        )
    });
    let large = inspection.largest_file.iter().filter(|file| properties.is_too_large(file.bytes)).map(|file| {
        let limit = properties.largest_file_megabytes;
        finding(
            subject,
            "file-too-large",
            "A file is too large for the target".to_owned(),
            format!(
                "The file “{}” has {} MB, and the target takes files of at most {limit} MB.",
                file.file,
                file.bytes.div_ceil(1 << 20)
            ),
            format!("Make the file smaller, or have an administrator of the target raise its limit of {limit} MB."),
            &file.file,
        )
    });
    blocked.chain(large).collect()
}

fn finding(subject: &Subject<'_>, rule: &str, title: String, message: String, remedy: String, file: &str) -> Finding {
    Finding {
        severity: Severity::Error,
        code: Some(ErrorCode::ATTACHMENT_BLOCKED),
        rule: rule.to_owned(),
        title,
        message,
        components: super::components_of_file(subject.package, file),
        remedy,
        action: None,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

    use crate::preflight::fixture::{package, rules, target, verdict};
    use model::{
        environment::EnvironmentProperties,
        inspection::{FileExtension, PackagedFile},
    };

    #[test]
    fn a_blocked_type_and_a_file_that_is_too_large_are_errors_where_the_targets_limits_are_known() {
        let mut orders = package("Orders", "1.0.0.0");
        orders.inspection.extensions.push(FileExtension { extension: "exe".to_owned(), file: "a.exe".to_owned() });
        orders.inspection.largest_file = Some(PackagedFile { file: "a.exe".to_owned(), bytes: (5 << 20) + 1 });
        let mut place = target(&[]);
        assert!(verdict(&orders, &place).is_empty());
        place.properties = Some(EnvironmentProperties { largest_file_megabytes: 5, ..Default::default() });
        let findings = verdict(&orders, &place);
        assert_eq!(rules(&findings), ["blocked-file-type", "file-too-large"]);
        assert!(findings[1].message.contains("has 6 MB, and the target takes files of at most 5 MB"));
    }
}
