//! What a Dataverse environment says to a package: the answer of `StageSolution` in the vocabulary.

use super::row::{Row, text};
use crate::staging::UnmetDependency;
use model::{
    Component, ComponentType, ErrorCode, Severity, SolutionVersion,
    package::{MissingDependency, RequiredSolution},
    solution::SolutionSummary,
};
use serde_json::Value;

/// What `StageSolutionResults` says.
#[derive(Debug, Default)]
pub(super) struct Verdict {
    pub unmet: Vec<UnmetDependency>,
    pub validation: Vec<(Severity, Option<ErrorCode>, String)>,
    /// Whether a solution of the name is there.
    pub has_previous: bool,
}

/// Reads it.
pub(super) fn read(results: &Value, solutions: &[SolutionSummary]) -> Verdict {
    let rows = |name: &str| {
        let rows = results.get(name).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        rows.iter().filter_map(Value::as_object)
    };
    let unmet: Vec<UnmetDependency> =
        rows("MissingDependencies").map(|row| unmet(dependency(row), solutions)).collect();
    let validation = rows("SolutionValidationResults")
        .filter_map(|row| {
            let severity = match row.get("SolutionValidationResultType") {
                Some(Value::String(kind)) if kind.eq_ignore_ascii_case("Error") => Severity::Error,
                Some(Value::String(kind)) if kind.eq_ignore_ascii_case("Warning") => Severity::Warning,
                Some(Value::Number(number)) if number.as_i64() == Some(2) => Severity::Error,
                Some(Value::Number(number)) if number.as_i64() == Some(1) => Severity::Warning,
                _ => Severity::Information,
            };
            let code = row.get("ErrorCode").and_then(Value::as_i64).and_then(super::http::code_of);
            // It says the same as the list of missing dependencies, in XML.
            if code == Some(ErrorCode::MISSING_DEPENDENCIES) && !unmet.is_empty() {
                return None;
            }
            Some((severity, code, text(row, "Message").to_owned()))
        })
        .collect();
    let details = results.get("SolutionDetails");
    let has_previous = details
        .and_then(|details| details.get("PreviousSolutionVersion"))
        .and_then(Value::as_str)
        .is_some_and(|version| !version.is_empty());
    Verdict { unmet, validation, has_previous }
}

fn unmet(dependency: MissingDependency, solutions: &[SolutionSummary]) -> UnmetDependency {
    let installed = match &dependency.required_solution {
        RequiredSolution::Named { name, .. } => solutions
            .iter()
            .find(|solution| solution.unique_name.eq_ignore_ascii_case(name))
            .map(|solution| solution.version.clone()),
        _ => None,
    };
    UnmetDependency { dependency, installed }
}

fn dependency(row: &Row) -> MissingDependency {
    let id = text(row, "RequiredComponentId").trim_matches(['{', '}']).to_lowercase();
    MissingDependency {
        required: component(row, "RequiredComponent"),
        required_solution: required_solution(text(row, "RequiredSolutionName")),
        dependent: component(row, "DependentComponent"),
        required_id: Some(id).filter(|id| !id.is_empty() && !text(row, "RequiredComponentSchemaName").is_empty()),
    }
}

fn component(row: &Row, which: &str) -> Component {
    let get = |part: &str| text(row, &format!("{which}{part}"));
    let kind = match row.get(&format!("{which}Type")) {
        Some(Value::Number(number)) => number.to_string(),
        Some(Value::String(text)) => text.clone(),
        _ => String::new(),
    };
    let id = get("Id").trim_matches(['{', '}']).to_lowercase();
    let some = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    Component {
        kind: ComponentType::parse(&kind),
        name: [get("SchemaName"), &id, get("DisplayName")]
            .into_iter()
            .find(|name| !name.is_empty())
            .unwrap_or_default()
            .to_owned(),
        parent: some(get("ParentSchemaName")),
        display_name: some(get("DisplayName")),
    }
}

/// Reads `Name (version)`, `Active` or `System`.
fn required_solution(text: &str) -> RequiredSolution {
    let text = text.trim();
    if text.is_empty() || text.eq_ignore_ascii_case("Active") {
        return RequiredSolution::Active;
    }
    if text.eq_ignore_ascii_case("System") {
        return RequiredSolution::System;
    }
    match text.rsplit_once('(') {
        Some((name, rest)) => {
            let version: Option<SolutionVersion> = rest.trim_end_matches(')').parse().ok();
            RequiredSolution::Named { name: name.trim().to_owned(), version }
        }
        None => RequiredSolution::Named { name: text.to_owned(), version: None },
    }
}
