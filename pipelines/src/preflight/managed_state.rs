//! A solution is managed or unmanaged in an environment, and stays so.

use super::{Entry, Group, Rule, Subject};
use model::{ErrorCode, Finding, Severity};

pub(super) const RULE: Rule = Rule {
    findings,
    entries: &[
        Entry {
            id: "managed-over-unmanaged",
            group: Group::Target,
            severity: Severity::Error,
            codes: &[ErrorCode::MANAGED_OVER_UNMANAGED],
            summary: "The target has the solution unmanaged, and the package is managed.",
        },
        Entry {
            id: "unmanaged-over-managed",
            group: Group::Target,
            severity: Severity::Error,
            codes: &[ErrorCode::UNMANAGED_OVER_MANAGED],
            summary: "The target has the solution managed, and the package is unmanaged.",
        },
    ],
};

fn findings(subject: &Subject<'_>) -> Vec<Finding> {
    let Some(previous) = &subject.staged.previous else { return Vec::new() };
    let name = &subject.package.display_name;
    let (code, rule, title, message, remedy) = match (subject.package.managed, previous.summary.managed) {
        (true, false) => (
            ErrorCode::MANAGED_OVER_UNMANAGED,
            "managed-over-unmanaged",
            "The target has this solution unmanaged",
            format!(
                "“{name}” is in the target as an unmanaged solution, and a managed package cannot be installed over it."
            ),
            "Delete the unmanaged solution in the target, or choose another target. Deleting an unmanaged solution keeps its components, so look first what else uses them.",
        ),
        (false, true) => (
            ErrorCode::UNMANAGED_OVER_MANAGED,
            "unmanaged-over-managed",
            "The target has this solution managed",
            format!(
                "“{name}” is in the target as a managed solution, and an unmanaged package cannot be imported over it."
            ),
            "Deploy the managed package of this solution.",
        ),
        _ => return Vec::new(),
    };
    vec![Finding {
        severity: Severity::Error,
        code: Some(code),
        rule: rule.to_owned(),
        title: title.to_owned(),
        message,
        components: Vec::new(),
        remedy: remedy.to_owned(),
        action: None,
    }]
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

    use crate::preflight::fixture::{codes, package, target, verdict};

    #[test]
    fn a_solution_stays_managed_or_unmanaged() {
        for (new, old, expected) in [
            (true, false, vec!["0x80048040"]),
            (false, true, vec!["0x80048041"]),
            (true, true, vec![]),
            (false, false, vec![]),
        ] {
            let mut installed = package("Orders", "1.0.0.0");
            installed.managed = old;
            let mut deployed = package("Orders", "1.1.0.0");
            deployed.managed = new;
            assert_eq!(codes(&verdict(&deployed, &target(&[installed]))), expected, "{new} over {old}");
        }
    }
}
