//! What every operation of the host works with.

use crate::{
    News, Result,
    comparison::Comparisons,
    secret::{Keys, Secrets},
    webhook::Outgoing,
};
use environment::{Clock, Environments, Ids, PackageStore, builtin::BuiltIn};
use sea_orm::{DatabaseConnection, DatabaseTransaction, SqliteTransactionMode, TransactionOptions, TransactionTrait};
use std::sync::Arc;

/// The host. Cheap to clone: every clone is the same host.
#[derive(Clone)]
pub struct Host {
    /// Configuration, runs and history.
    pub(crate) database: DatabaseConnection,
    /// Packages on disk.
    pub(crate) packages: PackageStore,
    /// The environments runs go through.
    pub(crate) environments: Arc<dyn Environments>,
    /// The environments Slipway keeps itself.
    pub(crate) built_in: BuiltIn,
    /// The time.
    pub(crate) clock: Arc<dyn Clock>,
    /// New ids.
    pub(crate) ids: Arc<dyn Ids>,
    /// Word of changes.
    pub(crate) news: News,
    /// Seals what is kept secret.
    pub(crate) secrets: Secrets,
    /// Comparisons of late.
    pub(crate) comparisons: Arc<Comparisons>,
    /// What holds for what is sent to others.
    pub(crate) outgoing: Arc<Outgoing>,
}

impl Host {
    /// A host over a migrated database and a folder of packages. What it seals can be opened by this process only, unless
    /// it is given keys ([`Host::with_secrets`]).
    pub fn new(
        database: DatabaseConnection,
        packages: PackageStore,
        built_in: BuiltIn,
        environments: Arc<dyn Environments>,
        clock: Arc<dyn Clock>,
        ids: Arc<dyn Ids>,
    ) -> Self {
        let secrets = Secrets::new(Keys::random("key-1"));
        Self {
            database,
            packages,
            environments,
            built_in,
            clock,
            ids,
            news: News::new(),
            secrets,
            comparisons: Arc::default(),
            outgoing: Arc::default(),
        }
    }

    /// The same host with keys that last.
    #[must_use]
    pub fn with_secrets(self, secrets: Secrets) -> Self {
        Self { secrets, ..self }
    }

    /// The same host with what holds for what it sends to others. Without it, nothing is sent but to https addresses of the
    /// internet, and links lead nowhere.
    #[must_use]
    pub fn with_outgoing(self, outgoing: Outgoing) -> Self {
        Self { outgoing: Arc::new(outgoing), ..self }
    }

    /// What holds for what it sends to others.
    pub fn outgoing(&self) -> &Outgoing {
        &self.outgoing
    }

    /// Seals and opens secrets that the database keeps.
    pub fn secrets(&self) -> &Secrets {
        &self.secrets
    }

    /// The store of packages, for uploads and downloads.
    pub fn packages(&self) -> &PackageStore {
        &self.packages
    }

    /// Word of changes.
    pub fn news(&self) -> &News {
        &self.news
    }

    /// The environments Slipway keeps itself, for the Web API that serves them.
    pub fn built_in(&self) -> &BuiltIn {
        &self.built_in
    }

    /// The host's clock.
    pub fn clock(&self) -> &dyn Clock {
        self.clock.as_ref()
    }

    /// The host's clock, for what outlives a request.
    pub fn shared_clock(&self) -> &Arc<dyn Clock> {
        &self.clock
    }

    /// The moment it is, as the database keeps it.
    pub(crate) fn now(&self) -> i64 {
        self.clock.now().0
    }

    /// Begins a transaction that is going to write. SQLite takes its write lock at once: one that first reads could
    /// be refused later without waiting.
    pub(crate) async fn begin(&self) -> Result<DatabaseTransaction> {
        let options = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        Ok(self.database.begin_with_options(options).await?)
    }
}
