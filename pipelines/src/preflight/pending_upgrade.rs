//! An upgrade that was begun is applied before the next one.

use super::{Entry, Group, Rule, Subject};
use model::{ErrorCode, Finding, Severity};

pub(super) const RULE: Rule = Rule {
    findings,
    entries: &[Entry {
        id: "upgrade-pending",
        group: Group::Target,
        severity: Severity::Error,
        codes: &[ErrorCode::UPGRADE_FAILED],
        summary: "The target holds an upgrade of the solution (`<name>_Upgrade`) that was imported and not applied.",
    }],
};

fn findings(subject: &Subject<'_>) -> Vec<Finding> {
    let package = subject.package;
    let finding = |holding: &model::solution::SolutionSummary| Finding {
        severity: Severity::Error,
        code: Some(ErrorCode::UPGRADE_FAILED),
        rule: "upgrade-pending".to_owned(),
        title: "An upgrade waits to be applied".to_owned(),
        message: format!(
            "The target holds version {} of “{}” as “{}”: an upgrade that was imported and not applied. Until it is, the solution cannot be updated.",
            holding.version, package.display_name, holding.unique_name
        ),
        components: Vec::new(),
        remedy: format!("Apply the upgrade in the target, or delete the solution “{}” there.", holding.unique_name),
        action: None,
    };
    subject.staged.pending_upgrade(&package.unique_name).map(finding).into_iter().collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

    use crate::preflight::fixture::{codes, package, target, verdict};

    #[test]
    fn a_held_upgrade_is_in_the_way() {
        let held = [package("Orders", "1.0.0.0"), package("orders_upgrade", "1.1.0.0")];
        assert_eq!(codes(&verdict(&package("Orders", "1.2.0.0"), &target(&held))), ["0x8004F046"]);
        assert!(verdict(&package("Other", "1.2.0.0"), &target(&held)).is_empty());
    }
}
