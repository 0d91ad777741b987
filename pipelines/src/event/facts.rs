//! What an event says of its run: the run as it was at that moment.

use crate::{Error, Result, stage_run::entity::Model as Run};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A run as it was when something happened to it. Settings are not among this: they may be secret.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Facts {
    pub run: Uuid,
    /// The platform's value of `stagerunstatus`.
    pub status: i32,
    pub pipeline: String,
    pub stage: String,
    /// Unique name.
    pub solution: String,
    pub solution_display_name: String,
    pub version: String,
    pub requested_by: String,
    /// Whom it deploys as, where that is not who asked.
    pub run_as: Option<String>,
    pub notes: String,
    /// Milliseconds since 1970.
    pub scheduled: Option<i64>,
    pub artifact: Option<Uuid>,
    pub source: Uuid,
    pub source_name: String,
    pub target: Uuid,
    pub target_name: String,
    pub error_message: String,
}

/// The facts of a run, as they are kept.
pub(super) fn write(run: &Run) -> Result<String> {
    let facts = Facts {
        run: run.id,
        status: run.status,
        pipeline: run.pipeline_name.clone(),
        stage: run.stage_name.clone(),
        solution: run.solution.clone(),
        solution_display_name: run.solution_display_name.clone(),
        version: run.version.clone(),
        requested_by: run.requested_by_name.clone(),
        run_as: run.run_as_name.clone(),
        notes: run.notes.clone(),
        scheduled: run.scheduled_for,
        artifact: run.artifact_id,
        source: run.source_id,
        source_name: run.source_name.clone(),
        target: run.target_id,
        target_name: run.target_name.clone(),
        error_message: run.error_message.clone(),
    };
    serde_json::to_string(&facts).map_err(|error| Error::Internal(error.to_string()))
}

impl Facts {
    /// Facts as they were kept.
    pub(crate) fn read(text: &str) -> Result<Self> {
        serde_json::from_str(text).map_err(|error| Error::Internal(format!("an event cannot be read: {error}")))
    }
}
