//! The host's records as rows of the tables.

use crate::{stage_run, tables::LINK};
use environment::PackageKind;
use model::{
    Timestamp,
    environment::DeploymentEnvironment,
    gate::GateStatus,
    id::{DeploymentEnvironmentId, PipelineId, StageRunId},
    pipeline::DelegationType,
    stage_run::{Artifact, StepStatus, SubOperation},
    user::Person,
};
use pipelines::rows::{EnvironmentRow, PipelineRow, RunRow, StageRow, StepRow};
use serde_json::{Value, json};
use uuid::Uuid;
use web_api::{FORMATTED, Row};

/// A moment as the platform writes it, to the second.
pub fn moment(moment: Timestamp) -> String {
    Timestamp(moment.0.div_euclid(1000) * 1000).to_rfc3339()
}

fn state(active: bool) -> (i32, i32) {
    if active { (0, 1) } else { (1, 2) }
}

fn some(text: &str) -> Option<&str> {
    Some(text).filter(|text| !text.is_empty())
}

/// A row with the version of what it says: it changes with every property, whatever changed it.
fn row(value: Value) -> Row {
    const BASIS: u64 = 0xcbf2_9ce4_8422_2325;
    const PRIME: u64 = 0x0000_0100_0000_01b3;
    let Value::Object(mut row) = value else { return Row::new() };
    let text = serde_json::to_string(&row).unwrap_or_default();
    let hash = text.bytes().fold(BASIS, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(PRIME));
    // Clients read numbers as doubles, which keep 53 bits.
    row.insert("versionnumber".to_owned(), (hash >> 12).into());
    row
}

/// Adds the name of what a lookup leads to, as it is known here.
fn name(mut row: Row, property: &str, name: &str) -> Row {
    if !name.is_empty() {
        row.insert(format!("{property}{FORMATTED}"), name.into());
    }
    row
}

/// A record of an environment.
pub fn environment(EnvironmentRow { environment, created }: EnvironmentRow) -> Row {
    let DeploymentEnvironment { id, name: own, description, kind, environment_id, owner, .. } = &environment;
    let (state, status) = state(environment.active);
    let row = row(json!({
        "deploymentenvironmentid": id, "name": own, "description": some(description),
        "environmentid": environment_id.to_string(), "environmenttype": kind.code(),
        "validationstatus": environment.validation.code(), "errormessage": some(&environment.error_message),
        "_ownerid_value": owner, "statecode": state, "statuscode": status, "createdon": moment(created),
        "modifiedon": moment(environment.modified),
    }));
    name(row, "_ownerid_value", &environment.owner_name)
}

/// A pipeline.
pub fn pipeline(pipeline: &PipelineRow) -> Row {
    let (state, status) = state(pipeline.active);
    let row = row(json!({
        "deploymentpipelineid": pipeline.id, "name": pipeline.name, "description": some(&pipeline.description),
        "enableaideploymentnotes": false, "enableredeployment": pipeline.redeployment, "deploymenttype": 0,
        "_ownerid_value": pipeline.owner, "statecode": state, "statuscode": status,
        "createdon": moment(pipeline.created), "modifiedon": moment(pipeline.modified),
    }));
    name(row, "_ownerid_value", &pipeline.owner_name)
}

/// Which development environment is linked to which pipeline.
pub fn link((pipeline, environment): (PipelineId, DeploymentEnvironmentId)) -> Row {
    row(json!({
        format!("{LINK}id"): mixed(pipeline.0, environment.0.as_u128()),
        "deploymentpipelineid": pipeline, "deploymentenvironmentid": environment,
    }))
}

/// A stage. What it is delegated to is a service identity by its id, as an application is on the platform.
pub fn stage(row_of: &StageRow) -> Row {
    let StageRow { stage, gates, pipeline_name, owner, created, modified } = row_of;
    let service = stage.delegation.filter(|delegation| delegation.kind == DelegationType::ServicePrincipal);
    let service = service.map(|delegation| delegation.delegate.to_string());
    let row = row(json!({
        "deploymentstageid": stage.id, "name": stage.name, "description": some(&stage.description),
        "_deploymentpipelineid_value": stage.pipeline, "_previousdeploymentstageid_value": stage.previous,
        "_targetdeploymentenvironmentid_value": stage.target, "preexportsteprequired": gates.pre_export_step_required,
        "predeploymentsteprequired": gates.pre_deployment_step_required,
        "isdelegateddeployment": stage.delegation.is_some(),
        "delegateddeploymenttype": stage.delegation.map(|delegation| delegation.kind.code()),
        "spnclientid": service, "issharingenabled": false, "_ownerid_value": owner,
        "statecode": 0, "statuscode": 1, "createdon": moment(*created), "modifiedon": moment(*modified),
    }));
    let row = name(row, "_deploymentpipelineid_value", pipeline_name);
    name(row, "_targetdeploymentenvironmentid_value", &stage.target_name)
}

/// A run.
pub fn run(run: &RunRow) -> Row {
    let standing = stage_run::standing(run);
    let gate = |index: usize| run.gates.get(index).copied().flatten().map(GateStatus::code);
    let settings = run.settings.as_ref().and_then(|settings| serde_json::to_string(settings).ok());
    let row = row(json!({
        "deploymentstagerunid": run.id,
        "name": format!("{} - {} {}", run.stage_name, run.solution, run.version),
        "artifactname": run.solution, "artifactversion": run.version,
        "artifactdevcurrentversion": run.development_version, "solutionid": run.solution_id,
        "_artifactid_value": run.artifact, "_deploymentstageid_value": run.stage,
        "_devdeploymentenvironment_value": run.source.1, "_targetdeploymentenvironment_value": run.target.1,
        "devenvironmentid": run.source.0, "targetenvironmentid": run.target.0,
        "stagerunstatus": run.status.code(), "operation": standing.operation,
        "operationstatus": standing.operation_status, "suboperation": standing.suboperation,
        "operationdetails": some(&run.waiting_for), "errormessage": some(&run.error_message),
        "validationresults": crate::validation_results::of(run), "deploymentsettingsjson": settings,
        "deploymentnotes": some(&run.notes), "aigenerateddeploymentnotes": null,
        "makerainoteslanguagecode": run.language, "scheduledtime": run.scheduled.map(moment),
        "starttime": moment(run.requested), "endtime": run.ended.map(moment), "retrycount": run.attempts,
        "iscanceled": run.status == model::stage_run::StageRunStatus::Canceled, "isredeployment": run.redeployment,
        "preexportstepstatus": gate(0), "approvalstatus": gate(1), "predeploymentstepstatus": gate(2),
        "_deployasuser_value": run.run_as.as_ref().map(|(user, _)| *user), "_ownerid_value": run.requested_by.0,
        "_createdby_value": run.requested_by.0, "statecode": 0, "statuscode": 1, "createdon": moment(run.requested),
        "modifiedon": moment(run.ended.unwrap_or(run.requested)),
    }));
    let row = name(row, "_deploymentstageid_value", &run.stage_name);
    let row = name(row, "_devdeploymentenvironment_value", &run.source.2);
    let row = name(row, "_targetdeploymentenvironment_value", &run.target.2);
    let row = name(row, "_ownerid_value", &run.requested_by.1);
    let row = name(row, "_createdby_value", &run.requested_by.1);
    name(row, "_deployasuser_value", run.run_as.as_ref().map_or("", |(_, name)| name))
}

/// A step of a run.
pub fn step(StepRow { run, step }: &StepRow) -> Row {
    let operation = if step.step < SubOperation::RetrievingArtifact { 200_000_201 } else { 200_000_202 };
    let failed = step.status == StepStatus::Failed;
    row(json!({
        "deploymentstagerunstatusid": step_id(*run, step.step), "name": step.step.label(),
        "_deploymentstagerunid_value": run, "operation": operation, "operationstatus": step.status.code(),
        "suboperation": step.step.code(), "details": some(&step.detail),
        "errormessage": some(&step.detail).filter(|_| failed), "retrycount": 0,
        "starttime": step.started.map(moment), "endtime": step.ended.map(moment), "statecode": 0, "statuscode": 1,
        "createdon": step.started.map(moment), "modifiedon": step.ended.or(step.started).map(moment),
    }))
}

/// The id of a step: its run's id, in which the step's number is mixed.
fn step_id(run: StageRunId, step: SubOperation) -> Uuid {
    mixed(run.0, u128::from(step.code().unsigned_abs()))
}

/// The runs that a step with an id may belong to.
pub fn runs_of_step(id: Uuid) -> impl Iterator<Item = Uuid> {
    SubOperation::ALL.iter().map(move |step| mixed(id, u128::from(step.code().unsigned_abs())))
}

fn mixed(id: Uuid, other: u128) -> Uuid {
    Uuid::from_u128(id.as_u128() ^ other)
}

/// An artifact.
pub fn artifact(artifact: &Artifact) -> Row {
    let generated = moment(artifact.generated);
    let file = |kind: PackageKind| pipelines::artifact::file_name(&artifact.solution, &artifact.version, kind);
    row(json!({
        "deploymentartifactid": artifact.id, "name": artifact.solution, "artifactversion": artifact.version.as_str(),
        "generatedon": generated, "artifactfile": artifact.id, "artifactfile_name": file(PackageKind::Managed),
        "artifactfileunmanaged": artifact.id, "artifactfileunmanaged_name": file(PackageKind::Unmanaged),
        "statecode": 0, "statuscode": 1, "createdon": generated, "modifiedon": generated,
    }))
}

/// A person or a service identity.
pub fn person(person: &Person) -> Row {
    row(json!({
        "systemuserid": person.id, "fullname": person.display_name, "domainname": person.user_name,
        "isdisabled": !person.enabled,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_leads_back_to_its_run() {
        let run = StageRunId(Uuid::from_u128(77));
        for step in SubOperation::ALL {
            let id = step_id(run, *step);
            assert_ne!(id, run.0);
            assert!(runs_of_step(id).any(|found| found == run.0), "{step:?}");
        }
    }

    #[test]
    fn the_version_of_a_row_changes_with_what_it_says() {
        let version = |value: Value| row(value).remove("versionnumber").unwrap_or_default();
        assert_eq!(version(json!({"a": 1})), version(json!({"a": 1})));
        assert_ne!(version(json!({"a": 1})), version(json!({"a": 2})));
        assert!(version(json!({})).as_u64().is_some_and(|version| version < 1 << 53));
    }
}
