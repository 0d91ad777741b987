//! What the target's own validation says.

use super::{Entry, Group, Rule, Subject};
use model::{Finding, Severity};

pub(super) const RULE: Rule = Rule {
    findings,
    entries: &[Entry {
        id: "target-validation",
        group: Group::Target,
        severity: Severity::Error,
        codes: &[],
        summary: "What the target says itself when the package is staged, with its own codes and severities.",
    }],
};

fn findings(subject: &Subject<'_>) -> Vec<Finding> {
    let finding = |(severity, code, message): &(Severity, Option<model::ErrorCode>, String)| Finding {
        severity: *severity,
        code: *code,
        rule: "target-validation".to_owned(),
        title: "The target's own validation".to_owned(),
        message: message.clone(),
        components: Vec::new(),
        remedy: String::new(),
        action: None,
    };
    subject.staged.validation.iter().map(finding).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

    use crate::preflight::{Subject, check, fixture::package};
    use environment::Staged;
    use model::{ErrorCode, Severity};

    #[test]
    fn the_words_of_the_target_are_passed_on() {
        let said = (Severity::Error, Some(ErrorCode::IMPORT_FAILED), "Critical violations.".to_owned());
        let staged = Staged { validation: vec![said], ..Staged::default() };
        let package = package("Orders", "1.0.0.0");
        let findings = check(&Subject {
            package: &package,
            staged: &staged,
            stage_installed: None,
            settings: None,
            redeployment: false,
            missing_rights: &[],
        });
        assert_eq!(findings[0].message, "Critical violations.");
        assert!(findings[0].blocks());
    }
}
