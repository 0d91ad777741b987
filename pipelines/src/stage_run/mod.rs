//! Stage runs: one attempt to bring one version of a solution into the target of one stage.

use crate::{Caller, Error, Host, Result};
use model::{
    environment::EnvironmentChoice,
    id::{EnvironmentId, PipelineId, StageId, StageRunId, UserId},
    page::Page,
    pipeline::SolutionPipeline,
    settings::{ConnectionSetting, VariableSetting},
    stage_run::{LogEntry, RunFilter, StageRun, StageRunSummary, Wizard},
};

pub(crate) mod entity;
mod event;
mod operation;
pub mod state;
mod step;
pub mod worker;

/// What to deploy, from where, to which stage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// The development environment.
    pub environment: EnvironmentId,
    /// Unique name of the solution.
    pub solution: String,
    /// The stage.
    pub stage: StageId,
}

/// What the filters of a list of runs offer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FilterChoices {
    /// Pipelines with runs.
    pub pipelines: Vec<(PipelineId, String)>,
    /// Unique names of solutions with runs.
    pub solutions: Vec<String>,
    /// Environments that runs came from or went to.
    pub environments: Vec<EnvironmentChoice>,
    /// People who asked for runs.
    pub people: Vec<(UserId, String)>,
}

/// Asks for a run.
pub async fn request(_host: &Host, _caller: &Caller, _request: &Request) -> Result<StageRunId> {
    Err(Error::Internal(String::new()))
}

/// A run.
pub async fn get(_host: &Host, _caller: &Caller, _id: StageRunId) -> Result<StageRun> {
    Err(Error::Internal(String::new()))
}

/// The log of a run after an entry, at most 1000 entries at once.
pub async fn log(_host: &Host, _caller: &Caller, _id: StageRunId, _after: i64) -> Result<Vec<LogEntry>> {
    Err(Error::Internal(String::new()))
}

/// A run in the wizard.
pub async fn wizard(_host: &Host, _caller: &Caller, _id: StageRunId) -> Result<Wizard> {
    Err(Error::Internal(String::new()))
}

/// Keeps the connections chosen so far.
pub async fn save_connections(
    _host: &Host,
    _caller: &Caller,
    _id: StageRunId,
    _connections: &[ConnectionSetting],
) -> Result<()> {
    Err(Error::Internal(String::new()))
}

/// Keeps the values given so far.
pub async fn save_variables(
    _host: &Host,
    _caller: &Caller,
    _id: StageRunId,
    _variables: &[VariableSetting],
) -> Result<()> {
    Err(Error::Internal(String::new()))
}

/// Keeps version and notes as given so far.
pub async fn save_summary(_host: &Host, _caller: &Caller, _id: StageRunId, _version: &str, _notes: &str) -> Result<()> {
    Err(Error::Internal(String::new()))
}

/// Deploys with the settings given.
pub async fn deploy(_host: &Host, _caller: &Caller, _id: StageRunId, _version: &str, _notes: &str) -> Result<()> {
    Err(Error::Internal(String::new()))
}

/// Runs pre-flight again.
pub async fn check_again(_host: &Host, _caller: &Caller, _id: StageRunId) -> Result<()> {
    Err(Error::Internal(String::new()))
}

/// Withdraws a run.
pub async fn cancel(_host: &Host, _caller: &Caller, _id: StageRunId) -> Result<()> {
    Err(Error::Internal(String::new()))
}

/// Runs, 50 a page.
pub async fn history(_host: &Host, _caller: &Caller, _filter: &RunFilter) -> Result<Page<StageRunSummary>> {
    Err(Error::Internal(String::new()))
}

/// What the filters of a list of runs offer.
pub async fn filter_choices(_host: &Host, _caller: &Caller) -> Result<FilterChoices> {
    Err(Error::Internal(String::new()))
}

/// Active pipelines linked to a development environment.
pub async fn pipelines_for(
    _host: &Host,
    _caller: &Caller,
    _environment: EnvironmentId,
) -> Result<Vec<(PipelineId, String)>> {
    Err(Error::Internal(String::new()))
}

/// A pipeline as a maker sees it for one solution.
pub async fn solution_pipeline(
    _host: &Host,
    _caller: &Caller,
    _environment: EnvironmentId,
    _solution: &str,
    _pipeline: PipelineId,
) -> Result<SolutionPipeline> {
    Err(Error::Internal(String::new()))
}
