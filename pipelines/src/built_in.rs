//! The environments Slipway keeps itself, as administrators look after them.

use crate::{Caller, Error, Host, Result};
use model::{environment::BuiltInEnvironment, id::EnvironmentId};

/// Every built-in environment, by name.
pub async fn list(_host: &Host, _caller: &Caller) -> Result<Vec<BuiltInEnvironment>> {
    Err(Error::Internal(String::new()))
}

/// One built-in environment.
pub async fn get(_host: &Host, _caller: &Caller, _id: EnvironmentId) -> Result<BuiltInEnvironment> {
    Err(Error::Internal(String::new()))
}

/// Creates an empty one.
pub async fn create(_host: &Host, _caller: &Caller, _name: &str, _import_pace: u32) -> Result<EnvironmentId> {
    Err(Error::Internal(String::new()))
}

/// Changes one.
pub async fn update(_host: &Host, _caller: &Caller, _id: EnvironmentId, _name: &str, _import_pace: u32) -> Result<()> {
    Err(Error::Internal(String::new()))
}

/// Empties one.
pub async fn reset(_host: &Host, _caller: &Caller, _id: EnvironmentId) -> Result<()> {
    Err(Error::Internal(String::new()))
}

/// Deletes one.
pub async fn delete(_host: &Host, _caller: &Caller, _id: EnvironmentId) -> Result<()> {
    Err(Error::Internal(String::new()))
}
