//! What is wrong with deployment settings, at their fields.

use super::{connection, variable};
use environment::Staged;
use model::{FieldProblem, package::PackageFacts, settings::DeploymentSettings, variable::VariableType};

/// What is wrong with settings, at their fields: `connection:<logical name>` and `variable:<schema name>`, in the
/// package's own spelling.
pub fn check_settings(package: &PackageFacts, staged: &Staged, settings: &DeploymentSettings) -> Vec<FieldProblem> {
    let connections = package.connection_references.iter().filter_map(|reference| {
        let problem = connection::problem(reference, staged, settings)?;
        Some(FieldProblem::new(format!("connection:{}", reference.logical_name), sentence(&problem)))
    });
    let variables = package.environment_variables.iter().filter_map(|definition| {
        let problem = variable::problem(definition, staged, settings)?;
        Some(FieldProblem::new(format!("variable:{}", definition.schema_name), sentence(&problem)))
    });
    connections.chain(variables).collect()
}

/// Why a text cannot be kept as the value of a secret variable, which holds the place of a secret and never the secret.
pub(crate) fn check_secret(value: &str) -> Option<String> {
    variable::unfit(value, VariableType::Secret).map(sentence)
}

/// With a capital letter.
pub(crate) fn sentence(problem: &str) -> String {
    let mut characters = problem.chars();
    characters.next().map(|first| first.to_uppercase().chain(characters).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

    use super::*;
    use crate::preflight::fixture::{package, reference, target, variable};
    use environment::staging::stage;

    #[test]
    fn problems_stand_at_the_fields_they_belong_to() {
        let mut orders = package("Orders", "1.0.0.0");
        orders.connection_references.push(reference("new_Ref"));
        orders.environment_variables.push(variable("new_Url"));
        let problems = check_settings(&orders, &stage(&orders, &target(&[])), &DeploymentSettings::default());
        let fields: Vec<_> = problems.iter().map(|problem| problem.field.as_str()).collect();
        assert_eq!(fields, ["connection:new_Ref", "variable:new_Url"]);
        assert_eq!(problems[1].message, "It has no value. Give one.");
    }
}
