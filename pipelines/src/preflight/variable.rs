//! Environment variables need a value that fits their type.

use super::{Entry, Group, Rule, Subject};
use environment::Staged;
use model::{
    Component, ComponentType, Finding, Severity,
    settings::DeploymentSettings,
    variable::{EnvironmentVariable, VariableType},
};

/// Where key vaults are, in the public cloud and in those of governments and China.
const VAULTS: [&str; 3] = [".vault.azure.net", ".vault.usgovcloudapi.net", ".vault.azure.cn"];

/// The platform keeps values of at most this many characters.
const LONGEST: usize = 2_000;

pub(super) const RULE: Rule = Rule {
    findings,
    entries: &[Entry {
        id: "variable-without-value",
        group: Group::Variables,
        severity: Severity::Warning,
        codes: &[],
        summary: "A variable has neither a default nor a value. An error once settings are given, and so is a value that does not fit the type.",
    }],
};

fn findings(subject: &Subject<'_>) -> Vec<Finding> {
    subject.package.environment_variables.iter().filter_map(|variable| finding(variable, subject)).collect()
}

fn finding(variable: &EnvironmentVariable, subject: &Subject<'_>) -> Option<Finding> {
    let name = &variable.display_name;
    let (severity, message) = match subject.settings {
        Some(settings) => {
            let problem = problem(variable, subject.staged, settings)?;
            (Severity::Error, format!("The environment variable “{name}” cannot be deployed as it is set: {problem}"))
        }
        None if has_value(variable, subject.staged) => return None,
        None => (
            Severity::Warning,
            format!(
                "The environment variable “{name}” has neither a default nor a value in the target. The deployment will ask for one."
            ),
        ),
    };
    Some(Finding {
        severity,
        code: None,
        rule: "variable-without-value".to_owned(),
        title: format!("No value for “{name}”"),
        message,
        components: vec![Component {
            display_name: Some(name.clone()),
            ..Component::new(ComponentType::ENVIRONMENT_VARIABLE_DEFINITION, variable.schema_name.clone())
        }],
        remedy: "Give a value that is right for the target.".to_owned(),
        action: Some(model::Action::EnterValue { schema_name: variable.schema_name.clone() }),
    })
}

/// What is wrong with the value a variable would have, in a sentence.
pub(super) fn problem(
    variable: &EnvironmentVariable,
    staged: &Staged,
    settings: &DeploymentSettings,
) -> Option<String> {
    match settings.value(&variable.schema_name) {
        Some(value) => unfit(value, variable.kind).map(str::to_owned),
        None if has_value(variable, staged) => None,
        None => Some("it has no value. Give one.".to_owned()),
    }
}

/// Whether there is a value without anybody giving one: in the package or in the target.
fn has_value(variable: &EnvironmentVariable, staged: &Staged) -> bool {
    let is_given = |value: &Option<String>| value.as_deref().is_some_and(|value| !value.is_empty());
    let in_target = || {
        staged.previous.iter().flat_map(|previous| &previous.environment_variables).any(|current| {
            current.definition.schema_name.eq_ignore_ascii_case(&variable.schema_name) && is_given(&current.value)
        })
    };
    is_given(&variable.default_value) || is_given(&variable.packaged_value) || in_target()
}

/// Why a value does not fit a type.
pub(crate) fn unfit(value: &str, kind: VariableType) -> Option<&'static str> {
    if value.chars().count() > LONGEST {
        return Some("the value is longer than 2,000 characters.");
    }
    match kind {
        VariableType::Number if !is_number(value) => Some("the value is not a decimal number such as 12.5."),
        VariableType::Boolean if !["yes", "no"].iter().any(|word| value.eq_ignore_ascii_case(word)) => {
            Some("the value is neither yes nor no.")
        }
        VariableType::Json if serde_json::from_str::<serde::de::IgnoredAny>(value).is_err() => {
            Some("the value is not JSON.")
        }
        VariableType::Secret if !is_secret_reference(value) => Some(
            "the value is not a reference to a secret in a key vault: /subscriptions/…/resourceGroups/…/providers/Microsoft.KeyVault/vaults/…/secrets/… or https://….vault.azure.net/secrets/….",
        ),
        _ => None,
    }
}

/// A decimal number as the platform takes it: digits with at most one point, perhaps with a sign.
fn is_number(value: &str) -> bool {
    let digits = value.trim().trim_start_matches(['-', '+']);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    value.trim().parse::<f64>().is_ok_and(f64::is_finite)
        && [whole, fraction].iter().all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()))
}

/// A secret variable holds the place of a secret in a key vault, never the secret itself.
/// Either the id of the secret as a resource, or its address, perhaps with a version.
fn is_secret_reference(value: &str) -> bool {
    if let Some(address) = value.trim().strip_prefix("https://") {
        let parts: Vec<&str> = address.split('/').collect();
        return match parts.as_slice() {
            [host, "secrets", secret] | [host, "secrets", secret, _] => {
                VAULTS.iter().any(|domain| host.to_ascii_lowercase().ends_with(domain)) && !secret.is_empty()
            }
            _ => false,
        };
    }
    let parts: Vec<String> = value.trim().split('/').map(str::to_ascii_lowercase).collect();
    let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
    matches!(
        parts.as_slice(),
        ["", "subscriptions", subscription, "resourcegroups", group, "providers", "microsoft.keyvault", "vaults", vault, "secrets", secret]
            if [subscription, group, vault, secret].iter().all(|part| !part.is_empty())
    )
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

    use super::*;
    use crate::preflight::fixture::{package, target, variable, verdict, verdict_with};
    use model::settings::VariableSetting;

    fn given(value: &str) -> DeploymentSettings {
        let setting = VariableSetting { schema_name: "NEW_url".to_owned(), value: value.to_owned() };
        DeploymentSettings { environment_variables: vec![setting], ..Default::default() }
    }

    #[test]
    fn a_variable_without_any_value_is_asked_for_and_then_insisted_on() {
        let mut orders = package("Orders", "1.0.0.0");
        orders.environment_variables.push(variable("new_Url"));
        assert_eq!(verdict(&orders, &target(&[]))[0].severity, Severity::Warning);
        assert_eq!(verdict_with(&orders, &target(&[]), &given(""))[0].severity, Severity::Error);
        assert!(verdict_with(&orders, &target(&[]), &given("https://contoso.example")).is_empty());
    }

    #[test]
    fn a_default_or_a_value_in_the_target_is_enough() {
        let mut orders = package("Orders", "1.1.0.0");
        orders.environment_variables.push(variable("new_Url"));
        let mut place = target(&[package("Orders", "1.0.0.0")]);
        place.solutions[0].environment_variables.push(model::solution::CurrentVariable {
            definition: variable("NEW_URL"),
            value: Some("https://contoso.example".to_owned()),
        });
        assert!(verdict_with(&orders, &place, &DeploymentSettings::default()).is_empty());
        orders.environment_variables[0].default_value = Some("x".to_owned());
        assert!(verdict_with(&orders, &target(&[]), &DeploymentSettings::default()).is_empty());
    }

    #[test]
    fn a_value_fits_its_type() {
        let vault = "/subscriptions/s/resourceGroups/g/providers/Microsoft.KeyVault/vaults/v/secrets/n";
        for (kind, good, bad) in [
            (VariableType::Number, &["0", "-12.5", "1000000"][..], &["", "x", "1,5", "1e9", "NaN", "1.", "--1"][..]),
            (VariableType::Boolean, &["yes", "No"], &["true", "1"]),
            (VariableType::Json, &["{}", "[1]", "\"a\""], &["{", "a"]),
            (
                VariableType::Secret,
                &[vault, "https://v.vault.azure.net/secrets/n", "https://V.vault.azure.net/secrets/n/0a1b"],
                &[
                    "hunter2",
                    "https://example.com/secrets/n",
                    "https://v.vault.azure.net/keys/n",
                    "/subscriptions//resourceGroups/g/providers/Microsoft.KeyVault/vaults/v/secrets/n",
                ],
            ),
            (VariableType::String, &["anything"], &[]),
        ] {
            for value in good {
                assert_eq!(unfit(value, kind), None, "{kind:?} {value}");
            }
            for value in bad {
                assert!(unfit(value, kind).is_some(), "{kind:?} {value}");
            }
        }
        assert!(unfit(&"x".repeat(2_001), VariableType::String).is_some());
    }
}
