//! Actions of the host: what scripts and flows have done with runs and environments.

use crate::{error::refusal, organization::HostOrganization};
use http::Method;
use model::id::{DeploymentEnvironmentId, StageRunId};
use pipelines::{deployment_environment, stage_run};
use serde_json::{Map, Value};
use uuid::Uuid;
use web_api::{
    call::{Answer, Call, Segment},
    error::{ApiError, Result},
};

/// What is said for whoever rejects without a reason: makers are told one.
const NO_REASON: &str = "No reason was given.";
/// The platform's value of a gate that is rejected.
const REJECTED: i32 = 30;

/// What is to be done.
#[derive(Clone, Copy, Debug)]
enum Action {
    Validate,
    Deploy,
    Retry,
    ForceLink,
    AnswerPreExport,
    AnswerApproval,
    AnswerPreDeployment,
}

fn action(name: &str) -> Option<Action> {
    Some(match name {
        "ValidatePackageAsync" => Action::Validate,
        "DeployPackageAsync" => Action::Deploy,
        "RetryFailedDeploymentAsync" => Action::Retry,
        "ManageEnvironmentStamp" => Action::ForceLink,
        "UpdatePreExportStepStatus" => Action::AnswerPreExport,
        "UpdateApprovalStatus" => Action::AnswerApproval,
        "UpdatePreDeploymentStepStatus" => Action::AnswerPreDeployment,
        _ => return None,
    })
}

/// Answers an action; none where the segment names none.
pub async fn answer(organization: &HostOrganization, call: Call, segment: &Segment) -> Option<Result<Answer>> {
    let action = action(&segment.name)?;
    if call.method != Method::POST {
        let message = format!("The method {} is not supported here: {} is POSTed.", call.method, segment.name);
        return Some(Err(ApiError::not_allowed(message)));
    }
    Some(carry_out(organization, action, call).await.map(|()| Answer::done()))
}

async fn carry_out(organization: &HostOrganization, action: Action, call: Call) -> Result<()> {
    let (host, caller) = (&organization.host, &organization.caller);
    let body = call.object().await?;
    let run = || id(&body, "StageRunId").map(StageRunId);
    let done = match action {
        Action::Validate => Box::pin(stage_run::validate_package(host, caller, run()?)).await,
        Action::Deploy => Box::pin(stage_run::deploy_package(host, caller, run()?)).await,
        Action::Retry => stage_run::retry(host, caller, run()?).await,
        Action::ForceLink => {
            let record = DeploymentEnvironmentId(id(&body, "DeploymentEnvironmentId")?);
            deployment_environment::force_link(host, caller, record).await
        }
        Action::AnswerPreExport => {
            let (status, comments) = answered(&body, "PreExportStepStatus", "Comments")?;
            stage_run::update_pre_export_step_status(host, caller, run()?, status, &comments).await
        }
        Action::AnswerApproval => {
            let (status, comments) = answered(&body, "ApprovalStatus", "ApprovalComments")?;
            let comments = if status == REJECTED && comments.is_empty() { NO_REASON.to_owned() } else { comments };
            stage_run::update_approval_status(host, caller, run()?, status, &comments).await
        }
        Action::AnswerPreDeployment => {
            let (status, comments) = answered(&body, "PreDeploymentStepStatus", "Comments")?;
            stage_run::update_pre_deployment_step_status(host, caller, run()?, status, &comments).await
        }
    };
    done.map_err(refusal)
}

/// A parameter, whatever the case of its name: documents and flows differ in it.
fn parameter<'a>(body: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    let found = body.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value);
    found.filter(|value| !value.is_null())
}

fn id(body: &Map<String, Value>, name: &str) -> Result<Uuid> {
    let value = parameter(body, name);
    let value = value.ok_or_else(|| ApiError::argument(format!("Required field '{name}' is missing.")))?;
    let id = value.as_str().and_then(|text| Uuid::parse_str(text.trim()).ok());
    id.ok_or_else(|| ApiError::argument(format!("The field '{name}' is not an id.")))
}

/// What a gate is answered with.
fn answered(body: &Map<String, Value>, status: &str, comments: &str) -> Result<(i32, String)> {
    let value = parameter(body, status);
    let value = value.ok_or_else(|| ApiError::argument(format!("Required field '{status}' is missing.")))?;
    let number = value.as_i64().or_else(|| value.as_str().and_then(|text| text.trim().parse().ok()));
    let number = number.and_then(|number| i32::try_from(number).ok()).ok_or_else(|| {
        ApiError::argument(format!("The field '{status}' is a number: 20 (completed) or 30 (rejected)."))
    })?;
    let said = parameter(body, comments).and_then(Value::as_str).unwrap_or_default();
    Ok((number, said.to_owned()))
}
