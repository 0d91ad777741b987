//! Pipelines: which development environments they start from and which stages they go through.

use crate::{Caller, Error, Host, Result};
use model::{
    environment::DeploymentEnvironment,
    id::{DeploymentEnvironmentId, PipelineId, UserId},
    pipeline::{Pipeline, PipelineSummary},
};

/// A pipeline to create.
#[derive(Clone, Debug)]
pub struct NewPipeline {
    /// Name.
    pub name: String,
    /// Description, possibly empty.
    pub description: String,
    /// Owner.
    pub owner: UserId,
}

/// Changes to a pipeline.
#[derive(Clone, Debug)]
pub struct PipelineChanges {
    /// Name.
    pub name: String,
    /// Description, possibly empty.
    pub description: String,
    /// Owner.
    pub owner: UserId,
    /// The row version the form was filled from.
    pub row_version: i32,
}

/// Every pipeline, by name.
pub async fn list(_host: &Host, _caller: &Caller) -> Result<Vec<PipelineSummary>> {
    Err(Error::Internal(String::new()))
}

/// One pipeline.
pub async fn get(_host: &Host, _caller: &Caller, _id: PipelineId) -> Result<Pipeline> {
    Err(Error::Internal(String::new()))
}

/// Creates a pipeline.
pub async fn create(_host: &Host, _caller: &Caller, _new: &NewPipeline) -> Result<PipelineId> {
    Err(Error::Internal(String::new()))
}

/// Changes a pipeline.
pub async fn update(_host: &Host, _caller: &Caller, _id: PipelineId, _changes: &PipelineChanges) -> Result<()> {
    Err(Error::Internal(String::new()))
}

/// Activates or deactivates a pipeline.
pub async fn set_active(
    _host: &Host,
    _caller: &Caller,
    _id: PipelineId,
    _active: bool,
    _row_version: i32,
) -> Result<()> {
    Err(Error::Internal(String::new()))
}

/// Deletes a pipeline.
pub async fn delete(_host: &Host, _caller: &Caller, _id: PipelineId) -> Result<()> {
    Err(Error::Internal(String::new()))
}

/// Links a development environment.
pub async fn link_environment(
    _host: &Host,
    _caller: &Caller,
    _id: PipelineId,
    _environment: DeploymentEnvironmentId,
) -> Result<()> {
    Err(Error::Internal(String::new()))
}

/// Removes a linked development environment.
pub async fn unlink_environment(
    _host: &Host,
    _caller: &Caller,
    _id: PipelineId,
    _environment: DeploymentEnvironmentId,
) -> Result<()> {
    Err(Error::Internal(String::new()))
}

/// Development environments that can still be linked.
pub async fn linkable_environments(
    _host: &Host,
    _caller: &Caller,
    _id: PipelineId,
) -> Result<Vec<DeploymentEnvironment>> {
    Err(Error::Internal(String::new()))
}
