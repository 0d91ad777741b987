//! What pre-flight found, as the column `validationresults` says it: JSON in a JSON text.

use model::{ErrorCode, Finding, Severity, stage_run::StageRunStatus};
use pipelines::rows::RunRow;
use serde_json::{Value, json};

/// The column of a run; none while there are no results.
pub fn of(run: &RunRow) -> Option<String> {
    let reached = run.failed_at.unwrap_or(run.status);
    let has_results = !matches!(reached, StageRunStatus::NotStarted | StageRunStatus::Started)
        && run.status != StageRunStatus::Validating
        && !(run.status == StageRunStatus::Canceled && run.findings.is_empty());
    has_results.then(|| Value::String(results(run).to_string()).to_string())
}

fn results(run: &RunRow) -> Value {
    let passed = !run.findings.iter().any(Finding::blocks);
    let publisher = run.publisher.as_ref();
    json!({
        "ValidationStatus": if passed { "Passed" } else { "Failed" },
        "SolutionValidationResults": run.findings.iter().map(result).collect::<Vec<_>>(),
        "SolutionDetails": {
            "SolutionUniqueName": run.solution,
            "SolutionFriendlyName": run.solution_display_name,
            "PublisherUniqueName": publisher.map(|publisher| &publisher.unique_name),
            "PublisherFriendlyName": publisher.map(|publisher| &publisher.display_name),
            "PreviousSolutionUniqueName": run.previous_version.as_ref().map(|_| &run.solution),
            "IsPatchSolution": false,
            "IsManaged": true,
            "SolutionVersion": run.version,
            "PreviousSolutionVersion": run.previous_version,
            "PreviousPatchSolutionsNames": [],
            "IsPrerequisitesExport": false,
            "HasPendingUpgrade": run.findings.iter().any(|finding| finding.rule == "pending-upgrade"),
        },
        "MissingDependencies": run.findings.iter().flat_map(missing).collect::<Vec<_>>(),
    })
}

fn result(finding: &Finding) -> Value {
    let kind = match finding.severity {
        Severity::Error => "Error",
        Severity::Warning => "Warning",
        Severity::Information => "Info",
    };
    json!({
        "SolutionValidationResultType": kind, "Message": finding.message,
        "ErrorCode": finding.code.map_or(0, ErrorCode::as_i32),
        "AdditionalInfo": Some(&finding.remedy).filter(|remedy| !remedy.is_empty()),
    })
}

/// What is missing, where a finding says that something is.
fn missing(finding: &Finding) -> Vec<Value> {
    if finding.code != Some(ErrorCode::MISSING_DEPENDENCIES) {
        return Vec::new();
    }
    let component = |component: &model::Component| {
        json!({
            "RequiredComponentSchemaName": component.name, "RequiredComponentDisplayName": component.label(),
            "RequiredComponentParentSchemaName": component.parent,
            "RequiredComponentType": component.kind.to_string(),
        })
    };
    finding.components.iter().map(component).collect()
}
