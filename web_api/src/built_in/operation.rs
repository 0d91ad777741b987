//! Functions and actions that are about an environment as a whole.

use super::{BuiltInOrganization, LANGUAGE, VERSION, import_report, transfer, type_code};
use crate::{
    call::{Answer, Call, Segment, required, with_context},
    error::{ApiError, Result},
};
use environment::{ImportJob, ImportStatus, builtin::DoneOperation};
use http::Method;
use model::package::MissingDependency;
use serde_json::{Value, json};
use uuid::Uuid;

/// The platform's `operationtype` of a promotion.
const DELETE_AND_PROMOTE: i32 = 207;

/// Answers a function or an action; none where the segment names neither.
pub async fn answer(organization: &BuiltInOrganization, call: Call, segment: &Segment) -> Option<Result<Answer>> {
    let is_function = FUNCTIONS.contains(&segment.name.as_str());
    if !is_function && !ACTIONS.contains(&segment.name.as_str()) {
        return None;
    }
    let expected = if is_function { Method::GET } else { Method::POST };
    if call.method != expected {
        let message =
            format!("The method {} is not supported here: {} is asked with {expected}.", call.method, segment.name);
        return Some(Err(ApiError::not_allowed(message)));
    }
    Some(if is_function {
        function(organization, &call, segment).await
    } else {
        action(organization, call, &segment.name).await
    })
}

const FUNCTIONS: &[&str] = &[
    "WhoAmI",
    "RetrieveVersion",
    "RetrieveAvailableLanguages",
    "RetrieveProvisionedLanguages",
    "RetrieveInstalledLanguagePacks",
    "RetrieveCurrentOrganization",
    "RetrieveMissingDependencies",
    "RetrieveDependenciesForUninstall",
    "RetrieveSolutionImportResult",
    "RetrieveFormattedImportJobResults",
    "RetrieveEnvironmentVariableValue",
];

const ACTIONS: &[&str] = &[
    "StageSolution",
    "RetrieveMissingComponents",
    "ImportSolution",
    "ImportSolutionAsync",
    "StageAndUpgradeAsync",
    "StageAndUpgrade",
    "ExportSolution",
    "ExportSolutionAsync",
    "DownloadSolutionExportData",
    "DeleteAndPromote",
    "DeleteAndPromoteAsync",
    "UninstallSolutionAsync",
    "PublishAllXml",
    "PublishXml",
];

async fn function(organization: &BuiltInOrganization, call: &Call, segment: &Segment) -> Result<Answer> {
    let parameters = call.parameters(segment.key.as_deref())?;
    let text = |name: &str| {
        let found = parameters.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
        found.ok_or_else(|| ApiError::argument(format!("Required field '{name}' is missing.")))
    };
    let id = |name: &str| {
        Uuid::parse_str(text(name)?).map_err(|_| ApiError::argument(format!("The field '{name}' is not an id.")))
    };
    let answer = |name: &str, body: Value| Ok(Answer::json(with_context(&organization.base, name, body)));
    match segment.name.as_str() {
        "WhoAmI" => answer(
            "WhoAmIResponse",
            json!({
                "BusinessUnitId": organization.business_unit(), "UserId": organization.user.id,
                "OrganizationId": organization.id,
            }),
        ),
        "RetrieveVersion" => answer("RetrieveVersionResponse", json!({"Version": VERSION})),
        "RetrieveAvailableLanguages" => answer("RetrieveAvailableLanguagesResponse", json!({"LocaleIds": [LANGUAGE]})),
        "RetrieveProvisionedLanguages" => {
            answer("RetrieveProvisionedLanguagesResponse", json!({"RetrieveProvisionedLanguages": [LANGUAGE]}))
        }
        "RetrieveInstalledLanguagePacks" => {
            answer("RetrieveInstalledLanguagePacksResponse", json!({"RetrieveInstalledLanguagePacks": [LANGUAGE]}))
        }
        "RetrieveCurrentOrganization" => {
            let environment = organization.api.built_in.get(organization.id).await?;
            let endpoint = organization.base.split("/api/data/").next().unwrap_or_default();
            let detail = json!({
                "OrganizationId": organization.id, "FriendlyName": environment.name, "OrganizationVersion": VERSION,
                "EnvironmentId": organization.id, "DatacenterId": null, "Geo": null, "TenantId": null,
                "UrlName": organization.id, "UniqueName": organization.id, "State": "Enabled",
                "Endpoints": {"Count": 1, "Keys": ["WebApplication"], "Values": [endpoint]},
            });
            answer("RetrieveCurrentOrganizationResponse", json!({"Detail": detail}))
        }
        "RetrieveMissingDependencies" => {
            let dependencies = missing_dependencies(organization, text("SolutionUniqueName")?).await?;
            Ok(Answer::json(dependencies_json(organization, &dependencies)))
        }
        "RetrieveDependenciesForUninstall" => {
            let dependencies = needed_from(organization, text("SolutionUniqueName")?).await?;
            Ok(Answer::json(dependencies_json(organization, &dependencies)))
        }
        "RetrieveSolutionImportResult" => {
            let job = job(organization, id("ImportJobId")?).await?;
            let (status, errors) = match job.status {
                ImportStatus::Failed => ("Failed", vec![json!({"Message": job.message, "ErrorCode": job.code})]),
                ImportStatus::Succeeded => ("Passed", Vec::new()),
                ImportStatus::Running => ("InProgress", Vec::new()),
            };
            let result = json!({
                "FormattedResults": import_report::formatted(&job), "Type": "Import", "Status": status,
                "WarningMessages": [], "ErrorMessages": errors, "ActionLink": {"Label": null, "Target": null},
            });
            answer("RetrieveSolutionImportResultResponse", json!({"SolutionOperationResult": result}))
        }
        "RetrieveFormattedImportJobResults" => {
            let job = job(organization, id("ImportJobId")?).await?;
            answer(
                "RetrieveFormattedImportJobResultsResponse",
                json!({"FormattedResults": import_report::formatted(&job)}),
            )
        }
        "RetrieveEnvironmentVariableValue" => {
            let name = text("DefinitionSchemaName")?;
            let rows = organization.api.built_in.variable_rows(organization.id).await?;
            let found = rows.into_iter().find(|row| row.variable.definition.schema_name.eq_ignore_ascii_case(name));
            let found = found.ok_or_else(|| ApiError::missing("environmentvariabledefinition", name))?;
            let value = found.variable.value.or(found.variable.definition.default_value);
            answer("RetrieveEnvironmentVariableValueResponse", json!({"Value": value}))
        }
        other => Err(ApiError::no_segment(other)),
    }
}

async fn action(organization: &BuiltInOrganization, call: Call, name: &str) -> Result<Answer> {
    match name {
        "StageSolution" => transfer::stage(organization, call).await,
        "RetrieveMissingComponents" => transfer::missing_components(organization, call).await,
        "ImportSolution" | "ImportSolutionAsync" | "StageAndUpgradeAsync" | "StageAndUpgrade" => {
            transfer::import(organization, call, name).await
        }
        "ExportSolution" | "ExportSolutionAsync" => transfer::export(organization, call, name).await,
        "DownloadSolutionExportData" => transfer::download(organization, call).await,
        "DeleteAndPromote" | "DeleteAndPromoteAsync" => {
            let body = call.object().await?;
            let unique_name = required(&body, "UniqueName")?;
            let done = organization.api.built_in.promote(organization.id, unique_name).await;
            let record = DoneOperation {
                operation_type: DELETE_AND_PROMOTE,
                message_name: name,
                name: unique_name,
                failure: done.as_ref().err(),
            };
            let operation = organization.api.built_in.record_operation(organization.id, record).await?;
            if name == "DeleteAndPromoteAsync" {
                let body = json!({"AsyncOperationId": operation});
                return Ok(Answer::json(with_context(&organization.base, "DeleteAndPromoteAsyncResponse", body)));
            }
            let body = json!({"SolutionId": done?});
            Ok(Answer::json(with_context(&organization.base, "DeleteAndPromoteResponse", body)))
        }
        "UninstallSolutionAsync" => {
            let body = call.object().await?;
            let operation = organization.uninstall(required(&body, "SolutionUniqueName")?).await?;
            let body = json!({"AsyncOperationId": operation});
            Ok(Answer::json(with_context(&organization.base, "UninstallSolutionAsyncResponse", body)))
        }
        // What is in a built-in environment is published as soon as it is there.
        "PublishAllXml" | "PublishXml" => {
            call.object().await?;
            organization.environment().await?.identity().await?;
            Ok(Answer::done())
        }
        other => Err(ApiError::no_segment(other)),
    }
}

async fn job(organization: &BuiltInOrganization, id: Uuid) -> Result<ImportJob> {
    let found = organization.environment().await?.import_job(id.into()).await?;
    found.ok_or_else(|| ApiError::missing("importjob", id))
}

/// What a solution needs that neither it nor another solution here has.
async fn missing_dependencies(organization: &BuiltInOrganization, unique_name: &str) -> Result<Vec<MissingDependency>> {
    let environment = organization.environment().await?;
    let solution = environment.solution(unique_name).await?;
    let solution = solution.ok_or_else(|| ApiError::missing("solution", unique_name))?;
    Ok(solution.missing_dependencies)
}

/// What other solutions need of a solution.
async fn needed_from(organization: &BuiltInOrganization, unique_name: &str) -> Result<Vec<MissingDependency>> {
    let environment = organization.environment().await?;
    let solution = environment.solution(unique_name).await?;
    let solution = solution.ok_or_else(|| ApiError::missing("solution", unique_name))?;
    let mut needed = Vec::new();
    for other in environment.solutions().await? {
        if other.unique_name.eq_ignore_ascii_case(&solution.summary.unique_name) {
            continue;
        }
        let Some(other) = environment.solution(&other.unique_name).await? else { continue };
        needed.extend(other.missing_dependencies.into_iter().filter(|dependency| {
            solution.components.iter().any(|component| {
                component.kind == dependency.required.kind
                    && component.name.eq_ignore_ascii_case(&dependency.required.name)
            })
        }));
    }
    Ok(needed)
}

fn dependencies_json(organization: &BuiltInOrganization, dependencies: &[MissingDependency]) -> Value {
    let rows: Vec<Value> = dependencies
        .iter()
        .map(|dependency| {
            json!({
                "@odata.type": "#Microsoft.Dynamics.CRM.dependency",
                "dependencytype": 2,
                "requiredcomponenttype": type_code(&dependency.required.kind),
                "requiredcomponentobjectid": Uuid::parse_str(&dependency.required.name).ok(),
                "requiredcomponentname": dependency.required.name,
                "requiredcomponentparentname": dependency.required.parent,
                "requiredsolutionname": dependency.required_solution.text(),
                "dependentcomponenttype": type_code(&dependency.dependent.kind),
                "dependentcomponentobjectid": Uuid::parse_str(&dependency.dependent.name).ok(),
                "dependentcomponentname": dependency.dependent.name,
            })
        })
        .collect();
    json!({"@odata.context": format!("{}$metadata#Collection(Microsoft.Dynamics.CRM.crmbaseentity)", organization.base), "value": rows})
}
