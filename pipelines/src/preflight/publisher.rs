//! The publisher of a solution does not change.

use super::{Entry, Group, Rule, Subject};
use model::{ErrorCode, Finding, Severity};

pub(super) const RULE: Rule = Rule {
    findings,
    entries: &[Entry {
        id: "publisher-differs",
        group: Group::Target,
        severity: Severity::Error,
        codes: &[ErrorCode::WRONG_PUBLISHER],
        summary: "The target has the solution from another publisher.",
    }],
};

fn findings(subject: &Subject<'_>) -> Vec<Finding> {
    let package = subject.package;
    let Some(previous) = &subject.staged.previous else { return Vec::new() };
    let there = &previous.summary.publisher;
    if there.unique_name.eq_ignore_ascii_case(&package.publisher) {
        return Vec::new();
    }
    vec![Finding {
        severity: Severity::Error,
        code: Some(ErrorCode::WRONG_PUBLISHER),
        rule: "publisher-differs".to_owned(),
        title: "The publisher is another one".to_owned(),
        message: format!(
            "“{}” is in the target from the publisher “{}” ({}). The package is from “{}” ({}), and the publisher of a solution cannot be changed.",
            package.display_name,
            there.display_name,
            there.unique_name,
            package.publisher_details.display_name,
            package.publisher,
        ),
        components: Vec::new(),
        remedy: "Set the publisher of the solution in the development environment back to the one in the target, or give the solution another name."
            .to_owned(),
        action: None,
    }]
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

    use crate::preflight::fixture::{codes, package, target, verdict};

    #[test]
    fn another_publisher_is_refused_and_another_spelling_is_not() {
        let mut installed = package("Orders", "1.0.0.0");
        installed.publisher_details.unique_name = "Contoso".to_owned();
        let mut deployed = package("Orders", "1.1.0.0");
        deployed.publisher = "fabrikam".to_owned();
        assert_eq!(codes(&verdict(&deployed, &target(&[installed.clone()]))), ["0x8004801C"]);
        deployed.publisher = "CONTOSO".to_owned();
        assert!(verdict(&deployed, &target(&[installed])).is_empty());
    }
}
