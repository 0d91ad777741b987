//! The target is not older than the environment the package is from.

use super::{Entry, Group, Rule, Subject};
use model::{ErrorCode, Finding, Severity, SolutionVersion};

pub(super) const RULE: Rule = Rule {
    findings,
    entries: &[
        Entry {
            id: "target-is-older",
            group: Group::Target,
            severity: Severity::Warning,
            codes: &[],
            summary: "The package was exported from an environment with a more recent version of the platform.",
        },
        Entry {
            id: "format-too-new",
            group: Group::Target,
            severity: Severity::Error,
            codes: &[ErrorCode::PACKAGE_VERSION_TOO_NEW],
            summary: "The package has a later format than the target reads.",
        },
    ],
};

fn findings(subject: &Subject<'_>) -> Vec<Finding> {
    let Some(there) = subject.staged.properties.as_ref().and_then(|properties| properties.platform_version.as_ref())
    else {
        return Vec::new();
    };
    let package = subject.package;
    let read = |text: &Option<String>| text.as_deref().and_then(|text| text.parse::<SolutionVersion>().ok());
    let [major, minor, ..] = there.parts();
    if let Some(format) = read(&package.solution_package_version)
        && format.parts() > [major, minor, 0, 0]
    {
        return vec![Finding {
            severity: Severity::Error,
            code: Some(ErrorCode::PACKAGE_VERSION_TOO_NEW),
            rule: "format-too-new".to_owned(),
            title: "The target cannot read the package".to_owned(),
            message: format!(
                "The package has the format {format}, and the target has version {there} of the platform, which reads packages up to {major}.{minor}."
            ),
            components: Vec::new(),
            remedy: format!("Export the solution for version {major}.{minor}, or update the target."),
            action: None,
        }];
    }
    match read(&package.platform_version) {
        Some(exported) if exported > *there => vec![Finding {
            severity: Severity::Warning,
            code: None,
            rule: "target-is-older".to_owned(),
            title: "The target has an older version of the platform".to_owned(),
            message: format!(
                "This solution was exported from an environment with a more recent version [{exported}] of Dataverse than the target, which has version [{there}]. This can cause issues with missing dependencies."
            ),
            components: Vec::new(),
            remedy: "Wait until the target is updated, or test well what was deployed.".to_owned(),
            action: None,
        }],
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

    use crate::preflight::fixture::{package, rules, target, verdict};
    use model::environment::EnvironmentProperties;

    #[test]
    fn an_older_target_is_a_warning_and_an_unknown_format_an_error() {
        for (there, expected) in [
            (Some("9.2.30000.1"), vec![]),
            (Some("9.2.22121.162"), vec![]),
            (Some("9.2.20000.1"), vec!["target-is-older"]),
            (Some("9.1.0.1"), vec!["format-too-new"]),
            (None, vec![]),
        ] {
            let mut orders = package("Orders", "1.0.0.0");
            orders.platform_version = Some("9.2.22121.162".to_owned());
            orders.solution_package_version = Some("9.2".to_owned());
            let mut place = target(&[]);
            let platform_version = there.map(|there| there.parse().unwrap());
            place.properties = Some(EnvironmentProperties { platform_version, ..Default::default() });
            assert_eq!(rules(&verdict(&orders, &place)), expected, "{there:?}");
        }
    }
}
