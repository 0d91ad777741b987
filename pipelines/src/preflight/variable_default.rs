//! Values that come with the package fit their types.

use super::{Entry, Group, Rule, Subject, variable::unfit};
use model::{Component, ComponentType, Finding, Severity};

pub(super) const RULE: Rule = Rule {
    findings,
    entries: &[Entry {
        id: "packaged-value-of-wrong-type",
        group: Group::Variables,
        severity: Severity::Warning,
        codes: &[],
        summary: "The default or the packaged value of a variable does not fit its type.",
    }],
};

fn findings(subject: &Subject<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for variable in &subject.package.environment_variables {
        for (which, value) in [("default", &variable.default_value), ("packaged value", &variable.packaged_value)] {
            let Some(problem) =
                value.as_deref().filter(|value| !value.is_empty()).and_then(|value| unfit(value, variable.kind))
            else {
                continue;
            };
            findings.push(Finding {
                severity: Severity::Warning,
                code: None,
                rule: "packaged-value-of-wrong-type".to_owned(),
                title: format!("The {which} of “{}” does not fit", variable.display_name),
                message: format!(
                    "The environment variable “{}” comes with a {which} that cannot be used: {problem}",
                    variable.display_name
                ),
                components: vec![Component {
                    display_name: Some(variable.display_name.clone()),
                    ..Component::new(ComponentType::ENVIRONMENT_VARIABLE_DEFINITION, variable.schema_name.clone())
                }],
                remedy:
                    "Give a value of the right type in this deployment, and correct it in the development environment."
                        .to_owned(),
                action: Some(model::Action::EnterValue { schema_name: variable.schema_name.clone() }),
            });
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

    use crate::preflight::fixture::{package, rules, target, variable, verdict};
    use model::variable::VariableType;

    #[test]
    fn a_default_that_does_not_fit_is_told_without_telling_it() {
        let mut orders = package("Orders", "1.0.0.0");
        let mut json = variable("new_Json");
        json.kind = VariableType::Json;
        json.default_value = Some("{}".to_owned());
        orders.environment_variables.push(json);
        assert!(verdict(&orders, &target(&[])).is_empty());
        orders.environment_variables[0].default_value = Some("{oops".to_owned());
        let findings = verdict(&orders, &target(&[]));
        assert_eq!(rules(&findings), ["packaged-value-of-wrong-type"]);
        assert!(!findings[0].message.contains("oops"));
    }
}
