//! The host's records of environments.

use crate::{Caller, Error, Host, Result};
use model::{
    environment::{DeploymentEnvironment, EnvironmentChoice, EnvironmentType, EnvironmentView},
    id::{DeploymentEnvironmentId, EnvironmentId, UserId},
};

/// A record to create.
#[derive(Clone, Debug)]
pub struct NewDeploymentEnvironment {
    /// Name of the record.
    pub name: String,
    /// Description, possibly empty.
    pub description: String,
    /// Owner.
    pub owner: UserId,
    /// Development or target; fixed from then on.
    pub kind: EnvironmentType,
    /// The Environment ID as it was typed; fixed from then on.
    pub environment_id: String,
}

/// Changes to a record.
#[derive(Clone, Debug)]
pub struct DeploymentEnvironmentChanges {
    /// Name of the record.
    pub name: String,
    /// Description, possibly empty.
    pub description: String,
    /// Owner.
    pub owner: UserId,
    /// The row version the form was filled from.
    pub row_version: i32,
}

/// The records of a view, by name.
pub async fn list(_host: &Host, _caller: &Caller, _view: EnvironmentView) -> Result<Vec<DeploymentEnvironment>> {
    Err(Error::Internal(String::new()))
}

/// One record.
pub async fn get(_host: &Host, _caller: &Caller, _id: DeploymentEnvironmentId) -> Result<DeploymentEnvironment> {
    Err(Error::Internal(String::new()))
}

/// Creates a record.
pub async fn create(
    _host: &Host,
    _caller: &Caller,
    _new: &NewDeploymentEnvironment,
) -> Result<DeploymentEnvironmentId> {
    Err(Error::Internal(String::new()))
}

/// Changes a record.
pub async fn update(
    _host: &Host,
    _caller: &Caller,
    _id: DeploymentEnvironmentId,
    _changes: &DeploymentEnvironmentChanges,
) -> Result<()> {
    Err(Error::Internal(String::new()))
}

/// Activates or deactivates a record.
pub async fn set_active(
    _host: &Host,
    _caller: &Caller,
    _id: DeploymentEnvironmentId,
    _active: bool,
    _row_version: i32,
) -> Result<()> {
    Err(Error::Internal(String::new()))
}

/// Deletes a record.
pub async fn delete(_host: &Host, _caller: &Caller, _id: DeploymentEnvironmentId) -> Result<()> {
    Err(Error::Internal(String::new()))
}

/// Has a record validated again.
pub async fn validate_again(_host: &Host, _caller: &Caller, _id: DeploymentEnvironmentId) -> Result<()> {
    Err(Error::Internal(String::new()))
}

/// Validates the records that wait for it.
pub async fn validate_pending(_host: &Host) -> Result<usize> {
    Err(Error::Internal(String::new()))
}

/// The environments a person may choose.
pub async fn choices(_host: &Host, _caller: &Caller) -> Result<Vec<EnvironmentChoice>> {
    Err(Error::Internal(String::new()))
}

/// One environment a person may choose.
pub async fn require_choice(_host: &Host, _caller: &Caller, _environment: EnvironmentId) -> Result<EnvironmentChoice> {
    Err(Error::Internal(String::new()))
}
