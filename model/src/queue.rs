//! Queues of targets: one operation at a time goes into each.

use crate::{
    SolutionVersion, Timestamp,
    id::{EnvironmentId, StageRunId},
    stage_run::StageRunStatus,
};
use serde::{Deserialize, Serialize};

/// A target with what goes into it, and what waits to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TargetQueue {
    /// The target.
    pub target: EnvironmentId,
    /// Its name.
    pub target_name: String,
    /// The run that has it to itself at the moment.
    pub running: Option<QueuedRun>,
    /// Runs that stand in its queue, in order.
    pub waiting: Vec<QueuedRun>,
    /// Runs that are to be deployed to it and wait for something else first: a gate, a time, a window.
    pub held: Vec<QueuedRun>,
}

/// A run on its way into a target.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct QueuedRun {
    /// The run.
    pub run: StageRunId,
    /// Where it stands.
    pub status: StageRunStatus,
    /// Name of the solution for people.
    pub solution: String,
    /// The version.
    pub version: SolutionVersion,
    /// Name of the pipeline.
    pub pipeline: String,
    /// Name of the stage.
    pub stage: String,
    /// Who asked for it.
    pub requested_by: String,
    /// What it waits for, in a sentence; empty while it does not wait.
    pub waiting_for: String,
    /// Since when it has the target, or stands in its queue; when it was asked for where it does neither.
    pub since: Timestamp,
}

/// Which way to move in a queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Move {
    /// One place to the front.
    Up,
    /// One place to the back.
    Down,
}
