//! What every operation of the host works with.

use crate::News;
use environment::{Clock, Environments, Ids, PackageStore, builtin::BuiltIn};
use sea_orm::DatabaseConnection;
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
}

impl Host {
    /// A host over a migrated database and a folder of packages.
    pub fn new(
        database: DatabaseConnection,
        packages: PackageStore,
        built_in: BuiltIn,
        environments: Arc<dyn Environments>,
        clock: Arc<dyn Clock>,
        ids: Arc<dyn Ids>,
    ) -> Self {
        Self { database, packages, environments, built_in, clock, ids, news: News::new() }
    }

    /// The store of packages, for uploads and downloads.
    pub fn packages(&self) -> &PackageStore {
        &self.packages
    }

    /// Word of changes.
    pub fn news(&self) -> &News {
        &self.news
    }

    /// The host's clock.
    pub fn clock(&self) -> &dyn Clock {
        self.clock.as_ref()
    }
}
