//! The connection to the database.

use crate::configuration::without_password;
use migrations::{Migrator, MigratorTrait};
use sea_orm::{ConnectOptions, Database, DatabaseConnection, DbErr};
use std::time::Duration;

/// Connections to a SQLite file: readers do not wait for each other, and one writes at a time anyway.
const SQLITE_CONNECTIONS: u32 = 6;

/// Connections to a PostgreSQL server, which commonly allows 100 for everybody.
const POSTGRES_CONNECTIONS: u32 = 16;

/// How long a statement waits for another process or connection that writes.
const BUSY: Duration = Duration::from_secs(10);

/// Why there is no database to work with.
#[derive(Debug, thiserror::Error)]
pub enum DatabaseError {
    /// It cannot be opened.
    #[error(
        "The database {url} cannot be opened: {cause}. Check that it is running and reachable, and the settings database_url (SLIPWAY_DATABASE_URL) and data (SLIPWAY_DATA)."
    )]
    Open {
        /// Its URL without passwords.
        url: String,
        /// What the database says.
        cause: DbErr,
    },
    /// Its schema cannot be brought up to date.
    #[error("The database {url} cannot be brought up to this release: {cause}.")]
    Migrate {
        /// Its URL without passwords.
        url: String,
        /// What the database says.
        cause: DbErr,
    },
}

/// Connects and brings the schema up to date.
pub async fn open(url: &str) -> Result<DatabaseConnection, DatabaseError> {
    let mut options = ConnectOptions::new(url);
    options.sqlx_logging(false).acquire_timeout(BUSY);
    if url.starts_with("sqlite:") {
        // A file needs no test of whether it is still there, and every statement is quicker without one.
        options.max_connections(SQLITE_CONNECTIONS).test_before_acquire(false);
        options.map_sqlx_sqlite_opts(|options| {
            options.pragma("journal_mode", "WAL").pragma("synchronous", "NORMAL").foreign_keys(true).busy_timeout(BUSY)
        });
    } else {
        options.max_connections(POSTGRES_CONNECTIONS).connect_timeout(BUSY);
        options.set_application_name("slipway");
    }
    let failed = |cause| DatabaseError::Open { url: without_password(url), cause };
    let database = Database::connect(options).await.map_err(failed)?;
    let failed = |cause| DatabaseError::Migrate { url: without_password(url), cause };
    Migrator::up(&database, None).await.map_err(failed)?;
    Ok(database)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]
    use super::*;
    use sea_orm::ConnectionTrait;

    async fn pragma(database: &DatabaseConnection, name: &str) -> String {
        let sql = format!("SELECT CAST({name} AS TEXT) AS value FROM pragma_{name}");
        let row = database
            .query_one_raw(sea_orm::Statement::from_string(sea_orm::DbBackend::Sqlite, sql))
            .await
            .unwrap()
            .unwrap();
        row.try_get("", "value").unwrap()
    }

    #[tokio::test]
    async fn a_new_file_is_created_with_a_write_ahead_log_and_foreign_keys() {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}?mode=rwc", folder.path().join("new.sqlite").display());
        let database = open(&url).await.unwrap();
        assert_eq!(pragma(&database, "journal_mode").await, "wal");
        assert_eq!(pragma(&database, "synchronous").await, "1");
        assert_eq!(pragma(&database, "foreign_keys").await, "1");
        assert_eq!(database.get_database_backend(), sea_orm::DbBackend::Sqlite);
    }

    #[tokio::test]
    async fn opening_again_keeps_what_is_there() {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}?mode=rwc", folder.path().join("kept.sqlite").display());
        open(&url).await.unwrap().close().await.unwrap();
        open(&url).await.unwrap();
    }

    #[tokio::test]
    async fn a_database_that_cannot_be_opened_is_named_without_its_password() {
        let error = open("postgres://slipway:s3cret@127.0.0.1:1/slipway").await.unwrap_err().to_string();
        assert!(error.contains("postgres://slipway:…@127.0.0.1:1/slipway") && !error.contains("s3cret"), "{error}");
        let error = open("sqlite:///nowhere/at/all.sqlite?mode=rwc").await.unwrap_err().to_string();
        assert!(error.contains("/nowhere/at/all.sqlite") && error.contains("SLIPWAY_DATABASE_URL"), "{error}");
    }
}
