//! The target has the languages of the package.

use super::{Entry, Group, Rule, Subject, wording::listed};
use model::{ErrorCode, Finding, Severity};

pub(super) const RULE: Rule = Rule {
    findings,
    entries: &[Entry {
        id: "language-not-installed",
        group: Group::Target,
        severity: Severity::Warning,
        codes: &[ErrorCode::LANGUAGES_IGNORED],
        summary: "The package has labels in languages that are not installed in the target.",
    }],
};

fn findings(subject: &Subject<'_>) -> Vec<Finding> {
    let Some(properties) = &subject.staged.properties else { return Vec::new() };
    let languages = &subject.package.inspection.languages;
    let absent: Vec<u32> = languages.iter().filter(|code| !properties.languages.contains(code)).copied().collect();
    if absent.is_empty() {
        return Vec::new();
    }
    vec![Finding {
        severity: Severity::Warning,
        code: Some(ErrorCode::LANGUAGES_IGNORED),
        rule: "language-not-installed".to_owned(),
        title: "Languages are not installed".to_owned(),
        message: format!(
            "The package has labels in languages that the target does not have: {}. These labels are left out.",
            listed(absent.iter().map(ToString::to_string).collect())
        ),
        components: Vec::new(),
        remedy: "Install the languages in the target, if people there need them.".to_owned(),
        action: None,
    }]
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

    use crate::preflight::fixture::{package, rules, target, verdict};
    use model::environment::EnvironmentProperties;

    #[test]
    fn labels_that_would_be_left_out_are_told() {
        let mut german = package("Orders", "1.0.0.0");
        german.inspection.languages = vec![1031, 1033];
        let mut place = target(&[]);
        assert!(verdict(&german, &place).is_empty());
        place.properties = Some(EnvironmentProperties::default());
        let findings = verdict(&german, &place);
        assert_eq!(rules(&findings), ["language-not-installed"]);
        assert!(findings[0].message.contains("does not have: 1031."), "{}", findings[0].message);
    }
}
