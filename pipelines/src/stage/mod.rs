//! Stages of pipelines.

use crate::{Caller, Error, Host, Result};
use model::{
    environment::DeploymentEnvironment,
    id::{DeploymentEnvironmentId, PipelineId, StageId},
    pipeline::Stage,
};

/// A stage to create.
#[derive(Clone, Debug)]
pub struct NewStage {
    /// The pipeline.
    pub pipeline: PipelineId,
    /// Name.
    pub name: String,
    /// Description, possibly empty.
    pub description: String,
    /// The stage that has to succeed first; none for the first stage.
    pub previous: Option<StageId>,
    /// Record of the environment it deploys into.
    pub target: Option<DeploymentEnvironmentId>,
}

/// Changes to a stage.
#[derive(Clone, Debug)]
pub struct StageChanges {
    /// Name.
    pub name: String,
    /// Description, possibly empty.
    pub description: String,
    /// The stage that has to succeed first; none for the first stage.
    pub previous: Option<StageId>,
    /// Record of the environment it deploys into.
    pub target: Option<DeploymentEnvironmentId>,
    /// The row version the form was filled from.
    pub row_version: i32,
}

/// One stage.
pub async fn get(_host: &Host, _caller: &Caller, _id: StageId) -> Result<Stage> {
    Err(Error::Internal(String::new()))
}

/// Creates a stage.
pub async fn create(_host: &Host, _caller: &Caller, _new: &NewStage) -> Result<StageId> {
    Err(Error::Internal(String::new()))
}

/// Changes a stage.
pub async fn update(_host: &Host, _caller: &Caller, _id: StageId, _changes: &StageChanges) -> Result<()> {
    Err(Error::Internal(String::new()))
}

/// Deletes a stage.
pub async fn delete(_host: &Host, _caller: &Caller, _id: StageId) -> Result<()> {
    Err(Error::Internal(String::new()))
}

/// Target environments a stage of this pipeline can still deploy into.
pub async fn targets(_host: &Host, _caller: &Caller, _pipeline: PipelineId) -> Result<Vec<DeploymentEnvironment>> {
    Err(Error::Internal(String::new()))
}
