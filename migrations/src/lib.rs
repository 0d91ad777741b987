//! The database schema of Slipway. Migrations only ever go forward.
//!
//! The same schema on SQLite and PostgreSQL: ids are UUIDs, moments are milliseconds since 1970 in UTC (so that they
//! sort alike everywhere), documents are JSON texts.

use sea_orm_migration::MigrationTrait;
pub use sea_orm_migration::MigratorTrait;

mod m20261122_000001_environments;
mod m20261122_000002_host;
mod m20261122_000003_stage_runs;
mod m20261122_000004_access;
mod m20261122_000005_sign_in;
mod m20261122_000007_policy;
mod m20261122_000008_run_engine;
mod m20261122_000009_gates;
mod m20261122_000010_dataverse;
mod m20261122_000010_dataverse_imports;
mod m20261122_000011_environment_rights;
mod m20261122_000013_drift;
mod m20261122_000013_run_changes;
mod m20261122_000013_stage_settings;
mod m20261122_000014_settings_only;
mod m20261122_000015_time;
mod m20261122_000017_dataverse_connections;
mod m20261122_000018_webhooks;
mod m20261122_000020_written_runs;
mod m20261122_000021_lapsing_rights;

/// Brings a database to the schema of this release.
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m20261122_000001_environments::Migration),
            Box::new(m20261122_000002_host::Migration),
            Box::new(m20261122_000003_stage_runs::Migration),
            Box::new(m20261122_000004_access::Migration),
            Box::new(m20261122_000005_sign_in::Migration),
            Box::new(m20261122_000007_policy::Migration),
            Box::new(m20261122_000008_run_engine::Migration),
            Box::new(m20261122_000009_gates::Migration),
            Box::new(m20261122_000010_dataverse::Migration),
            Box::new(m20261122_000010_dataverse_imports::Migration),
            Box::new(m20261122_000011_environment_rights::Migration),
            Box::new(m20261122_000013_run_changes::Migration),
            Box::new(m20261122_000013_stage_settings::Migration),
            Box::new(m20261122_000013_drift::Migration),
            Box::new(m20261122_000014_settings_only::Migration),
            Box::new(m20261122_000015_time::Migration),
            Box::new(m20261122_000017_dataverse_connections::Migration),
            Box::new(m20261122_000021_lapsing_rights::Migration),
            Box::new(m20261122_000018_webhooks::Migration),
            Box::new(m20261122_000020_written_runs::Migration),
        ]
    }
}
