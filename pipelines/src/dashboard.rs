//! The host at a glance.

use crate::{Caller, Error, Host, Result};
use model::stage_run::{StageRunStatus, StageRunSummary};

/// What the dashboard shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dashboard {
    /// Active records of environments.
    pub environments: u64,
    /// Active pipelines.
    pub pipelines: u64,
    /// Runs asked for in the last 30 days by status, only statuses that occur, in the order of their numbers.
    pub runs: Vec<(StageRunStatus, u64)>,
    /// Runs that have not ended.
    pub open: u64,
    /// The latest runs, newest first.
    pub latest: Vec<StageRunSummary>,
}

/// The dashboard, for administrators.
pub async fn get(_host: &Host, _caller: &Caller) -> Result<Dashboard> {
    Err(Error::Internal(String::new()))
}
