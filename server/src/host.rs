//! Opens the host of pipelines over the data folder and the database.

use crate::{
    configuration::Configuration,
    database::{self, DatabaseError},
    dataverse::{self, DataverseError},
    secret_keys,
};
use environment::{
    Accesses, Clock, EnvironmentError, Environments, Ids, KnownEnvironments, PackageStore, RandomIds, SystemClock,
    builtin::BuiltIn, dataverse::DataverseClients,
};
use pipelines::{
    Host,
    dataverse_connection::{self, Registered},
    secret::KeyError,
};
use sea_orm::DatabaseConnection;
use std::{collections::HashMap, io, path::PathBuf, sync::Arc};

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
    /// The host did not tell what it is connected to.
    #[error(transparent)]
    Host(#[from] pipelines::Error),
}

/// The host with what the process needs of it beside.
pub struct Opened {
    /// The host.
    pub host: Host,
    /// Its database.
    pub database: DatabaseConnection,
    /// The environments Slipway keeps itself.
    pub built_in: BuiltIn,
    /// Every environment.
    pub environments: Arc<dyn Environments>,
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
    let clients = DataverseClients::new(database.clone(), packages.clone(), clock.clone(), ids.clone());
    let registered = Registered::new(database.clone(), secrets.clone());
    let of_file: HashMap<_, _> =
        dataverse::read(&configuration.data)?.into_iter().map(|access| (access.environment, access)).collect();
    let accesses: Vec<Arc<dyn Accesses>> = vec![Arc::new(registered), Arc::new(of_file)];
    let environments: Arc<dyn Environments> = Arc::new(KnownEnvironments::new(built_in.clone(), clients, accesses));
    let host = Host::new(database.clone(), packages, built_in.clone(), environments.clone(), clock, ids.clone())
        .with_secrets(secrets)
        .with_outgoing(configuration.outgoing());
    Ok(Opened { host, database, built_in, environments, ids })
}

/// Tries the Dataverse environments, and tells what came of it; false where one cannot be used.
pub async fn check_dataverse(configuration: &Configuration) -> Result<(String, bool), OpenError> {
    let opened = open(configuration).await?;
    let mut ids = dataverse_connection::ids(&opened.host).await?;
    let of_file = dataverse::read(&configuration.data)?.into_iter().map(|access| access.environment);
    ids.extend(of_file.filter(|id| !ids.contains(id)).collect::<Vec<_>>());
    Ok(dataverse::check(opened.environments.as_ref(), &ids).await?)
}

/// Creates the folder for this user alone: it holds password hashes and settings of environments.
fn create(folder: &std::path::Path) -> io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}
