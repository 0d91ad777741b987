//! Changes of the host's records, each an operation of the host.

mod configuration;
mod stage_run;

use crate::{error::refusal, organization::HostOrganization, tables::LINK};
use model::id::{DeploymentEnvironmentId, PipelineId, StageId};
use pipelines::{deployment_environment, pipeline, stage};
use serde_json::{Map, Value};
use std::collections::HashMap;
use uuid::Uuid;
use web_api::{
    Organization,
    change::{Change, ChangeKind, Failed, Found, Known, Target, leads_to},
    error::{ApiError, Result},
    known, row,
    table::Table,
};

/// What earlier requests of a change set have created, by `Content-ID`.
type Created = HashMap<String, (&'static Table, Uuid)>;

/// What takes a change back.
enum Undo {
    Record(&'static Table, Uuid),
    Link(PipelineId, DeploymentEnvironmentId),
}

/// Makes changes one after the other. Those of a change set are taken back where a later one is refused; only what creates
/// and links can be, so that nothing else may stand in a change set of several.
pub async fn carry_out(organization: &HostOrganization, changes: Vec<Change>) -> Result<Vec<Found>, Failed> {
    let several = changes.len() > 1;
    let (mut created, mut undo, mut found) = (Created::new(), Vec::new(), Vec::new());
    for (index, change) in changes.into_iter().enumerate() {
        if several && !can_be_undone(&change) {
            take_back(organization, undo).await;
            let error = ApiError::not_allowed(
                "A change set of several requests creates environments, pipelines and stages and links them; put every other change into a change set of its own.",
            );
            return Err(Failed { at: Some(index), error });
        }
        match Box::pin(one(organization, change, &mut created, &mut undo)).await {
            Ok(of_change) => found.push(of_change),
            Err(error) => {
                take_back(organization, undo).await;
                return Err(Failed { at: Some(index), error });
            }
        }
    }
    Ok(found)
}

fn can_be_undone(change: &Change) -> bool {
    match &change.kind {
        ChangeKind::Create(_) => change.table.logical_name != "deploymentstagerun",
        ChangeKind::Link(..) => true,
        _ => false,
    }
}

async fn take_back(organization: &HostOrganization, undo: Vec<Undo>) {
    let (host, caller) = (&organization.host, &organization.caller);
    for undo in undo.into_iter().rev() {
        let taken_back = match undo {
            Undo::Record(table, id) => erase(organization, table, id).await,
            Undo::Link(pipeline, environment) => {
                pipeline::unlink_environment(host, caller, pipeline, environment).await.map_err(refusal)
            }
        };
        if let Err(error) = taken_back {
            tracing::warn!(message = error.message, "a change of a change set could not be taken back");
        }
    }
}

async fn one(
    organization: &HostOrganization,
    change: Change,
    created: &mut Created,
    undo: &mut Vec<Undo>,
) -> Result<Found> {
    let table = change.table;
    let by_id = |id: Uuid| Some((table.id, id.to_string()));
    match change.kind {
        ChangeKind::Create(body) => {
            let id = create(organization, table, &body, created).await?;
            undo.push(Undo::Record(table, id));
            if let Some(content_id) = change.content_id {
                created.insert(content_id, (table, id));
            }
            Ok(by_id(id))
        }
        ChangeKind::Update(record, body) => {
            let id = of_known(organization, table, &record, created).await?;
            update(organization, table, id, &body, created).await?;
            Ok(by_id(id))
        }
        ChangeKind::Delete(record) => {
            let id = of_known(organization, table, &record, created).await?;
            erase(organization, table, id).await?;
            Ok(None)
        }
        ChangeKind::Link(record, navigation, address) => {
            let (pipeline, environment) = link(organization, table, &record, &navigation, &address, created).await?;
            let done =
                pipeline::link_environment(&organization.host, &organization.caller, pipeline, environment).await;
            done.map_err(refusal)?;
            undo.push(Undo::Link(pipeline, environment));
            Ok(None)
        }
        ChangeKind::Unlink(record, navigation, address) => {
            let (pipeline, environment) = link(organization, table, &record, &navigation, &address, created).await?;
            let done =
                pipeline::unlink_environment(&organization.host, &organization.caller, pipeline, environment).await;
            done.map_err(refusal)?;
            Ok(None)
        }
    }
}

async fn create(
    organization: &HostOrganization,
    table: &'static Table,
    body: &Map<String, Value>,
    created: &Created,
) -> Result<Uuid> {
    match table.logical_name {
        "deploymentenvironment" => configuration::create_environment(organization, table, body).await,
        "deploymentpipeline" => configuration::create_pipeline(organization, table, body).await,
        "deploymentstage" => configuration::create_stage(organization, table, body, created).await,
        "deploymentstagerun" => stage_run::create(organization, table, body).await,
        _ => Err(ApiError::not_allowed(format!("Records of '{}' are not created by clients.", table.set_name))),
    }
}

async fn update(
    organization: &HostOrganization,
    table: &'static Table,
    id: Uuid,
    body: &Map<String, Value>,
    created: &Created,
) -> Result<()> {
    match table.logical_name {
        "deploymentenvironment" => configuration::update_environment(organization, table, id, body).await,
        "deploymentpipeline" => configuration::update_pipeline(organization, table, id, body).await,
        "deploymentstage" => configuration::update_stage(organization, table, id, body, created).await,
        "deploymentstagerun" => stage_run::update(organization, table, id, body).await,
        _ => Err(ApiError::not_allowed(format!("Records of '{}' are not changed by clients.", table.set_name))),
    }
}

async fn erase(organization: &HostOrganization, table: &'static Table, id: Uuid) -> Result<()> {
    let (host, caller) = (&organization.host, &organization.caller);
    let done = match table.logical_name {
        "deploymentenvironment" => deployment_environment::delete(host, caller, DeploymentEnvironmentId(id)).await,
        "deploymentpipeline" => pipeline::delete(host, caller, PipelineId(id)).await,
        "deploymentstage" => stage::delete(host, caller, StageId(id)).await,
        _ => {
            let message = format!("Records of '{}' are kept: they are the history.", table.set_name);
            return Err(ApiError::not_allowed(message));
        }
    };
    done.map_err(refusal)
}

/// The id of a record that a client says to know, or that an earlier request of the same change set has created.
async fn of_known(
    organization: &HostOrganization,
    table: &'static Table,
    record: &Known,
    created: &Created,
) -> Result<Uuid> {
    match record.key.strip_prefix('$') {
        Some(content_id) => resolve(organization, table, &Target::Pending(content_id.to_owned()), created).await,
        None => id_of(table, &known(organization, table, record).await?),
    }
}

fn id_of(table: &'static Table, row: &web_api::Row) -> Result<Uuid> {
    let id = row.get(table.id).and_then(Value::as_str).unwrap_or_default();
    Uuid::parse_str(id).map_err(|_| ApiError::missing(table.logical_name, id))
}

/// The record that an address or a lookup means; not found where the caller may not see it.
async fn resolve(
    organization: &HostOrganization,
    table: &'static Table,
    target: &Target,
    created: &Created,
) -> Result<Uuid> {
    match target {
        Target::Key(key) => id_of(table, &row(organization, table, key).await?),
        Target::Pending(content_id) => match created.get(content_id) {
            Some((of, id)) if of.logical_name == table.logical_name => Ok(*id),
            _ => Err(ApiError::odata(format!(
                "There is no request with the Content-ID '{content_id}' before that creates a record of '{}'.",
                table.set_name
            ))),
        },
        Target::Nothing => Err(ApiError::odata(format!("A record of '{}' has to be named.", table.set_name))),
    }
}

/// The pipeline and the development environment that a link is about, from whichever side it is seen.
async fn link(
    organization: &HostOrganization,
    table: &'static Table,
    record: &Known,
    navigation: &str,
    address: &str,
    created: &Created,
) -> Result<(PipelineId, DeploymentEnvironmentId)> {
    if !navigation.eq_ignore_ascii_case(LINK) {
        return Err(ApiError::not_allowed(format!(
            "What is behind '{navigation}' is changed at the record itself, by its lookup."
        )));
    }
    let own = of_known(organization, table, record, created).await?;
    let other = table.collection(navigation).and_then(|collection| organization.schema().table(collection.table));
    let other = other.ok_or_else(|| ApiError::no_segment(navigation))?;
    let target = leads_to("@odata.id", address, other)?;
    let other_id = resolve(organization, other, &target, created).await?;
    Ok(match table.logical_name {
        "deploymentpipeline" => (PipelineId(own), DeploymentEnvironmentId(other_id)),
        _ => (PipelineId(other_id), DeploymentEnvironmentId(own)),
    })
}
