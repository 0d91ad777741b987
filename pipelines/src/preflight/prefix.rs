//! A publisher has a prefix that the platform takes.

use super::{Entry, Group, Rule, Subject};
use model::{ErrorCode, Finding, Severity};

pub(super) const RULE: Rule = Rule {
    findings,
    entries: &[
        Entry {
            id: "invalid-prefix",
            group: Group::Package,
            severity: Severity::Error,
            codes: &[ErrorCode::INVALID_PREFIX],
            summary: "The customization prefix of the publisher is not 2 to 8 letters and digits that begin with a letter and not with mscrm.",
        },
        Entry {
            id: "invalid-option-value-prefix",
            group: Group::Package,
            severity: Severity::Error,
            codes: &[ErrorCode::INVALID_OPTION_VALUE_PREFIX],
            summary: "The choice value prefix of the publisher is not between 10000 and 99999.",
        },
    ],
};

fn findings(subject: &Subject<'_>) -> Vec<Finding> {
    let publisher = &subject.package.publisher_details;
    let finding = |code, rule: &str, title: &str, message| Finding {
        severity: Severity::Error,
        code: Some(code),
        rule: rule.to_owned(),
        title: title.to_owned(),
        message,
        components: Vec::new(),
        remedy: "Correct the publisher in the development environment and export again.".to_owned(),
        action: None,
    };
    let mut findings = Vec::new();
    let prefix = &publisher.prefix;
    // Packages that say nothing of a prefix are not judged.
    if !prefix.is_empty() && !is_prefix(prefix) {
        findings.push(finding(
            ErrorCode::INVALID_PREFIX,
            "invalid-prefix",
            "The publisher's prefix cannot be used",
            format!("The publisher has the prefix “{prefix}”. A prefix has 2 to 8 letters and digits, begins with a letter and not with mscrm."),
        ));
    }
    let number = publisher.option_value_prefix;
    if number != 0 && !(10_000..=99_999).contains(&number) {
        findings.push(finding(
            ErrorCode::INVALID_OPTION_VALUE_PREFIX,
            "invalid-option-value-prefix",
            "The publisher's choice value prefix cannot be used",
            format!("The publisher has the choice value prefix {number}. It is a number from 10000 to 99999."),
        ));
    }
    findings
}

fn is_prefix(prefix: &str) -> bool {
    (2..=8).contains(&prefix.len())
        && prefix.bytes().all(|byte| byte.is_ascii_alphanumeric())
        && prefix.starts_with(|first: char| first.is_ascii_alphabetic())
        && !prefix.to_ascii_lowercase().starts_with("mscrm")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

    use crate::preflight::fixture::{codes, package, target, verdict};

    #[test]
    fn prefixes_are_as_the_platform_wants_them() {
        for (prefix, number, expected) in [
            ("new", 10_000, vec![]),
            ("", 0, vec![]),
            ("a", 99_999, vec!["0x80044366"]),
            ("1ab", 10_000, vec!["0x80044366"]),
            ("MSCRMx", 10_000, vec!["0x80044366"]),
            ("abcdefghi", 9_999, vec!["0x80044366", "0x80048402"]),
        ] {
            let mut orders = package("Orders", "1.0.0.0");
            orders.publisher_details.prefix = prefix.to_owned();
            orders.publisher_details.option_value_prefix = number;
            assert_eq!(codes(&verdict(&orders, &target(&[]))), expected, "{prefix} {number}");
        }
    }
}
