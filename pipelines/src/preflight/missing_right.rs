//! Whoever deploys needs the rights that doing it by hand would take.

use super::{Entry, Group, Rule, Subject};
use crate::environment_role::MissingRight;
use model::{ErrorCode, Finding, Severity};

pub(super) const RULE: Rule = Rule {
    findings,
    entries: &[Entry {
        id: "missing-right",
        group: Group::Rights,
        severity: Severity::Error,
        codes: &[ErrorCode::PRIVILEGE_DENIED],
        summary: "Whoever asked may not export in the source, or whoever the run deploys as may not import in the target.",
    }],
};

fn findings(subject: &Subject<'_>) -> Vec<Finding> {
    missing_rights(subject.missing_rights)
}

/// What is found of missing rights, also before there is a package to look at.
pub(crate) fn missing_rights(missing: &[MissingRight]) -> Vec<Finding> {
    let finding = |missing: &MissingRight| Finding {
        severity: Severity::Error,
        code: Some(ErrorCode::PRIVILEGE_DENIED),
        rule: "missing-right".to_owned(),
        title: format!("The right to {} is missing", missing.right.label()),
        message: missing.sentence(),
        components: Vec::new(),
        remedy: missing.remedy(),
        action: None,
    };
    missing.iter().map(finding).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

    use super::*;
    use crate::preflight::{check, fixture::package};
    use environment::Staged;
    use model::access::EnvironmentRight;

    #[test]
    fn every_missing_right_is_an_error_with_the_platforms_code() {
        let missing = [EnvironmentRight::Export, EnvironmentRight::Import].map(|right| MissingRight {
            unknown: false,
            who: "Miguel Silva".to_owned(),
            right,
            environment: "Contoso Test".to_owned(),
            delegated: false,
            disabled: false,
        });
        let (package, staged) = (package("Orders", "1.0.0.0"), Staged::default());
        let subject = |missing_rights| Subject {
            package: &package,
            staged: &staged,
            stage_installed: None,
            settings: None,
            redeployment: false,
            missing_rights,
        };
        assert!(check(&subject(&[])).is_empty());
        let findings = check(&subject(&missing));
        assert!(findings.iter().all(|finding| finding.blocks() && finding.code == Some(ErrorCode::PRIVILEGE_DENIED)));
        let titles: Vec<_> = findings.iter().map(|finding| finding.title.as_str()).collect();
        assert_eq!(titles, ["The right to export solutions is missing", "The right to import solutions is missing"]);
        assert_eq!(findings[1].message, missing[1].sentence());
        assert_eq!(findings[1].remedy, missing[1].remedy());
    }
}
