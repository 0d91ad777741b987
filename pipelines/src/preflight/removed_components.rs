//! An upgrade removes what left the solution.

use super::{
    Entry, Group, Rule, Subject, changes,
    wording::{described, listed},
};
use model::{Component, Finding, Severity, stage_run::ChangeKind};

pub(super) const RULE: Rule = Rule {
    findings,
    entries: &[Entry {
        id: "components-removed",
        group: Group::Target,
        severity: Severity::Warning,
        codes: &[],
        summary: "The upgrade deletes components that the new version no longer brings; with tables and columns their data goes.",
    }],
};

fn findings(subject: &Subject<'_>) -> Vec<Finding> {
    let changes = changes(subject.package, subject.staged.previous.as_ref(), &subject.staged.shared);
    let removed: Vec<_> = changes.into_iter().filter(|change| change.kind == ChangeKind::Removed).collect();
    if removed.is_empty() {
        return Vec::new();
    }
    let losing: Vec<String> =
        removed.iter().filter(|change| change.loses_data).map(|change| described(&change.component)).collect();
    let loss =
        if losing.is_empty() { String::new() } else { format!(" The data in {} is deleted with it.", listed(losing)) };
    let components: Vec<Component> = removed.into_iter().map(|change| change.component).collect();
    vec![Finding {
        severity: Severity::Warning,
        code: None,
        rule: "components-removed".to_owned(),
        title: "Components leave the target".to_owned(),
        message: format!(
            "The target has {} that this version no longer brings: {}. The upgrade removes what no other solution brings.{loss}",
            if components.len() == 1 { "a component".to_owned() } else { format!("{} components", components.len()) },
            listed(components.iter().map(described).collect()),
        ),
        components,
        remedy: "Look through what will change. If something should stay, add it to the solution again.".to_owned(),
        action: None,
    }]
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

    use crate::preflight::fixture::{package, rules, target, verdict};
    use model::{Component, ComponentType};

    #[test]
    fn a_table_that_leaves_is_a_warning_about_its_data() {
        let mut old = package("Orders", "1.0.0.0");
        old.components.push(Component::new(ComponentType::ENTITY, "new_order"));
        let findings = verdict(&package("Orders", "1.1.0.0"), &target(&[old.clone()]));
        assert_eq!(rules(&findings), ["components-removed"]);
        assert!(
            findings[0].message.contains("The data in table “new_order” is deleted with it."),
            "{}",
            findings[0].message
        );
        old.managed = false;
        let mut new = package("Orders", "1.1.0.0");
        new.managed = false;
        assert!(verdict(&new, &target(&[old])).is_empty(), "an unmanaged import removes nothing");
    }
}
