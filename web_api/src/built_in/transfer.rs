//! Packages on their way in and out: staging, importing, exporting.

use super::{BuiltInOrganization, import_report::escape, type_code};
use crate::{
    call::{Answer, Call, Content, MOST_JSON, required, with_context},
    error::{ApiError, Result},
};
use axum::body::Body;
use environment::{
    EnvironmentError, Import, ImportMode, ImportStatus, PackageKind, Staged, StoredPackage, base64_body::Incoming,
    builtin::DoneOperation,
};
use http::{HeaderMap, StatusCode};
use model::{
    Component, ComponentType, ErrorCode, Severity,
    id::ImportJobId,
    package::{MissingDependency, PackageFacts},
    settings::{ConnectionSetting, DeploymentSettings, VariableSetting},
};
use serde_json::{Map, Value, json};
use std::{collections::HashSet, fmt::Write, time::Duration};
use uuid::Uuid;

const FILE: &str = "CustomizationFile";
const EXPORT_FILE: &str = "ExportSolutionFile";

/// The platform's `operationtype`s.
const EXECUTE_ASYNC: i32 = 54;
const EXPORT: i32 = 202;
const IMPORT: i32 = 203;
const STAGE_AND_UPGRADE: i32 = 211;

/// How often an import is looked at that a client waits for.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// How long a client may wait for an import within one request; the platform's own limit is about this.
const WAIT: Duration = Duration::from_mins(4);

/// Components a message names.
const NAMED: usize = 100;

/// Reads a body with a package in it.
async fn receive(
    organization: &BuiltInOrganization,
    body: Body,
) -> Result<(Option<StoredPackage>, Map<String, Value>)> {
    let mut incoming = Incoming::new(body.into_data_stream(), FILE, MOST_JSON);
    let package = match incoming.content().await? {
        Some(content) => Some(organization.api.packages.put(content).await?),
        None => None,
    };
    match incoming.rest() {
        Ok(Value::Object(rest)) => Ok((package, rest)),
        Ok(_) => Err(ApiError::argument("The body has to be a JSON object.")),
        Err(error) => Err(ApiError::argument(format!("The body is not JSON: {error}."))),
    }
}

async fn receive_package(organization: &BuiltInOrganization, body: Body) -> Result<StoredPackage> {
    let (package, _) = receive(organization, body).await?;
    package.ok_or_else(|| ApiError::argument(format!("Required field '{FILE}' is missing.")))
}

/// `StageSolution`
pub async fn stage(organization: &BuiltInOrganization, call: Call) -> Result<Answer> {
    let package = receive_package(organization, call.into_body()).await?;
    let facts = organization.api.packages.facts(&package).await?;
    let staged = organization.environment().await?.stage(&package).await?;
    let upload = organization.api.built_in.keep_upload(organization.id, &package).await?;
    let results = stage_results(&facts, &staged, upload);
    let body = json!({"StageSolutionResults": results});
    Ok(Answer::json(with_context(&organization.base, "StageSolutionResponse", body)))
}

fn stage_results(facts: &PackageFacts, staged: &Staged, upload: Uuid) -> Value {
    let mut validation: Vec<Value> = staged
        .validation
        .iter()
        .map(|(severity, code, message)| {
            let kind = match severity {
                Severity::Error => "Error",
                Severity::Warning => "Warning",
                Severity::Information => "Info",
            };
            json!({
                "SolutionValidationResultType": kind, "Message": message,
                "ErrorCode": code.map_or(0, ErrorCode::as_i32), "AdditionalInfo": null,
            })
        })
        .collect();
    if !staged.unmet.is_empty() {
        validation.push(json!({
            "SolutionValidationResultType": "Error", "Message": missing_message(facts, staged),
            "ErrorCode": ErrorCode::MISSING_DEPENDENCIES.as_i32(), "AdditionalInfo": null,
        }));
    }
    let failed = validation.iter().any(|one| one.get("SolutionValidationResultType") == Some(&json!("Error")));
    let previous = staged.previous.as_ref().map(|previous| &previous.summary);
    let upgrade = format!("{}_Upgrade", facts.unique_name);
    let has_upgrade = staged.solutions.iter().any(|one| one.unique_name.eq_ignore_ascii_case(&upgrade));
    let missing: Vec<Value> = staged.unmet.iter().map(|unmet| missing_row(&unmet.dependency)).collect();
    json!({
        "StageSolutionUploadId": upload,
        "StageSolutionStatus": if failed { "Failed" } else { "Passed" },
        "SolutionComponentsDetails": details(facts, staged),
        "SolutionDetails": {
            "SolutionUniqueName": facts.unique_name,
            "SolutionFriendlyName": facts.display_name,
            "SolutionDescription": facts.description,
            "PublisherUniqueName": facts.publisher,
            "PublisherFriendlyName": facts.publisher_details.display_name,
            "PreviousSolutionUniqueName": previous.map(|one| &one.unique_name),
            "PreviousSolutionFriendlyName": previous.map(|one| &one.display_name),
            "PreviousPublisherUniqueName": previous.map(|one| &one.publisher.unique_name),
            "PreviousPublisherFriendlyName": previous.map(|one| &one.publisher.display_name),
            "IsPatchSolution": false,
            "IsManaged": facts.managed,
            "PreviousIsManaged": previous.is_some_and(|one| one.managed),
            "SolutionVersion": facts.version.as_str(),
            "PreviousSolutionVersion": previous.map(|one| one.version.as_str()),
            "PreviousPatchSolutionsNames": [],
            "IsPrerequisitesExport": false,
            "HasPendingUpgrade": has_upgrade,
        },
        "MissingDependencies": missing,
        "SolutionValidationResults": validation,
    })
}

/// The platform's message: the dependencies as they stand in a manifest, within the text.
fn missing_message(facts: &PackageFacts, staged: &Staged) -> String {
    let mut xml = String::from("<MissingDependencies>");
    for unmet in staged.unmet.iter().take(NAMED) {
        let MissingDependency { required, required_solution, dependent, .. } = &unmet.dependency;
        // Writing to a String does not fail.
        let _ = write!(
            xml,
            "<MissingDependency><Required {} solution=\"{}\" /><Dependent {} /></MissingDependency>",
            attributes(required),
            escape(&required_solution.text()),
            attributes(dependent)
        );
    }
    xml.push_str("</MissingDependencies>");
    format!(
        "The following solution cannot be imported: {}. Some dependencies are missing. The missing dependencies are : {xml} , ProductUpdatesOnly : False",
        facts.unique_name
    )
}

fn attributes(component: &Component) -> String {
    let parent = component.parent.as_ref().map(|parent| format!(" parentSchemaName=\"{}\"", escape(parent)));
    let name = match Uuid::parse_str(&component.name) {
        Ok(id) => format!("id=\"{{{id}}}\""),
        Err(_) => format!("schemaName=\"{}\"", escape(&component.name)),
    };
    format!(
        "type=\"{}\" {name} displayName=\"{}\"{}",
        component.kind,
        escape(component.label()),
        parent.unwrap_or_default()
    )
}

fn missing_row(dependency: &MissingDependency) -> Value {
    let MissingDependency { required, required_solution, dependent, required_id } = dependency;
    let id = |component: &Component| Uuid::parse_str(&component.name).ok().map(|id| id.to_string());
    let name = |component: &Component| match id(component) {
        Some(_) => None,
        None => Some(component.name.clone()),
    };
    json!({
        "RequiredComponentSchemaName": name(required),
        "RequiredComponentDisplayName": required.label(),
        "RequiredComponentParentSchemaName": required.parent,
        "RequiredComponentParentDisplayName": required.parent,
        "RequiredComponentId": id(required).or_else(|| required_id.clone()),
        "RequiredSolutionName": required_solution.text(),
        "RequiredComponentType": required.kind.to_string(),
        "DependentComponentSchemaName": name(dependent),
        "DependentComponentDisplayName": dependent.label(),
        "DependentComponentParentSchemaName": dependent.parent,
        "DependentComponentParentDisplayName": dependent.parent,
        "DependentComponentType": dependent.kind.to_string(),
        "DependentComponentId": id(dependent),
    })
}

fn details(facts: &PackageFacts, staged: &Staged) -> Vec<Value> {
    let lower = |text: &str| text.to_lowercase();
    let before = staged.previous.as_ref();
    let known: HashSet<(String, String)> = before
        .into_iter()
        .flat_map(|previous| &previous.components)
        .map(|component| (component.kind.to_string(), lower(&component.name)))
        .collect();
    let is_present = |kind: &ComponentType, name: &str| {
        if known.contains(&(kind.to_string(), lower(name))) { "True" } else { "False" }
    };
    let detail = |name: &str, kind: &str, present: &str, attributes: &[(&str, String)]| {
        json!({
            "ComponentName": name, "ComponentTypeName": kind, "IsPresentInOrg": present,
            "Attributes": {
                "Count": attributes.len(),
                "Keys": attributes.iter().map(|(key, _)| *key).collect::<Vec<_>>(),
                "Values": attributes.iter().map(|(_, value)| value.as_str()).collect::<Vec<_>>(),
            },
        })
    };
    let mut rows = vec![detail(
        &facts.display_name,
        "solution",
        "Unknown",
        &[("localizedname", facts.display_name.clone()), ("description", facts.description.clone())],
    )];
    for component in &facts.root_components {
        if component.kind == ComponentType::ENTITY {
            let attributes = [("name", component.name.clone())];
            rows.push(detail(component.label(), "entity", is_present(&component.kind, &component.name), &attributes));
        }
    }
    for reference in &facts.connection_references {
        let present = before.is_some_and(|previous| {
            previous
                .connection_references
                .iter()
                .any(|bound| bound.reference.logical_name.eq_ignore_ascii_case(&reference.logical_name))
        });
        let attributes = [
            ("connectorid", reference.connector_id.clone()),
            ("connectionreferencelogicalname", reference.logical_name.clone()),
            ("connectionreferencedisplayname", reference.display_name.clone()),
            ("description", reference.description.clone()),
        ];
        let present = if present { "True" } else { "False" };
        rows.push(detail(&reference.logical_name, "connectionreference", present, &attributes));
    }
    for variable in &facts.environment_variables {
        let present = before.is_some_and(|previous| {
            previous
                .environment_variables
                .iter()
                .any(|current| current.definition.schema_name.eq_ignore_ascii_case(&variable.schema_name))
        });
        let attributes = [
            ("schemaname", variable.schema_name.clone()),
            ("displayname", variable.display_name.clone()),
            ("description", variable.description.clone()),
            ("type", variable.kind.code().to_string()),
            ("defaultvalue", variable.default_value.clone().unwrap_or_default()),
            ("isrequired", variable.required.to_string()),
            ("parameterkey", String::new()),
            ("parentdefinitionid", String::new()),
            ("apiid", String::new()),
        ];
        let present = if present { "True" } else { "False" };
        rows.push(detail(&variable.display_name, "EnvironmentVariableDefinition", present, &attributes));
    }
    for variable in &facts.environment_variables {
        if let Some(value) = &variable.packaged_value {
            let attributes = [
                ("schemaname", variable.schema_name.clone()),
                ("environmentvariablevalueid", String::new()),
                ("value", value.clone()),
            ];
            rows.push(detail(&variable.schema_name, "EnvironmentVariableValue", "Unknown", &attributes));
        }
    }
    rows
}

/// `RetrieveMissingComponents`
pub async fn missing_components(organization: &BuiltInOrganization, call: Call) -> Result<Answer> {
    let package = receive_package(organization, call.into_body()).await?;
    let staged = organization.environment().await?.stage(&package).await?;
    let one = |component: &Component, solution: Option<String>| {
        json!({
            "Type": type_code(&component.kind), "SchemaName": component.name, "DisplayName": component.label(),
            "ParentSchemaName": component.parent, "ParentDisplayName": component.parent,
            "Id": Uuid::parse_str(&component.name).ok(), "Solution": solution,
        })
    };
    let missing: Vec<Value> = staged
        .unmet
        .iter()
        .map(|unmet| {
            let dependency = &unmet.dependency;
            json!({
                "RequiredComponent": one(&dependency.required, Some(dependency.required_solution.text())),
                "DependentComponent": one(&dependency.dependent, None),
            })
        })
        .collect();
    let body = json!({"MissingComponents": missing});
    Ok(Answer::json(with_context(&organization.base, "RetrieveMissingComponentsResponse", body)))
}

/// `ImportSolution`, `ImportSolutionAsync`, `StageAndUpgradeAsync`
pub async fn import(organization: &BuiltInOrganization, call: Call, message: &str) -> Result<Answer> {
    let (package, body) = receive(organization, call.into_body()).await?;
    let package = match package {
        Some(package) => package,
        None => staged_before(organization, &body).await?,
    };
    let upgrades = message.starts_with("StageAndUpgrade");
    let flag = |name: &str| match body.get(name) {
        None | Some(Value::Null) => Ok(false),
        Some(Value::Bool(is)) => Ok(*is),
        Some(_) => Err(ApiError::argument(format!("The field '{name}' is true or false."))),
    };
    for name in ["OverwriteUnmanagedCustomizations", "PublishWorkflows"] {
        if !body.contains_key(name) {
            return Err(ApiError::argument(format!("Required field '{name}' is missing.")));
        }
        flag(name)?;
    }
    let given = match body.get("ImportJobId").and_then(Value::as_str) {
        Some(id) => Some(Uuid::parse_str(id).map_err(|_| ApiError::argument("The field 'ImportJobId' is not an id."))?),
        None => None,
    };
    // As on the platform, whoever stages and upgrades learns the job's id from the answer.
    let job = ImportJobId(given.filter(|_| !upgrades).unwrap_or_else(|| organization.api.built_in.new_id()));
    let facts = organization.api.packages.facts(&package).await?;
    let mode = match (upgrades, flag("HoldingSolution")?) {
        (true, _) => ImportMode::Upgrade,
        (false, true) => ImportMode::Holding,
        // An unmanaged solution is always added to; a managed one that is there is updated.
        (false, false) => ImportMode::Update,
    };
    let import = Import {
        job,
        package,
        settings: settings(&body)?,
        overwrite_customizations: flag("OverwriteUnmanagedCustomizations")?,
    };
    tracing::info!(job = %job, solution = facts.unique_name, message, "an import was asked for over the Web API");
    organization.api.built_in.start_import(organization.id, &import, mode).await?;
    let operation_type = match (message, upgrades) {
        (_, true) => STAGE_AND_UPGRADE,
        ("ImportSolution", _) => IMPORT,
        _ => EXECUTE_ASYNC,
    };
    let operation = organization.api.built_in.begin_operation(organization.id, operation_type, message, job).await?;
    if message == "ImportSolution" {
        return finished(organization, job).await;
    }
    let body = json!({"ImportJobKey": job, "AsyncOperationId": operation});
    Ok(Answer::json(with_context(&organization.base, &format!("{message}Response"), body)))
}

async fn staged_before(organization: &BuiltInOrganization, body: &Map<String, Value>) -> Result<StoredPackage> {
    let upload = body
        .get("SolutionParameters")
        .and_then(|parameters| parameters.get("StageSolutionUploadId"))
        .and_then(Value::as_str)
        .ok_or_else(|| {
            ApiError::argument("Either 'CustomizationFile' or 'SolutionParameters.StageSolutionUploadId' is required.")
        })?;
    let id = Uuid::parse_str(upload).map_err(|_| ApiError::argument("The StageSolutionUploadId is not an id."))?;
    let found = organization.api.built_in.upload(organization.id, id).await?;
    found.ok_or_else(|| ApiError::missing("stagesolutionupload", id))
}

/// Waits for an import within the request that asked for it.
async fn finished(organization: &BuiltInOrganization, job: ImportJobId) -> Result<Answer> {
    let environment = organization.environment().await?;
    let look = async {
        loop {
            match environment.import_job(job).await? {
                Some(found) if found.status == ImportStatus::Running => tokio::time::sleep(LOOK_EVERY).await,
                Some(found) => return Ok(found),
                None => return Err(ApiError::missing("importjob", job)),
            }
        }
    };
    let Ok(found) = tokio::time::timeout(WAIT, look).await else {
        return Err(ApiError::from(EnvironmentError::Unreachable {
            reason: format!("The import {job} takes longer than a request may. It goes on; look at its import job."),
            retry_after: None,
        }));
    };
    let found = found?;
    match found.status {
        ImportStatus::Failed => {
            let code = found.code.unwrap_or(ErrorCode::IMPORT_FAILED);
            Err(EnvironmentError::refused(code, found.message).into())
        }
        _ => Ok(Answer::done()),
    }
}

/// Reads `ComponentParameters`.
fn settings(body: &Map<String, Value>) -> Result<DeploymentSettings> {
    let mut settings = DeploymentSettings::default();
    let parameters = match body.get("ComponentParameters") {
        None | Some(Value::Null) => return Ok(settings),
        Some(Value::Array(parameters)) => parameters,
        Some(_) => return Err(ApiError::argument("The field 'ComponentParameters' is a list.")),
    };
    for parameter in parameters {
        let text = |name: &str| parameter.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        let kind = text("@odata.type");
        match kind.trim_start_matches('#').rsplit('.').next().unwrap_or_default() {
            "connectionreference" => settings.connection_references.push(ConnectionSetting {
                logical_name: text("connectionreferencelogicalname"),
                connection_id: text("connectionid"),
                connector_id: text("connectorid"),
            }),
            "environmentvariablevalue" => settings
                .environment_variables
                .push(VariableSetting { schema_name: text("schemaname"), value: text("value") }),
            _ => {
                return Err(ApiError::odata(format!(
                    "The type '{kind}' in 'ComponentParameters' is neither connectionreference nor environmentvariablevalue."
                )));
            }
        }
    }
    Ok(settings)
}

/// `ExportSolution`, `ExportSolutionAsync`
pub async fn export(organization: &BuiltInOrganization, call: Call, message: &str) -> Result<Answer> {
    let body = call.object().await?;
    let unique_name = required(&body, "SolutionName")?;
    let kind = match body.get("Managed") {
        Some(Value::Bool(true)) => PackageKind::Managed,
        Some(Value::Bool(false)) => PackageKind::Unmanaged,
        _ => return Err(ApiError::argument("Required field 'Managed' is missing.")),
    };
    let exported = organization.environment().await?.export(unique_name, kind).await;
    if message == "ExportSolution" {
        return Ok(package_answer(organization, "ExportSolutionResponse", exported?));
    }
    let upload = match &exported {
        Ok(package) => organization.api.built_in.keep_upload(organization.id, package).await?,
        Err(_) => organization.api.built_in.new_id(),
    };
    let record = DoneOperation {
        operation_type: EXPORT,
        message_name: message,
        name: unique_name,
        failure: exported.as_ref().err(),
    };
    let operation = organization.api.built_in.record_operation(organization.id, record).await?;
    let body = json!({"AsyncOperationId": operation, "ExportJobId": upload});
    Ok(Answer::json(with_context(&organization.base, "ExportSolutionAsyncResponse", body)))
}

/// `DownloadSolutionExportData`
pub async fn download(organization: &BuiltInOrganization, call: Call) -> Result<Answer> {
    let body = call.object().await?;
    let id = required(&body, "ExportJobId")?;
    let id = Uuid::parse_str(id).map_err(|_| ApiError::argument("The field 'ExportJobId' is not an id."))?;
    let package = organization.api.built_in.upload(organization.id, id).await?;
    let package = package.ok_or_else(|| ApiError::missing("exportsolutionupload", id))?;
    Ok(package_answer(organization, "DownloadSolutionExportDataResponse", package))
}

fn package_answer(organization: &BuiltInOrganization, name: &str, package: StoredPackage) -> Answer {
    let object = match with_context(&organization.base, name, json!({})) {
        Value::Object(object) => object,
        _ => Map::new(),
    };
    Answer {
        status: StatusCode::OK,
        headers: HeaderMap::new(),
        content: Content::Package { object, field: EXPORT_FILE, package },
    }
}
