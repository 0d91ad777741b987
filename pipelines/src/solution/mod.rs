//! Solutions of an environment, as makers work with them.

use crate::{Caller, Error, Host, Result};
use environment::{ImportJob, StoredPackage};
use model::{
    connection::Connection,
    id::{EnvironmentId, ImportJobId},
    package::Publisher,
    solution::{SolutionContents, SolutionSummary},
};

/// A new solution as the form posts it.
#[derive(Clone, Debug, Default)]
pub struct NewSolutionForm {
    /// Name for people.
    pub display_name: String,
    /// Unique name.
    pub unique_name: String,
    /// Unique name of an existing publisher; empty for a new one.
    pub publisher: String,
    /// Name of the new publisher for people.
    pub publisher_display_name: String,
    /// Unique name of the new publisher.
    pub publisher_unique_name: String,
    /// Customization prefix of the new publisher.
    pub publisher_prefix: String,
    /// Version.
    pub version: String,
    /// Description, possibly empty.
    pub description: String,
}

/// The solutions of an environment that match a search, by display name.
pub async fn list(
    _host: &Host,
    _caller: &Caller,
    _environment: EnvironmentId,
    _search: &str,
) -> Result<Vec<SolutionSummary>> {
    Err(Error::Internal(String::new()))
}

/// One solution.
pub async fn get(
    _host: &Host,
    _caller: &Caller,
    _environment: EnvironmentId,
    _unique_name: &str,
) -> Result<SolutionContents> {
    Err(Error::Internal(String::new()))
}

/// Creates a solution.
pub async fn create(
    _host: &Host,
    _caller: &Caller,
    _environment: EnvironmentId,
    _form: &NewSolutionForm,
) -> Result<SolutionSummary> {
    Err(Error::Internal(String::new()))
}

/// Publishers of an environment.
pub async fn publishers(_host: &Host, _caller: &Caller, _environment: EnvironmentId) -> Result<Vec<Publisher>> {
    Err(Error::Internal(String::new()))
}

/// Starts an import.
pub async fn import(
    _host: &Host,
    _caller: &Caller,
    _environment: EnvironmentId,
    _package: StoredPackage,
) -> Result<ImportJobId> {
    Err(Error::Internal(String::new()))
}

/// How far an import is.
pub async fn import_job(
    _host: &Host,
    _caller: &Caller,
    _environment: EnvironmentId,
    _job: ImportJobId,
) -> Result<ImportJob> {
    Err(Error::Internal(String::new()))
}

/// Connections of an environment.
pub async fn connections(_host: &Host, _caller: &Caller, _environment: EnvironmentId) -> Result<Vec<Connection>> {
    Err(Error::Internal(String::new()))
}

/// Creates a connection.
pub async fn create_connection(
    _host: &Host,
    _caller: &Caller,
    _environment: EnvironmentId,
    _connector_id: &str,
    _display_name: &str,
) -> Result<Connection> {
    Err(Error::Internal(String::new()))
}
