//! One built-in environment behind the port.

use super::{Shared, binding, connections, contents, find, import_job, reconfiguration, solutions, verdict};
use crate::{
    Environment, HostBinding, Identity, Import, ImportJob, ImportMode, NewConnection, NewSolution, PackageKind, Staged,
    StoredPackage, port::Result,
};
use async_trait::async_trait;
use model::{
    SolutionVersion,
    connection::Connection,
    id::{DeploymentEnvironmentId, EnvironmentId, ImportJobId},
    package::Publisher,
    settings::DeploymentSettings,
    solution::{SolutionContents, SolutionSummary},
};
use std::sync::Arc;

/// An environment that was opened.
pub(super) struct OpenedEnvironment {
    shared: Arc<Shared>,
    id: EnvironmentId,
}

impl OpenedEnvironment {
    pub(super) fn new(shared: Arc<Shared>, id: EnvironmentId) -> Self {
        Self { shared, id }
    }
}

#[async_trait]
impl Environment for OpenedEnvironment {
    async fn identity(&self) -> Result<Identity> {
        binding::identity(&self.shared, self.id).await
    }

    async fn bind(&self, binding: HostBinding) -> Result<()> {
        binding::bind(&self.shared, self.id, binding).await
    }

    async fn release(&self, record: DeploymentEnvironmentId) -> Result<()> {
        binding::release(&self.shared, self.id, record).await
    }

    async fn solutions(&self) -> Result<Vec<SolutionSummary>> {
        let mut solutions = contents::summaries(&self.shared.database, self.id).await?;
        if solutions.is_empty() {
            find(&self.shared.database, self.id).await?;
        }
        solutions
            .sort_by_cached_key(|solution| (solution.display_name.to_lowercase(), solution.unique_name.to_lowercase()));
        Ok(solutions)
    }

    async fn solution(&self, unique_name: &str) -> Result<Option<SolutionContents>> {
        let solution = contents::solution(&self.shared.database, self.id, unique_name).await?;
        if solution.is_none() {
            find(&self.shared.database, self.id).await?;
        }
        Ok(solution)
    }

    async fn installed_package(&self, unique_name: &str) -> Result<Option<StoredPackage>> {
        let row = contents::row(&self.shared.database, self.id, unique_name).await?;
        Ok(row.map(|row| StoredPackage {
            sha256: row.package_sha256,
            bytes: u64::try_from(row.package_bytes).unwrap_or_default(),
        }))
    }

    async fn publishers(&self) -> Result<Vec<Publisher>> {
        let mut publishers: Vec<Publisher> =
            contents::publishers(&self.shared.database, self.id).await?.into_values().map(Publisher::from).collect();
        if publishers.is_empty() {
            find(&self.shared.database, self.id).await?;
        }
        publishers.sort_by_cached_key(|publisher| {
            (publisher.display_name.to_lowercase(), publisher.unique_name.to_lowercase())
        });
        Ok(publishers)
    }

    async fn create_solution(&self, new: NewSolution) -> Result<SolutionSummary> {
        solutions::create(&self.shared, self.id, new).await
    }

    async fn set_version(&self, unique_name: &str, version: &SolutionVersion) -> Result<()> {
        solutions::set_version(&self.shared, self.id, unique_name, version).await
    }

    async fn export(&self, unique_name: &str, kind: PackageKind) -> Result<StoredPackage> {
        solutions::export(&self.shared, self.id, unique_name, kind).await
    }

    async fn stage(&self, package: &StoredPackage) -> Result<Staged> {
        let facts = self.shared.packages.facts(package).await?;
        let mut target = contents::target(&self.shared.database, self.id, &facts).await?;
        target.running_operation = import_job::running(&self.shared, self.id).await?;
        if target.solutions.is_empty() {
            find(&self.shared.database, self.id).await?;
        }
        Ok(verdict::staged(&facts, &target))
    }

    async fn start_import(&self, import: &Import) -> Result<()> {
        import_job::start(&self.shared, self.id, import, ImportMode::Upgrade).await
    }

    async fn import_job(&self, job: ImportJobId) -> Result<Option<ImportJob>> {
        import_job::find(&self.shared, self.id, job).await
    }

    async fn reconfigure(&self, unique_name: &str, settings: &DeploymentSettings) -> Result<()> {
        reconfiguration::reconfigure(&self.shared, self.id, unique_name, settings).await
    }

    async fn connections(&self) -> Result<Vec<Connection>> {
        let connections = connections::all(&self.shared.database, self.id).await?;
        if connections.is_empty() {
            find(&self.shared.database, self.id).await?;
        }
        Ok(connections)
    }

    async fn create_connection(&self, new: NewConnection) -> Result<Connection> {
        connections::create(&self.shared, self.id, new).await
    }

    async fn uninstall(&self, unique_name: &str) -> Result<()> {
        solutions::uninstall(&self.shared, self.id, unique_name).await
    }
}
