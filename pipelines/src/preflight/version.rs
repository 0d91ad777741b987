//! A deployment raises the version.

use super::{Entry, Group, Rule, Subject};
use model::{Finding, Severity};

pub(super) const RULE: Rule = Rule {
    findings,
    entries: &[
        Entry {
            id: "version-not-higher",
            group: Group::Target,
            severity: Severity::Error,
            codes: &[],
            summary: "The target or the stage has the same or a higher version of the solution.",
        },
        Entry {
            id: "version-lower",
            group: Group::Target,
            severity: Severity::Warning,
            codes: &[],
            summary: "A redeployment puts an older version in the place of a newer one.",
        },
    ],
};

fn findings(subject: &Subject<'_>) -> Vec<Finding> {
    let package = subject.package;
    let in_target = subject.staged.previous.as_ref().map(|previous| &previous.summary.version);
    let Some(highest) = in_target.into_iter().chain(subject.stage_installed).max() else { return Vec::new() };
    if package.version > *highest || (subject.redeployment && package.version == *highest) {
        return Vec::new();
    }
    if subject.redeployment {
        return vec![Finding {
            severity: Severity::Warning,
            code: None,
            rule: "version-lower".to_owned(),
            title: "An older version takes the place of a newer one".to_owned(),
            message: format!(
                "Version {} will overwrite version {highest} of “{}”, and any data within that version. This is \
                 irreversible, and the data lost is unrecoverable. Updates, including new tables, will also be removed.",
                package.version, package.display_name
            ),
            components: Vec::new(),
            remedy: "Look through what will change, and save data that is still needed.".to_owned(),
            action: None,
        }];
    }
    vec![Finding {
        severity: Severity::Error,
        code: None,
        rule: "version-not-higher".to_owned(),
        title: "The version is not higher".to_owned(),
        message: format!(
            "The package has version {}, and the target has version {highest} of “{}” already.",
            package.version, package.display_name
        ),
        components: Vec::new(),
        remedy: format!("Deploy with a version higher than {highest}, such as {}.", highest.next()),
        action: None,
    }]
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

    use crate::preflight::{
        Subject, check,
        fixture::{package, rules, target, verdict},
    };
    use environment::staging::stage;

    #[test]
    fn only_a_higher_version_is_deployed() {
        for (installed, deployed, refused) in [
            ("1.0.0.0", "1.0.0.1", false),
            ("1.0.0.0", "1.0", true),
            ("1.0.0.10", "1.0.0.9", true),
            ("1.9", "1.10", false),
        ] {
            let findings = verdict(&package("Orders", deployed), &target(&[package("Orders", installed)]));
            assert_eq!(rules(&findings).contains(&"version-not-higher"), refused, "{deployed} over {installed}");
        }
    }

    #[test]
    fn a_redeployment_may_go_back_and_says_what_that_means() {
        for (installed, deployed, expected) in [
            ("1.0.0.5", "1.0.0.4", vec!["version-lower"]),
            ("1.0.0.4", "1.0.0.4", vec![]),
            ("1.0.0.3", "1.0.0.4", vec![]),
        ] {
            let package = package("Orders", deployed);
            let staged = stage(&package, &target(&[crate::preflight::fixture::package("Orders", installed)]));
            let subject = Subject {
                package: &package,
                staged: &staged,
                stage_installed: None,
                settings: None,
                redeployment: true,
                missing_rights: &[],
            };
            let findings = check(&subject);
            assert_eq!(rules(&findings), expected, "{deployed} over {installed}");
            assert!(findings.iter().all(|finding| !finding.blocks()));
        }
    }

    #[test]
    fn what_the_stage_deployed_counts_where_the_target_lost_it() {
        let package = package("Orders", "1.0.0.4");
        let staged = stage(&package, &target(&[]));
        let deployed = "1.0.0.5".parse().unwrap();
        let subject = Subject {
            package: &package,
            staged: &staged,
            stage_installed: Some(&deployed),
            settings: None,
            redeployment: false,
            missing_rights: &[],
        };
        assert_eq!(rules(&check(&subject)), ["version-not-higher"]);
    }
}
