//! What tests share: a fresh SQLite file and a fresh PostgreSQL database for every test, and real packages with what
//! became of them.
#![allow(
    clippy::expect_used,
    clippy::missing_panics_doc,
    clippy::panic,
    reason = "a test without its database can only stop"
)]

pub mod shared;

use migrations::{Migrator, MigratorTrait};
use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection};
use std::{
    future::Future,
    path::{Path, PathBuf},
    time::Duration,
};

/// The variable that names a PostgreSQL server's maintenance database, as a URL. `make test` starts a server and sets it.
pub const POSTGRES: &str = "SLIPWAY_TEST_POSTGRES";

/// The variable that names a folder for databases that are migrated once and copied for every test. It lives as long as
/// the PostgreSQL server. Without it, every test migrates its own.
pub const TEMPLATES: &str = "SLIPWAY_TEST_TEMPLATES";

/// The migrated PostgreSQL database that those of tests are copies of.
const TEMPLATE: &str = "slipway_template";

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

/// The URL of a fresh, empty PostgreSQL database, for programs that open it themselves; none without a server. It goes
/// with the server.
pub async fn postgres_url() -> Option<String> {
    let server = std::env::var(POSTGRES).ok()?;
    let name = format!("test_{}", uuid::Uuid::new_v4().simple());
    let maintenance = Database::connect(&server).await.expect("the PostgreSQL server");
    maintenance.execute_unprepared(&format!("CREATE DATABASE \"{name}\"")).await.expect("a database for the test");
    maintenance.close().await.expect("closing the maintenance connection");
    let (base, _) = server.rsplit_once('/').expect("a PostgreSQL URL that ends in a database name");
    Some(format!("{base}/{name}"))
}

/// A fresh, migrated SQLite database in a folder.
pub async fn sqlite(folder: &Path) -> DatabaseConnection {
    sqlite_at(folder, None).await
}

async fn sqlite_at(folder: &Path, migrations: Option<u32>) -> DatabaseConnection {
    let file = folder.join("test.sqlite");
    match templates().filter(|_| migrations.is_none()) {
        Some(templates) => {
            std::fs::copy(sqlite_template(&templates).await, &file).expect("a copy of the migrated database");
            sqlite_file(&file).await
        }
        None => migrated(sqlite_file(&file).await, migrations).await,
    }
}

/// The migrated file that others are copies of. Processes that make it at the same time make the same.
async fn sqlite_template(templates: &Path) -> PathBuf {
    let template = templates.join("template.sqlite");
    if !template.exists() {
        let folder = tempfile::tempdir_in(templates).expect("a folder for the migrated database");
        let file = folder.path().join("new.sqlite");
        // Closed, it is one file: what stands in its write-ahead log is in it.
        migrated(sqlite_file(&file).await, None).await.close().await.expect("closing the migrated database");
        std::fs::rename(&file, &template).expect("the migrated database at its place");
    }
    template
}

async fn sqlite_file(file: &Path) -> DatabaseConnection {
    let mut options = ConnectOptions::new(format!("sqlite://{}?mode=rwc", file.display()));
    options.max_connections(4).sqlx_logging(false);
    options.map_sqlx_sqlite_opts(|options| {
        options.pragma("journal_mode", "WAL").pragma("synchronous", "NORMAL").busy_timeout(Duration::from_secs(10))
    });
    Database::connect(options).await.expect("SQLite")
}

async fn postgres(server: &str, migrations: Option<u32>) -> (String, DatabaseConnection) {
    let name = format!("test_{}", uuid::Uuid::new_v4().simple());
    let maintenance = Database::connect(server).await.expect("the PostgreSQL server");
    let copied = migrations.is_none() && templates().is_some();
    let origin = if copied {
        postgres_template(server, &maintenance).await;
        format!(" TEMPLATE {TEMPLATE}")
    } else {
        String::new()
    };
    maintenance
        .execute_unprepared(&format!("CREATE DATABASE \"{name}\"{origin}"))
        .await
        .expect("a database for the test");
    maintenance.close().await.expect("closing the maintenance connection");
    let database = postgres_database(server, &name).await;
    (name, if copied { database } else { migrated(database, migrations).await })
}

/// Makes the migrated database that others are copies of, unless it is there.
async fn postgres_template(server: &str, maintenance: &DatabaseConnection) {
    let there = format!("SELECT 1 AS there FROM pg_database WHERE datname = '{TEMPLATE}'");
    if maintenance.query_one_raw(statement(&there)).await.expect("the list of databases").is_some() {
        return;
    }
    let name = format!("new_{}", uuid::Uuid::new_v4().simple());
    maintenance.execute_unprepared(&format!("CREATE DATABASE \"{name}\"")).await.expect("a database to migrate");
    let database = migrated(postgres_database(server, &name).await, None).await;
    database.close().await.expect("closing the migrated database");
    // Of processes that make it at the same time one wins, and the others use its.
    let renamed = maintenance.execute_unprepared(&format!("ALTER DATABASE \"{name}\" RENAME TO {TEMPLATE}")).await;
    if renamed.is_err() {
        maintenance.execute_unprepared(&format!("DROP DATABASE \"{name}\"")).await.expect("dropping what lost");
    }
}

fn statement(sql: &str) -> sea_orm::Statement {
    sea_orm::Statement::from_string(sea_orm::DbBackend::Postgres, sql)
}

async fn postgres_database(server: &str, name: &str) -> DatabaseConnection {
    let (base, _) = server.rsplit_once('/').expect("a PostgreSQL URL that ends in a database name");
    let mut options = ConnectOptions::new(format!("{base}/{name}"));
    options.max_connections(4).sqlx_logging(false);
    Database::connect(options).await.expect("the test's PostgreSQL database")
}

async fn migrated(database: DatabaseConnection, migrations: Option<u32>) -> DatabaseConnection {
    Migrator::up(&database, migrations).await.expect("the migrations");
    database
}

fn templates() -> Option<PathBuf> {
    std::env::var_os(TEMPLATES).map(PathBuf::from)
}
