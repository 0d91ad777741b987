//! What a flow uses is in the package or declared as needed, or else in the target.

use super::{
    Entry, Group, Rule, Subject,
    wording::{described, listed},
};
use model::{Component, ComponentType, ErrorCode, Finding, Severity};
use std::collections::BTreeMap;
pub(super) const RULE: Rule = Rule {
    findings,
    entries: &[Entry {
        id: "implied-dependency",
        group: Group::Dependencies,
        severity: Severity::Error,
        codes: &[ErrorCode::MISSING_REQUIRED_ROW],
        summary: "A flow uses a connection reference or an environment variable that the package neither has nor declares as needed, and that the target does not have. A warning for variables.",
    }],
};

fn findings(subject: &Subject<'_>) -> Vec<Finding> {
    let mut users: BTreeMap<&Component, Vec<&Component>> = BTreeMap::new();
    for dependency in &subject.staged.implied {
        users.entry(&dependency.required).or_default().push(&dependency.dependent);
    }
    users.into_iter().map(|(required, users)| finding(required, &users)).collect()
}

fn finding(required: &Component, users: &[&Component]) -> Finding {
    let is_reference = required.kind == ComponentType::connection_reference();
    let verb = if users.len() == 1 { "uses" } else { "use" };
    let mut components = vec![required.clone()];
    components.extend(users.iter().map(|user| (*user).clone()));
    Finding {
        severity: if is_reference { Severity::Error } else { Severity::Warning },
        code: Some(ErrorCode::MISSING_REQUIRED_ROW),
        rule: "implied-dependency".to_owned(),
        title: format!("Nothing brings {}", described(required)),
        message: format!(
            "In this package, {} {verb} the {}. The package does not have it and does not say that it needs it, and it is not in the target.",
            listed(users.iter().map(|user| described(user)).collect()),
            described(required)
        ),
        components,
        remedy: format!(
            "Add the {} to the solution in the development environment and export again.",
            described(required)
        ),
        action: None,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

    use crate::preflight::fixture::{codes, package, reference, rules, target, verdict};
    use model::package::Workflow;

    #[test]
    fn a_connection_reference_that_nobody_brings_is_an_error_until_the_target_has_it() {
        let mut orders = package("Orders", "1.0.0.0");
        orders.workflow_details.push(Workflow {
            id: "f1".to_owned(),
            name: "Send".to_owned(),
            category: 5,
            active: true,
            file: None,
            connection_references: vec!["new_Mail".to_owned()],
            embedded_connections: 0,
            environment_variables: vec!["new_To".to_owned()],
        });
        let findings = verdict(&orders, &target(&[]));
        assert_eq!(rules(&findings), ["implied-dependency", "implied-dependency"]);
        assert_eq!(codes(&findings), ["0x8004F041"]);
        assert!(findings[0].message.contains("process “Send” (f1) uses the connection reference “new_Mail”"));
        let mut mail = package("Mail", "1.0.0.0");
        mail.connection_references.push(reference("NEW_mail"));
        assert_eq!(rules(&verdict(&orders, &target(&[mail]))), ["implied-dependency"], "only the variable is left");
    }
}
