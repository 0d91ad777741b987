//! Functions of the host: who asks, and which pipelines there are for whom.

use crate::{
    error::refusal,
    organization::{HostOrganization, ORGANIZATION},
    row,
};
use http::Method;
use model::{
    environment::EnvironmentType,
    id::{EnvironmentId, PipelineId},
    stage_run::StageRunStatus,
    user::Role,
};
use pipelines::{
    rows::{self, RunQuery, StageQuery},
    stage_run,
};
use serde_json::{Map, Value, json};
use std::str::FromStr;
use uuid::Uuid;
use web_api::{
    Row,
    call::{Answer, Call, Segment, with_context},
    error::{ApiError, Result},
};

/// The version that the host says its pipelines package has.
const VERSION: &str = "9.2.25093.138";

/// Answers a function; none where the segment names none.
pub async fn answer(organization: &HostOrganization, call: &Call, segment: &Segment) -> Option<Result<Answer>> {
    let name = segment.name.as_str();
    let known =
        ["WhoAmI", "RetrieveVersion", "RetrieveDeploymentPipelines", "RetrieveDeploymentPipelineInfo"].contains(&name);
    if !known {
        return None;
    }
    if call.method != Method::GET {
        let message = format!("The method {} is not supported here: {name} is asked with GET.", call.method);
        return Some(Err(ApiError::not_allowed(message)));
    }
    Some(
        body(organization, call, segment)
            .await
            .map(|body| Answer::json(with_context(&organization.base, &format!("{name}Response"), body))),
    )
}

async fn body(organization: &HostOrganization, call: &Call, segment: &Segment) -> Result<Value> {
    let parameters = call.parameters(segment.key.as_deref())?;
    match segment.name.as_str() {
        "WhoAmI" => Ok(json!({
            "BusinessUnitId": ORGANIZATION, "UserId": organization.caller.user, "OrganizationId": ORGANIZATION,
        })),
        "RetrieveVersion" => Ok(json!({"Version": VERSION})),
        "RetrieveDeploymentPipelines" => pipelines(organization, parameter(&parameters, "SourceEnvironmentId")?).await,
        _ => {
            let source = parameter(&parameters, "SourceEnvironmentId")?;
            let solution: String = parameter(&parameters, "ArtifactName")?;
            let pipeline = parameter(&parameters, "DeploymentPipelineId")?;
            pipeline_info(organization, pipeline, source, &solution).await
        }
    }
}

fn parameter<T: FromStr>(parameters: &Map<String, Value>, name: &str) -> Result<T> {
    let text = parameters.get(name).and_then(Value::as_str).map(|text| text.trim_matches(['{', '}']));
    let text = text.filter(|text| !text.is_empty());
    let text = text.ok_or_else(|| ApiError::argument(format!("Required field '{name}' is missing.")))?;
    text.parse().map_err(|_| ApiError::argument(format!("The field '{name}' is not an id.")))
}

/// `RetrieveDeploymentPipelines`: pipelines that start from a development environment.
async fn pipelines(organization: &HostOrganization, source: EnvironmentId) -> Result<Value> {
    let (host, caller) = (&organization.host, &organization.caller);
    let found = match stage_run::pipelines_for(host, caller, source).await {
        Ok(found) => found,
        Err(pipelines::Error::NotFound(_)) => Vec::new(),
        Err(error) => return Err(refusal(error)),
    };
    let ids: Vec<Uuid> = found.iter().map(|(id, _)| id.0).collect();
    let found = rows::pipelines(host, caller, Some(&ids)).await.map_err(refusal)?;
    let environments = rows::environments(host, caller, None).await.map_err(refusal)?;
    let mut environments = environments.into_iter().map(|row| row.environment);
    let own = environments.find(|one| one.environment_id == source && one.kind == EnvironmentType::Development);
    let available: Vec<Value> = found
        .iter()
        .map(|pipeline| {
            json!({
                "PipelineId": pipeline.id, "Name": pipeline.name, "Description": pipeline.description,
                "IsAssociatedToSourceEnvironment": true, "CanDelete": caller.is_administrator(),
            })
        })
        .collect();
    Ok(json!({
        "CanCreate": caller.is_administrator() || caller.roles.has(Role::PipelineDefault),
        "AvailablePipelines": available,
        "DeploymentEnvironment": own.map(|environment| json!({
            "DeploymentEnvironmentId": environment.id, "EnvironmentId": environment.environment_id,
            "EnvironmentType": environment.kind.code(),
        })),
        // Some scripts take the answer for a list of records.
        "value": found.iter().map(row::pipeline).collect::<Vec<Row>>(),
    }))
}

/// `RetrieveDeploymentPipelineInfo`: a pipeline as the maker of a solution sees it.
async fn pipeline_info(
    organization: &HostOrganization,
    id: PipelineId,
    source: EnvironmentId,
    solution: &str,
) -> Result<Value> {
    let (host, caller) = (&organization.host, &organization.caller);
    let pipeline = rows::pipelines(host, caller, Some(&[id.0])).await.map_err(refusal)?.pop();
    let pipeline = pipeline.ok_or_else(|| ApiError::missing("deploymentpipeline", id))?;
    let links = rows::links(host, caller).await.map_err(refusal)?;
    let linked: Vec<Uuid> = links.iter().filter(|(of, _)| *of == id).map(|(_, record)| record.0).collect();
    let linked = rows::environments(host, caller, Some(&linked)).await.map_err(refusal)?;
    let development = linked.into_iter().map(|row| row.environment).find(|one| one.environment_id == source);
    let development = development.ok_or_else(|| ApiError::missing("deploymentenvironment", source))?;
    let stages = rows::stages(host, caller, StageQuery { ids: None, pipelines: Some(&[id.0]) }).await;
    let stages = stages.map_err(refusal)?;
    let mut details = Vec::new();
    let mut next = stages.iter().find(|row| row.stage.previous.is_none());
    while let Some(stage) = next.filter(|_| details.len() < stages.len()) {
        let all = RunQuery {
            stages: Some(vec![stage.stage.id.0]),
            solutions: Some(vec![solution.to_owned()]),
            limit: Some(1),
            ..RunQuery::default()
        };
        let succeeded = RunQuery { statuses: Some(vec![StageRunStatus::Succeeded.code()]), ..all.clone() };
        let latest = rows::runs(host, caller, &all).await.map_err(refusal)?;
        let succeeded = rows::runs(host, caller, &succeeded).await.map_err(refusal)?;
        details.push(json!({
            "DeploymentStage": row::stage(stage), "LatestStageRun": latest.first().map(row::run),
            "LatestSuccessfulStageRun": succeeded.first().map(row::run),
        }));
        next = stages.iter().find(|row| row.stage.previous == Some(stage.stage.id));
    }
    Ok(json!({
        "DeploymentPipelineId": pipeline.id, "DeploymentPipelineName": pipeline.name,
        "SourceDeploymentEnvironmentId": development.id, "StageRunsDetails": details,
        "EnableAIDeploymentNotes": false, "EnableRedeployment": pipeline.redeployment, "DeploymentType": 0,
    }))
}
