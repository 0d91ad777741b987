//! Every file has a content type.

use super::{Entry, Group, Rule, Subject, wording::listed};
use model::{Finding, Severity};

pub(super) const RULE: Rule = Rule {
    findings,
    entries: &[Entry {
        id: "file-without-content-type",
        group: Group::Package,
        severity: Severity::Warning,
        codes: &[],
        summary: "`[Content_Types].xml` does not list the extension of a file, so that the platform does not see the file.",
    }],
};

fn findings(subject: &Subject<'_>) -> Vec<Finding> {
    let files = &subject.package.inspection.untyped_files;
    if files.is_empty() {
        return Vec::new();
    }
    vec![Finding {
        severity: Severity::Warning,
        code: None,
        rule: "file-without-content-type".to_owned(),
        title: "Files have no content type".to_owned(),
        message: format!(
            "The list [Content_Types].xml has no entry for files such as {}, and the platform does not see files without one.",
            listed(files.iter().map(|file| format!("“{file}”")).collect())
        ),
        components: Vec::new(),
        remedy: "Export the solution again, or pack it with the platform's own tools.".to_owned(),
        action: None,
    }]
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

    use crate::preflight::fixture::{package, rules, target, verdict};

    #[test]
    fn a_file_without_a_type_is_named() {
        let mut orders = package("Orders", "1.0.0.0");
        orders.inspection.untyped_files.push("Assets/app.toml".to_owned());
        let findings = verdict(&orders, &target(&[]));
        assert_eq!(rules(&findings), ["file-without-content-type"]);
        assert!(findings[0].message.contains("“Assets/app.toml”"));
    }
}
