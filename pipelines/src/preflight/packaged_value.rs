//! Values of variables in a package overwrite those of the target.

use super::{Entry, Group, Rule, Subject};
use model::{Component, ComponentType, Finding, Severity, variable::EnvironmentVariable};

pub(super) const RULE: Rule = Rule {
    findings,
    entries: &[
        Entry {
            id: "packaged-variable-value",
            group: Group::Variables,
            severity: Severity::Warning,
            codes: &[],
            summary: "A current value of the development environment is packaged along.",
        },
        Entry {
            id: "value-of-development",
            group: Group::Variables,
            severity: Severity::Warning,
            codes: &[],
            summary: "A variable is deployed with the very value it has in development.",
        },
    ],
};

fn findings(subject: &Subject<'_>) -> Vec<Finding> {
    let packaged: Vec<_> =
        subject.package.environment_variables.iter().filter(|variable| variable.packaged_value.is_some()).collect();
    if packaged.is_empty() {
        return Vec::new();
    }
    let component = |variable: &&EnvironmentVariable| Component {
        display_name: Some(variable.display_name.clone()),
        ..Component::new(ComponentType::ENVIRONMENT_VARIABLE_DEFINITION, variable.schema_name.clone())
    };
    let names = packaged.iter().map(|variable| format!("“{}”", variable.display_name)).collect();
    let mut findings = vec![Finding {
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
        action: None,
    }];
    if let Some(settings) = subject.settings {
        let given = |variable: &EnvironmentVariable| {
            settings.value(&variable.schema_name).or(variable.packaged_value.as_deref()).map(str::to_owned)
        };
        let same = packaged.iter().filter(|variable| given(variable) == variable.packaged_value);
        findings.extend(same.map(|variable| Finding {
            severity: Severity::Warning,
            code: None,
            rule: "value-of-development".to_owned(),
            title: format!("“{}” gets the value of development", variable.display_name),
            message: format!(
                "The environment variable “{}” is deployed with the very value that it has in the development environment.",
                variable.display_name
            ),
            components: vec![component(variable)],
            remedy: "Give the value that is right for the target.".to_owned(),
            action: Some(model::Action::EnterValue { schema_name: variable.schema_name.clone() }),
        }));
    }
    findings
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

    use crate::preflight::fixture::{package, rules, target, variable, verdict, verdict_with};
    use model::settings::{DeploymentSettings, VariableSetting};

    #[test]
    fn a_value_that_stays_as_it_was_in_development_is_told_once_settings_are_given() {
        let mut orders = package("Orders", "1.0.0.0");
        let mut url = variable("new_Url");
        url.packaged_value = Some("https://dev".to_owned());
        orders.environment_variables.push(url);
        for (value, expected) in [
            ("https://dev", &["packaged-variable-value", "value-of-development"][..]),
            ("https://test", &["packaged-variable-value"]),
        ] {
            let setting = VariableSetting { schema_name: "new_url".to_owned(), value: value.to_owned() };
            let settings = DeploymentSettings { environment_variables: vec![setting], ..Default::default() };
            assert_eq!(rules(&verdict_with(&orders, &target(&[]), &settings)), expected);
        }
    }

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
