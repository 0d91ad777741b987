//! Opens the host of pipelines over the data folder and the database.

use crate::{
    configuration::Configuration,
    database::{self, DatabaseError},
    dataverse::{self, DataverseError},
    secret_keys,
};
use environment::{
    Clock, EnvironmentError, Ids, KnownEnvironments, PackageStore, RandomIds, SystemClock, builtin::BuiltIn,
};
use pipelines::{Host, secret::KeyError};
use sea_orm::DatabaseConnection;
use std::{io, path::PathBuf, sync::Arc};

/// Why the host cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The data folder cannot be used.
    #[error("The data folder {} cannot be used: {cause}. Set data (SLIPWAY_DATA) to a folder that can be created and written.", folder.display())]
    Folder {
        /// The folder.
        folder: PathBuf,
        /// What the system says.
        cause: io::Error,
    },
    /// The keys of secrets cannot be used.
    #[error("Secrets cannot be opened: {0}. Put back the file from a copy, or set secret_keys (SLIPWAY_SECRET_KEYS).")]
    Keys(#[from] KeyError),
    /// The database cannot be used.
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// The Dataverse environments cannot be used.
    #[error(transparent)]
    Dataverse(#[from] DataverseError),
    /// A client of Dataverse environments cannot be made.
    #[error("The Dataverse environments cannot be opened: {0}")]
    Client(#[from] EnvironmentError),
}

/// The host with what the process needs of it beside.
pub struct Opened {
    /// The host.
    pub host: Host,
    /// Its database.
    pub database: DatabaseConnection,
    /// The environments Slipway keeps itself.
    pub built_in: BuiltIn,
    /// New ids.
    pub ids: Arc<dyn Ids>,
}

/// Opens the data folder and the database, and brings both to what this release needs.
pub async fn open(configuration: &Configuration) -> Result<Opened, OpenError> {
    let failed = |cause| OpenError::Folder { folder: configuration.data.clone(), cause };
    create(&configuration.data).map_err(failed)?;
    let packages = PackageStore::open(configuration.packages(), configuration.max_upload).map_err(failed)?;
    let secrets = secret_keys::open(configuration)?;
    let database = database::open(&configuration.database_url).await?;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let ids: Arc<dyn Ids> = Arc::new(RandomIds);
    let built_in = BuiltIn::new(database.clone(), packages.clone(), clock.clone(), ids.clone());
    let dataverse = dataverse::open(dataverse::read(&configuration.data)?, &database, &packages, &clock, &ids)?;
    let environments = Arc::new(KnownEnvironments::new(built_in.clone(), dataverse));
    let host =
        Host::new(database.clone(), packages, built_in.clone(), environments, clock, ids.clone()).with_secrets(secrets);
    Ok(Opened { host, database, built_in, ids })
}

/// Tries the Dataverse environments, and tells what came of it; false where one cannot be used.
pub async fn check_dataverse(configuration: &Configuration) -> Result<(String, bool), OpenError> {
    let opened = open(configuration).await?;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let accesses = dataverse::read(&configuration.data)?;
    let environments = dataverse::open(accesses, &opened.database, opened.host.packages(), &clock, &opened.ids)?;
    Ok(dataverse::check(&environments).await)
}

/// Creates the folder for this user alone: it holds password hashes and settings of environments.
fn create(folder: &std::path::Path) -> io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}
