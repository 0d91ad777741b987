//! Real databases for tests: a fresh SQLite file and a fresh PostgreSQL database for every test.
#![allow(
    clippy::expect_used,
    clippy::missing_panics_doc,
    clippy::panic,
    reason = "a test without its database can only stop"
)]

use migrations::{Migrator, MigratorTrait};
use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection};
use std::{future::Future, time::Duration};

/// The variable that names a PostgreSQL server's maintenance database, as a URL. `make test` starts a server and sets it.
pub const POSTGRES: &str = "SLIPWAY_TEST_POSTGRES";

/// Runs a test on a fresh, migrated SQLite database and on a fresh, migrated PostgreSQL database. Without a PostgreSQL
/// server it says that this half was skipped.
pub async fn each_database<F, T>(test: F)
where
    F: FnMut(DatabaseConnection) -> T,
    T: Future<Output = ()>,
{
    each_database_at(None, test).await;
}

/// Runs a test on each of both databases as they were after the first migrations, so that the test does the rest.
pub async fn each_database_before<F, T>(migrations: u32, test: F)
where
    F: FnMut(DatabaseConnection) -> T,
    T: Future<Output = ()>,
{
    each_database_at(Some(migrations), test).await;
}

async fn each_database_at<F, T>(migrations: Option<u32>, mut test: F)
where
    F: FnMut(DatabaseConnection) -> T,
    T: Future<Output = ()>,
{
    let folder = tempfile::tempdir().expect("a temporary folder");
    let database = sqlite_at(folder.path(), migrations).await;
    test(database.clone()).await;
    database.close().await.expect("closing SQLite");

    let Ok(server) = std::env::var(POSTGRES) else {
        eprintln!("skipped on PostgreSQL: {POSTGRES} is not set");
        return;
    };
    let (name, database) = postgres(&server, migrations).await;
    test(database.clone()).await;
    database.close().await.expect("closing PostgreSQL");
    let maintenance = Database::connect(&server).await.expect("the PostgreSQL server");
    maintenance
        .execute_unprepared(&format!("DROP DATABASE \"{name}\" WITH (FORCE)"))
        .await
        .expect("dropping the test's database");
}

/// A fresh, migrated SQLite database in a folder.
pub async fn sqlite(folder: &std::path::Path) -> DatabaseConnection {
    sqlite_at(folder, None).await
}

async fn sqlite_at(folder: &std::path::Path, migrations: Option<u32>) -> DatabaseConnection {
    let url = format!("sqlite://{}?mode=rwc", folder.join("test.sqlite").display());
    let mut options = ConnectOptions::new(url);
    options.max_connections(4).sqlx_logging(false);
    options.map_sqlx_sqlite_opts(|options| {
        options.pragma("journal_mode", "WAL").pragma("synchronous", "NORMAL").busy_timeout(Duration::from_secs(10))
    });
    let database = Database::connect(options).await.expect("SQLite");
    Migrator::up(&database, migrations).await.expect("the migrations");
    database
}

async fn postgres(server: &str, migrations: Option<u32>) -> (String, DatabaseConnection) {
    let name = format!("test_{}", uuid::Uuid::new_v4().simple());
    let maintenance = Database::connect(server).await.expect("the PostgreSQL server");
    maintenance.execute_unprepared(&format!("CREATE DATABASE \"{name}\"")).await.expect("a database for the test");
    maintenance.close().await.expect("closing the maintenance connection");
    let (base, _) = server.rsplit_once('/').expect("a PostgreSQL URL that ends in a database name");
    let mut options = ConnectOptions::new(format!("{base}/{name}"));
    options.max_connections(4).sqlx_logging(false);
    let database = Database::connect(options).await.expect("the test's PostgreSQL database");
    Migrator::up(&database, migrations).await.expect("the migrations");
    (name, database)
}
