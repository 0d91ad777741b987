//! Values of variables in a package overwrite those of the target.

use super::Subject;
use model::{Component, ComponentType, Finding, Severity};

pub(super) fn findings(subject: &Subject<'_>) -> Vec<Finding> {
    let packaged: Vec<_> =
        subject.package.environment_variables.iter().filter(|variable| variable.packaged_value.is_some()).collect();
    if packaged.is_empty() {
        return Vec::new();
    }
    let component = |variable: &&model::variable::EnvironmentVariable| Component {
        display_name: Some(variable.display_name.clone()),
        ..Component::new(ComponentType::ENVIRONMENT_VARIABLE_DEFINITION, variable.schema_name.clone())
    };
    let names = packaged.iter().map(|variable| format!("“{}”", variable.display_name)).collect();
    vec![Finding {
        severity: Severity::Warning,
        code: None,
        rule: "packaged-variable-value".to_owned(),
        title: "Values are packaged along".to_owned(),
        message: format!(
            "The package carries the development environment’s values of {}. Where a deployment sets no other value, they overwrite those of the target.",
            super::wording::listed(names)
        ),
        components: packaged.iter().map(component).collect(),
        remedy: "Remove the current values from the solution before it is exported, or give the target’s own values in this deployment."
            .to_owned(),
    }]
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

    use crate::preflight::fixture::{package, rules, target, variable, verdict};

    #[test]
    fn a_packaged_value_is_a_warning_that_does_not_tell_the_value() {
        let mut orders = package("Orders", "1.0.0.0");
        let mut secret = variable("new_Key");
        secret.packaged_value = Some("s3cret".to_owned());
        orders.environment_variables.push(secret);
        let findings = verdict(&orders, &target(&[]));
        assert_eq!(rules(&findings), ["packaged-variable-value"]);
        assert!(!findings[0].message.contains("s3cret"));
    }
}
