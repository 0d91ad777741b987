//! Unmanaged changes lie on top of what a managed package brings.

use super::{
    Entry, Group, Rule, Subject,
    wording::{described, listed},
};
use model::{ErrorCode, Finding, Severity};

pub(super) const RULE: Rule = Rule {
    findings,
    entries: &[Entry {
        id: "unmanaged-layer",
        group: Group::Target,
        severity: Severity::Warning,
        codes: &[ErrorCode::OVERWRITES_ACTIVE_COMPONENT],
        summary: "The target has components of the package in its unmanaged layer, which hides what the managed package brings.",
    }],
};

fn findings(subject: &Subject<'_>) -> Vec<Finding> {
    let overlaid = &subject.staged.overlaid;
    if overlaid.is_empty() {
        return Vec::new();
    }
    let (has, them) = if overlaid.len() == 1 { ("a component", "it") } else { ("components", "them") };
    vec![Finding {
        severity: Severity::Warning,
        code: Some(ErrorCode::OVERWRITES_ACTIVE_COMPONENT),
        rule: "unmanaged-layer".to_owned(),
        title: "Unmanaged changes would hide what is deployed".to_owned(),
        message: format!(
            "The target has {has} of this package unmanaged: {}. The unmanaged layer lies on top, so what the package brings of {them} does not show.",
            listed(overlaid.iter().map(described).collect())
        ),
        components: overlaid.clone(),
        remedy: format!("Remove the unmanaged layer of {them} in the target, after looking what was changed there."),
        action: None,
    }]
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

    use crate::preflight::fixture::{package, rules, target, verdict};
    use model::{Component, ComponentType};

    #[test]
    fn what_is_unmanaged_in_the_target_hides_what_comes() {
        let table = Component::new(ComponentType::ENTITY, "new_order");
        let mut mine = package("Orders", "1.0.0.0");
        mine.components.push(table.clone());
        let mut theirs = package("Playground", "1.0.0.0");
        theirs.components.push(Component::new(ComponentType::ENTITY, "NEW_order"));
        assert!(verdict(&mine, &target(&[theirs.clone()])).is_empty(), "a managed layer is below");
        theirs.managed = false;
        let findings = verdict(&mine, &target(&[theirs.clone()]));
        assert_eq!(rules(&findings), ["unmanaged-layer"]);
        mine.managed = false;
        assert!(verdict(&mine, &target(&[theirs])).is_empty(), "an unmanaged import goes on top itself");
    }
}
