//! Environments, pipelines and stages: created and changed as administrators do it on the pages.
#![allow(clippy::option_option, reason = "what a body does not say and what it takes away are two things")]

use super::{Created, erase, resolve};
use crate::{error::refusal, given::Given, organization::HostOrganization, tables::HOST};
use model::{
    environment::{EnvironmentType, ValidationStatus},
    gate::Gates,
    id::{DeploymentEnvironmentId, PipelineId, StageId, UserId},
    pipeline::{Delegation, DelegationType},
};
use pipelines::{
    deployment_environment::{self, DeploymentEnvironmentChanges, NewDeploymentEnvironment},
    gate,
    pipeline::{self, NewPipeline, PipelineChanges},
    rows::{self, StageQuery, StageRow},
    stage::{self, NewStage, StageChanges},
};
use serde_json::{Map, Value, json};
use uuid::Uuid;
use web_api::{
    change::Target,
    error::{ApiError, Result},
    table::Table,
};

fn table(logical_name: &str) -> Result<&'static Table> {
    HOST.table(logical_name).ok_or_else(|| ApiError::no_segment(logical_name))
}

/// The record behind a lookup; none where it is not given or leads nowhere.
async fn led_to(
    organization: &HostOrganization,
    given: &mut Given<'_>,
    (navigation, target): (&str, &str),
    created: &Created,
) -> Result<Option<Option<Uuid>>> {
    match given.bound(organization, navigation)? {
        None => Ok(None),
        Some(Target::Nothing) => Ok(Some(None)),
        Some(found) => Ok(Some(Some(resolve(organization, table(target)?, &found, created).await?))),
    }
}

/// The owner that is given; whoever has the record otherwise.
async fn owner(organization: &HostOrganization, given: &mut Given<'_>, otherwise: UserId) -> Result<UserId> {
    let found = led_to(organization, given, ("ownerid", "systemuser"), &Created::new()).await?.flatten();
    Ok(found.map_or(otherwise, UserId))
}

/// The state that is given: active or not. A status alone says it as well.
fn state(given: &mut Given<'_>) -> Option<bool> {
    let (state, status) = (given.number("statecode"), given.number("statuscode"));
    state.map(|state| state == 0).or(status.map(|status| status == 1))
}

pub async fn create_environment(
    organization: &HostOrganization,
    table: &'static Table,
    body: &Map<String, Value>,
) -> Result<Uuid> {
    let (host, caller) = (&organization.host, &organization.caller);
    let mut given = Given::new(table, body)?;
    let kind = given.number("environmenttype").and_then(EnvironmentType::from_code);
    let new = NewDeploymentEnvironment {
        name: given.required("name")?.to_owned(),
        description: given.text("description").unwrap_or_default().to_owned(),
        owner: owner(organization, &mut given, caller.user).await?,
        kind: kind.ok_or_else(|| given.missing("environmenttype"))?,
        environment_id: given.required("environmentid")?.to_owned(),
    };
    given.only("statecode", &json!(0))?;
    given.only("statuscode", &json!(1))?;
    given.finish()?;
    Ok(deployment_environment::create(host, caller, &new).await.map_err(refusal)?.0)
}

pub async fn update_environment(
    organization: &HostOrganization,
    table: &'static Table,
    id: Uuid,
    body: &Map<String, Value>,
) -> Result<()> {
    let (host, caller) = (&organization.host, &organization.caller);
    let found = rows::environments(host, caller, Some(&[id])).await.map_err(refusal)?.pop();
    let before = found.ok_or_else(|| ApiError::missing(table.logical_name, id))?.environment;
    let mut given = Given::new(table, body)?;
    given.only("environmentid", &json!(before.environment_id.to_string()))?;
    given.only("environmenttype", &json!(before.kind.code()))?;
    let active = state(&mut given);
    let again = given.number("validationstatus").map(ValidationStatus::from_code);
    let changes = DeploymentEnvironmentChanges {
        name: given.text("name").unwrap_or(&before.name).to_owned(),
        description: given.text("description").unwrap_or(&before.description).to_owned(),
        owner: owner(organization, &mut given, before.owner).await?,
        row_version: before.row_version,
    };
    given.finish()?;
    if again.is_some_and(|again| again != Some(ValidationStatus::Pending) && again != Some(before.validation)) {
        return Err(ApiError::argument("The validation status can only be set to Pending, which validates again."));
    }
    let id = DeploymentEnvironmentId(id);
    let mut row_version = before.row_version;
    let is_changed =
        (&changes.name, &changes.description, changes.owner) != (&before.name, &before.description, before.owner);
    if is_changed {
        deployment_environment::update(host, caller, id, &changes).await.map_err(refusal)?;
        row_version += 1;
    }
    if let Some(active) = active.filter(|active| *active != before.active) {
        deployment_environment::set_active(host, caller, id, active, row_version).await.map_err(refusal)?;
    }
    if again == Some(Some(ValidationStatus::Pending)) {
        deployment_environment::validate_again(host, caller, id).await.map_err(refusal)?;
    }
    Ok(())
}

/// What says nothing in Slipway, which writes no notes by itself and deploys standard solutions only.
fn standard(given: &mut Given<'_>) -> Result<()> {
    given.pass_over(&["enableaideploymentnotes"]);
    given.only("deploymenttype", &json!(0))
}

pub async fn create_pipeline(
    organization: &HostOrganization,
    table: &'static Table,
    body: &Map<String, Value>,
) -> Result<Uuid> {
    let (host, caller) = (&organization.host, &organization.caller);
    let mut given = Given::new(table, body)?;
    let new = NewPipeline {
        name: given.required("name")?.to_owned(),
        description: given.text("description").unwrap_or_default().to_owned(),
        owner: owner(organization, &mut given, caller.user).await?,
    };
    let redeployment = given.flag("enableredeployment").unwrap_or_default();
    standard(&mut given)?;
    given.only("statecode", &json!(0))?;
    given.only("statuscode", &json!(1))?;
    given.finish()?;
    let id = pipeline::create(host, caller, &new).await.map_err(refusal)?;
    if redeployment {
        let NewPipeline { name, description, owner } = new;
        let changes = PipelineChanges { name, description, owner, redeployment, row_version: 1 };
        pipeline::update(host, caller, id, &changes).await.map_err(refusal)?;
    }
    Ok(id.0)
}

pub async fn update_pipeline(
    organization: &HostOrganization,
    table: &'static Table,
    id: Uuid,
    body: &Map<String, Value>,
) -> Result<()> {
    let (host, caller) = (&organization.host, &organization.caller);
    let found = rows::pipelines(host, caller, Some(&[id])).await.map_err(refusal)?.pop();
    let before = found.ok_or_else(|| ApiError::missing(table.logical_name, id))?;
    let mut given = Given::new(table, body)?;
    standard(&mut given)?;
    let active = state(&mut given);
    let changes = PipelineChanges {
        name: given.text("name").unwrap_or(&before.name).to_owned(),
        description: given.text("description").unwrap_or(&before.description).to_owned(),
        owner: owner(organization, &mut given, before.owner).await?,
        redeployment: given.flag("enableredeployment").unwrap_or(before.redeployment),
        row_version: before.row_version,
    };
    given.finish()?;
    let id = PipelineId(id);
    let mut row_version = before.row_version;
    let is_changed = (&changes.name, &changes.description, changes.owner, changes.redeployment)
        != (&before.name, &before.description, before.owner, before.redeployment);
    if is_changed {
        pipeline::update(host, caller, id, &changes).await.map_err(refusal)?;
        row_version += 1;
    }
    if let Some(active) = active.filter(|active| *active != before.active) {
        pipeline::set_active(host, caller, id, active, row_version).await.map_err(refusal)?;
    }
    Ok(())
}

/// What a stage has beside its place in the pipeline.
struct Extras {
    pre_export: Option<bool>,
    pre_deployment: Option<bool>,
    delegated: Option<Option<Delegation>>,
}

impl Extras {
    fn read(organization: &HostOrganization, given: &mut Given<'_>) -> Result<Self> {
        given.only("issharingenabled", &json!(false))?;
        given.only("statecode", &json!(0))?;
        given.only("statuscode", &json!(1))?;
        let (pre_export, pre_deployment) =
            (given.flag("preexportsteprequired"), given.flag("predeploymentsteprequired"));
        let kind = given.number("delegateddeploymenttype").and_then(DelegationType::from_code);
        let service = given.id("spnclientid")?;
        let delegated = match (given.flag("isdelegateddeployment"), kind) {
            (Some(false), _) => Some(None),
            (Some(true), None) if service.is_none() => {
                return Err(ApiError::argument(
                    "A delegated stage needs its 'delegateddeploymenttype': 1 (Stage Owner) or 2 (Service Principal).",
                ));
            }
            (Some(true), None) | (_, Some(DelegationType::ServicePrincipal)) => {
                let delegate = service.ok_or_else(|| {
                    ApiError::argument("'spnclientid' is the id of the service identity that the stage deploys as.")
                })?;
                Some(Some(Delegation { kind: DelegationType::ServicePrincipal, delegate: UserId(delegate) }))
            }
            (_, Some(DelegationType::StageOwner)) => {
                Some(Some(Delegation { kind: DelegationType::StageOwner, delegate: organization.caller.user }))
            }
            (None, None) => service.map(|delegate| {
                Some(Delegation { kind: DelegationType::ServicePrincipal, delegate: UserId(delegate) })
            }),
        };
        Ok(Self { pre_export, pre_deployment, delegated })
    }

    /// Whether gates become other ones.
    fn gates(&self, before: &Gates) -> Option<Gates> {
        let after = Gates {
            pre_export_step_required: self.pre_export.unwrap_or(before.pre_export_step_required),
            pre_deployment_step_required: self.pre_deployment.unwrap_or(before.pre_deployment_step_required),
            ..before.clone()
        };
        (after != *before).then_some(after)
    }

    async fn carry_out(&self, organization: &HostOrganization, before: &StageRow, row_version: i32) -> Result<()> {
        let (host, caller, id) = (&organization.host, &organization.caller, before.stage.id);
        if let Some(gates) = self.gates(&before.gates) {
            gate::save(host, caller, id, &gates).await.map_err(refusal)?;
        }
        // A stage that deploys as its owner goes on doing so whoever says it once more.
        let is_owners = |one: &Option<Delegation>| one.is_some_and(|one| one.kind == DelegationType::StageOwner);
        let stays = |new: &Option<Delegation>| {
            *new == before.stage.delegation || (is_owners(new) && is_owners(&before.stage.delegation))
        };
        if let Some(delegation) = self.delegated.filter(|new| !stays(new)) {
            stage::delegation::delegate(host, caller, id, delegation, row_version).await.map_err(refusal)?;
        }
        Ok(())
    }
}

async fn stage_row(organization: &HostOrganization, id: Uuid) -> Result<StageRow> {
    let query = StageQuery { ids: Some(&[id]), pipelines: None };
    let found = rows::stages(&organization.host, &organization.caller, query).await.map_err(refusal)?.pop();
    found.ok_or_else(|| ApiError::missing("deploymentstage", id))
}

pub async fn create_stage(
    organization: &HostOrganization,
    table: &'static Table,
    body: &Map<String, Value>,
    created: &Created,
) -> Result<Uuid> {
    let (host, caller) = (&organization.host, &organization.caller);
    let mut given = Given::new(table, body)?;
    let (name, description) = (given.required("name")?, given.text("description").unwrap_or_default());
    let pipeline = led_to(organization, &mut given, ("deploymentpipelineid", "deploymentpipeline"), created).await?;
    let pipeline = pipeline.flatten().ok_or_else(|| given.missing("deploymentpipelineid@odata.bind"))?;
    let target = ("targetdeploymentenvironmentid", "deploymentenvironment");
    let target = led_to(organization, &mut given, target, created).await?.flatten();
    let target = target.ok_or_else(|| given.missing("targetdeploymentenvironmentid@odata.bind"))?;
    let previous = ("previousdeploymentstageid", "deploymentstage");
    let previous = led_to(organization, &mut given, previous, created).await?.flatten();
    owner(organization, &mut given, caller.user).await?;
    let extras = Extras::read(organization, &mut given)?;
    given.finish()?;
    let previous = match previous {
        Some(previous) => Some(StageId(previous)),
        // Scripts add stages in their order and leave the rest to the host.
        None => last_stage(organization, pipeline).await?,
    };
    let new = NewStage {
        pipeline: PipelineId(pipeline),
        name: name.to_owned(),
        description: description.to_owned(),
        previous,
        target: Some(DeploymentEnvironmentId(target)),
    };
    let id = stage::create(host, caller, &new).await.map_err(refusal)?.0;
    let row = stage_row(organization, id).await?;
    let row_version = row.stage.row_version;
    if let Err(error) = extras.carry_out(organization, &row, row_version).await {
        // A stage without the gate that it was to have would let through what it should not.
        erase(organization, table, id).await?;
        return Err(error);
    }
    Ok(id)
}

/// The stage of a pipeline that no other follows.
async fn last_stage(organization: &HostOrganization, pipeline: Uuid) -> Result<Option<StageId>> {
    let query = StageQuery { ids: None, pipelines: Some(&[pipeline]) };
    let stages = rows::stages(&organization.host, &organization.caller, query).await.map_err(refusal)?;
    let is_followed = |id: StageId| stages.iter().any(|row| row.stage.previous == Some(id));
    Ok(stages.iter().map(|row| row.stage.id).find(|id| !is_followed(*id)))
}

pub async fn update_stage(
    organization: &HostOrganization,
    table: &'static Table,
    id: Uuid,
    body: &Map<String, Value>,
    created: &Created,
) -> Result<()> {
    let (host, caller) = (&organization.host, &organization.caller);
    let row = stage_row(organization, id).await?;
    let before = &row.stage;
    let mut given = Given::new(table, body)?;
    let of = led_to(organization, &mut given, ("deploymentpipelineid", "deploymentpipeline"), created).await?;
    if of.flatten().is_some_and(|of| of != before.pipeline.0) {
        return Err(ApiError::argument("A stage stays in its pipeline. Delete it and create it in the other one."));
    }
    let target = ("targetdeploymentenvironmentid", "deploymentenvironment");
    let target = led_to(organization, &mut given, target, created).await?.flatten();
    let previous = ("previousdeploymentstageid", "deploymentstage");
    let previous = led_to(organization, &mut given, previous, created).await?;
    owner(organization, &mut given, row.owner).await?;
    let changes = StageChanges {
        name: given.text("name").unwrap_or(&before.name).to_owned(),
        description: given.text("description").unwrap_or(&before.description).to_owned(),
        previous: previous.map_or(before.previous, |previous| previous.map(StageId)),
        target: Some(target.map_or(before.target, DeploymentEnvironmentId)),
        row_version: before.row_version,
    };
    let extras = Extras::read(organization, &mut given)?;
    given.finish()?;
    // Before anything is written: a change is made as a whole or not at all.
    if extras.pre_export == Some(true) && changes.previous.is_some() {
        return Err(ApiError::argument("Only the first stage exports, so only it can have a pre-export step."));
    }
    let is_changed = (&changes.name, &changes.description, changes.previous, changes.target)
        != (&before.name, &before.description, before.previous, Some(before.target));
    let mut row_version = before.row_version;
    if is_changed {
        stage::update(host, caller, before.id, &changes).await.map_err(refusal)?;
        row_version += 1;
    }
    extras.carry_out(organization, &row, row_version).await
}
