//! One solution operation at a time runs in an environment.

use super::{Entry, Group, Rule, Subject};
use model::{ErrorCode, Finding, Severity};

pub(super) const RULE: Rule = Rule {
    findings,
    entries: &[Entry {
        id: "operation-running",
        group: Group::Target,
        severity: Severity::Warning,
        codes: &[ErrorCode::SOLUTION_CONCURRENCY],
        summary: "Another solution operation is running in the target; the deployment waits for it.",
    }],
};

fn findings(subject: &Subject<'_>) -> Vec<Finding> {
    let Some(running) = &subject.staged.running_operation else { return Vec::new() };
    vec![Finding {
        severity: Severity::Warning,
        code: Some(ErrorCode::SOLUTION_CONCURRENCY),
        rule: "operation-running".to_owned(),
        title: "The target is busy".to_owned(),
        message: format!(
            "Another solution operation ({running}) is running in the target. The deployment will wait until it is over."
        ),
        components: Vec::new(),
        remedy: String::new(),
        action: None,
    }]
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

    use crate::preflight::fixture::{package, rules, target, verdict};

    #[test]
    fn a_busy_target_is_a_warning() {
        let mut busy = target(&[]);
        busy.running_operation = Some("Import".to_owned());
        let findings = verdict(&package("Orders", "1.0.0.0"), &busy);
        assert_eq!(rules(&findings), ["operation-running"]);
        assert!(!findings[0].blocks());
    }
}
