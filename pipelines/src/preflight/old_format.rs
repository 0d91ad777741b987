//! Packages of old releases are told as such.

use super::{Entry, Group, Rule, Subject};
use model::{ErrorCode, Finding, Severity, SolutionVersion};

pub(super) const RULE: Rule = Rule {
    findings,
    entries: &[
        Entry {
            id: "old-format",
            group: Group::Package,
            severity: Severity::Information,
            codes: &[ErrorCode::PACKAGE_NEEDS_UPGRADE],
            summary: "The package is of a release before 9.0 and is transformed while it is imported.",
        },
        Entry {
            id: "format-of-2011",
            group: Group::Package,
            severity: Severity::Warning,
            codes: &[ErrorCode::PACKAGE_VERSION_TOO_NEW],
            summary: "The package does not say its format, as those of CRM 2011 do, which today's environments do not take.",
        },
        Entry {
            id: "old-variable-values",
            group: Group::Package,
            severity: Severity::Warning,
            codes: &[],
            summary: "Values of variables are packaged in the layout of 2020.",
        },
    ],
};

/// The first release whose packages are taken as they are.
const CURRENT: [u32; 4] = [9, 0, 0, 0];

fn findings(subject: &Subject<'_>) -> Vec<Finding> {
    let package = subject.package;
    let mut findings = Vec::new();
    let mut tell = |severity, code, rule: &str, title: &str, message: String, remedy: &str| {
        findings.push(Finding {
            severity,
            code,
            rule: rule.to_owned(),
            title: title.to_owned(),
            message,
            components: Vec::new(),
            remedy: remedy.to_owned(),
            action: None,
        });
    };
    let again = "Export the solution again from a current environment.";
    let format = package.solution_package_version.as_deref();
    match format.map(str::parse::<SolutionVersion>) {
        // Packages made by hand say neither.
        None if package.platform_version.as_deref().is_some_and(|version| version.starts_with("5.")) => tell(
            Severity::Warning,
            Some(ErrorCode::PACKAGE_VERSION_TOO_NEW),
            "format-of-2011",
            "The package is of CRM 2011",
            "The package does not say its format, as the packages of CRM 2011 do. Current environments may refuse it."
                .to_owned(),
            again,
        ),
        Some(Ok(version)) if version.parts() < CURRENT => tell(
            Severity::Information,
            Some(ErrorCode::PACKAGE_NEEDS_UPGRADE),
            "old-format",
            "The package has an old format",
            format!("The package has the format {version}. The target transforms it while it is imported."),
            again,
        ),
        _ => {}
    }
    if package.inspection.variables_in_old_layout {
        tell(
            Severity::Warning,
            None,
            "old-variable-values",
            "Values of variables have an old layout",
            "The package has values of environment variables in the file environment_variable_values.json, a layout of 2020 that current environments do not write any more.".to_owned(),
            again,
        );
    }
    findings
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

    use crate::preflight::fixture::{package, rules, target, verdict};

    #[test]
    fn an_old_package_is_told_and_a_current_one_is_not() {
        for (format, platform, expected) in [
            (Some("9.2"), Some("9.2.22121.162"), vec![]),
            (Some("8.2"), Some("8.2.1.176"), vec!["old-format"]),
            (None, Some("5.0.9690.1992"), vec!["format-of-2011"]),
            (None, None, vec![]),
        ] {
            let mut orders = package("Orders", "1.0.0.0");
            orders.solution_package_version = format.map(str::to_owned);
            orders.platform_version = platform.map(str::to_owned);
            assert_eq!(rules(&verdict(&orders, &target(&[]))), expected, "{format:?} {platform:?}");
        }
        let mut orders = package("Orders", "1.0.0.0");
        orders.inspection.variables_in_old_layout = true;
        assert_eq!(rules(&verdict(&orders, &target(&[]))), ["old-variable-values"]);
    }
}
