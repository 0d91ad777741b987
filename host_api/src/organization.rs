//! The host as an organisation of the Web API: for one caller, who sees what they may.

use crate::{
    action, change,
    error::refusal,
    function, row,
    signatures::SIGNATURES,
    tables::{HOST, LINK},
};
use async_trait::async_trait;
use environment::{PackageKind, PackageStore};
use model::id::ArtifactId;
use pipelines::{
    Caller, Host, artifact,
    rows::{self, RunOrder, RunQuery, StageQuery},
};
use serde_json::Value;
use uuid::Uuid;
use web_api::{
    Organization, Row,
    call::{Answer, Call, Segment},
    change::{Change, Failed, Found},
    error::{ApiError, Result},
    metadata::Signatures,
    organization::{OwnFile, Wanted},
    table::{Column, Schema, Table},
};

/// The organisation that every host says to be.
pub const ORGANIZATION: Uuid = Uuid::from_u128(0x736c_6970_7761_7900_8000_0000_686f_7374);

/// Runs whose steps are read at once, the latest of them.
const RUNS_WITH_STEPS: u64 = 1_000;

/// The host as a caller uses it.
pub struct HostOrganization {
    /// The host.
    pub host: Host,
    /// Who asks.
    pub caller: Caller,
    /// Address of the service: ends in `/api/data/v9.2/`.
    pub base: String,
}

#[async_trait]
impl Organization for HostOrganization {
    fn schema(&self) -> Schema {
        HOST
    }

    fn signatures(&self) -> &'static Signatures {
        &SIGNATURES
    }

    fn base(&self) -> &str {
        &self.base
    }

    fn user(&self) -> Uuid {
        self.caller.user.0
    }

    fn new_id(&self) -> Uuid {
        Uuid::new_v4()
    }

    fn packages(&self) -> &PackageStore {
        self.host.packages()
    }

    async fn rows(&self, table: &'static Table, wanted: &Wanted<'_>) -> Result<Vec<Row>> {
        self.read(table, wanted).await.map_err(refusal)
    }

    fn choosable(&self, table: &'static Table) -> &'static [&'static str] {
        match table.logical_name {
            "deploymentstagerun" => &[
                "deploymentstagerunid",
                "_deploymentstageid_value",
                "_artifactid_value",
                "stagerunstatus",
                "artifactname",
            ],
            "deploymentartifact" => &["deploymentartifactid"],
            _ => &[],
        }
    }

    fn sortable(&self, table: &'static Table) -> &'static [&'static str] {
        match table.logical_name {
            "deploymentstagerun" => &["createdon", "starttime", "endtime"],
            "deploymentartifact" => &["createdon", "generatedon"],
            _ => &[],
        }
    }

    async fn change(&self, changes: Vec<Change>) -> Result<Vec<Found>, Failed> {
        change::carry_out(self, changes).await
    }

    fn shows_created(&self, table: &'static Table) -> bool {
        table.logical_name == "deploymentstagerun"
    }

    async fn operation(&self, call: Call, segment: &Segment) -> Option<Result<Answer>> {
        match function::answer(self, &call, segment).await {
            Some(answer) => Some(answer),
            None => action::answer(self, call, segment).await,
        }
    }

    async fn file(&self, table: &'static Table, column: &'static Column, row: &Row) -> Result<OwnFile> {
        let kind = match column.name {
            "artifactfile" => PackageKind::Managed,
            "artifactfileunmanaged" => PackageKind::Unmanaged,
            other => return Err(ApiError::no_segment(other)),
        };
        let id = row.get(table.id).and_then(Value::as_str).unwrap_or_default();
        let id = id.parse::<ArtifactId>().map_err(|_| ApiError::missing(table.logical_name, id))?;
        let file = artifact::open(&self.host, &self.caller, id, kind).await.map_err(refusal)?;
        Ok(OwnFile { name: file.file_name, path: file.path, bytes: file.bytes })
    }
}

impl HostOrganization {
    async fn read(&self, table: &'static Table, wanted: &Wanted<'_>) -> pipelines::Result<Vec<Row>> {
        let (host, caller) = (&self.host, &self.caller);
        let own = wanted.ids(table.id);
        let own = own.as_deref();
        let limit = wanted.first.and_then(|first| u64::try_from(first.limit).ok());
        Ok(match table.logical_name {
            "deploymentenvironment" => {
                rows::environments(host, caller, own).await?.into_iter().map(row::environment).collect()
            }
            "deploymentpipeline" => rows::pipelines(host, caller, own).await?.iter().map(row::pipeline).collect(),
            LINK => rows::links(host, caller).await?.into_iter().map(row::link).collect(),
            "deploymentstage" => {
                let pipelines = wanted.ids("_deploymentpipelineid_value");
                let query = StageQuery { ids: own, pipelines: pipelines.as_deref() };
                rows::stages(host, caller, query).await?.iter().map(row::stage).collect()
            }
            "deploymentstagerun" => {
                let ordered = wanted.first.and_then(|first| first.order);
                let query = RunQuery {
                    ids: own.map(<[Uuid]>::to_vec),
                    stages: wanted.ids("_deploymentstageid_value"),
                    artifacts: wanted.ids("_artifactid_value"),
                    statuses: wanted.numbers("stagerunstatus"),
                    solutions: wanted.texts("artifactname").map(|names| names.into_iter().map(str::to_owned).collect()),
                    order: ordered.map(|(property, down)| match property {
                        "endtime" => (RunOrder::Ended, down),
                        _ => (RunOrder::Requested, down),
                    }),
                    limit,
                };
                rows::runs(host, caller, &query).await?.iter().map(row::run).collect()
            }
            "deploymentartifact" => {
                // They come downwards; upwards, all of them are read.
                let down = wanted.first.is_some_and(|first| first.order.is_none_or(|(_, down)| down));
                let limit = limit.filter(|_| down);
                rows::artifacts(host, caller, own, limit).await?.iter().map(row::artifact).collect()
            }
            "deploymentstagerunstatus" => {
                let of_steps = own.map(|ids| ids.iter().copied().flat_map(row::runs_of_step).collect());
                let runs: Option<Vec<Uuid>> = wanted.ids("_deploymentstagerunid_value").or(of_steps);
                let most = runs.as_ref().map_or(RUNS_WITH_STEPS, |runs| runs.len() as u64);
                let steps = rows::steps(host, caller, runs.as_deref(), most).await?;
                steps.iter().map(row::step).collect()
            }
            "systemuser" => rows::people(host, caller).await?.iter().map(row::person).collect(),
            _ => Vec::new(),
        })
    }
}
