//! The environments that Slipway keeps itself: what is installed in them, and their import log.
//!
//! A column that ends in `_key` holds a name in lower case, because the platform's names are compared without regard to
//! case.

use sea_orm_migration::{
    prelude::*,
    schema::{
        big_integer, big_integer_null, boolean, integer, integer_null, text, text_null, text_uniq, uuid, uuid_null,
    },
};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        environments(manager).await?;
        publishers(manager).await?;
        solutions(manager).await?;
        components(manager).await?;
        connections(manager).await?;
        variable_values(manager).await?;
        reference_bindings(manager).await?;
        import_jobs(manager).await
    }
}

async fn environments(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = Table::create()
        .table("built_in_environment")
        .col(uuid("id").primary_key())
        .col(text("name"))
        .col(text_uniq("name_key"))
        .col(integer("import_pace").check(Expr::col("import_pace").between(0, 10_000)))
        // The mark of the host record that uses the environment, and as what: the platform's `environmenttype`.
        .col(uuid_null("binding_record"))
        .col(integer_null("binding_kind").check(Expr::col("binding_kind").is_in([200_000_000, 200_000_001])))
        .col(big_integer("created"))
        .check(Expr::cust("(binding_record IS NULL) = (binding_kind IS NULL)"))
        .to_owned();
    manager.create_table(table).await
}

async fn publishers(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = Table::create()
        .table("built_in_publisher")
        .col(uuid("id").primary_key())
        .col(uuid("environment_id"))
        .col(text("unique_name"))
        .col(text("unique_key"))
        .col(text("display_name"))
        .col(text("prefix"))
        .col(big_integer("option_value_prefix").check(Expr::col("option_value_prefix").gte(0)))
        .foreign_key(&mut of_environment("built_in_publisher"))
        .index(Index::create().name("built_in_publisher_name").unique().col("environment_id").col("unique_key"))
        .index(Index::create().name("built_in_publisher_in_environment").unique().col("environment_id").col("id"))
        .to_owned();
    manager.create_table(table).await
}

async fn solutions(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = Table::create()
        .table("built_in_solution")
        .col(uuid("id").primary_key())
        .col(uuid("environment_id"))
        .col(text("unique_name"))
        .col(text("unique_key"))
        .col(text("display_name"))
        .col(text("description"))
        .col(text("version"))
        .col(boolean("managed"))
        .col(uuid("publisher_id"))
        // The package it came in or was created with; an export starts from it.
        .col(text("package_sha256"))
        .col(big_integer("package_bytes").check(Expr::col("package_bytes").gte(0)))
        // JSON documents in the vocabulary of the `model` crate.
        .col(text("connection_references"))
        .col(text("environment_variables"))
        .col(text("missing_dependencies"))
        .col(big_integer("installed"))
        .col(big_integer("modified"))
        .foreign_key(&mut of_environment("built_in_solution"))
        .foreign_key(
            ForeignKey::create()
                .name("built_in_solution_publisher")
                .from("built_in_solution", ("environment_id", "publisher_id"))
                .to("built_in_publisher", ("environment_id", "id")),
        )
        .index(Index::create().name("built_in_solution_name").unique().col("environment_id").col("unique_key"))
        .to_owned();
    manager.create_table(table).await
}

/// The layers: one row for each component that a solution brings. A component that two solutions bring has two rows, and
/// stays in the environment until the last of them is gone.
async fn components(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = Table::create()
        .table("built_in_component")
        .col(uuid("solution_id"))
        .col(text("name_key"))
        // A number of `componenttype`, or the logical name of a table.
        .col(text("kind"))
        // Empty where the component belongs to no table.
        .col(text("parent_key"))
        .col(text("name"))
        .col(text_null("parent"))
        .col(text_null("display_name"))
        // The name stands first: dependencies are looked up by it.
        .primary_key(Index::create().col("solution_id").col("name_key").col("kind").col("parent_key"))
        .foreign_key(
            ForeignKey::create()
                .name("built_in_component_solution")
                .from("built_in_component", "solution_id")
                .to("built_in_solution", "id")
                .on_delete(ForeignKeyAction::Cascade),
        )
        .to_owned();
    manager.create_table(table).await
}

async fn connections(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = Table::create()
        .table("built_in_connection")
        .col(text("id").primary_key())
        .col(uuid("environment_id"))
        .col(text("connector_id"))
        .col(text("display_name"))
        .col(text("owner"))
        .col(boolean("usable"))
        .col(big_integer("created"))
        .foreign_key(&mut of_environment("built_in_connection"))
        .index(Index::create().name("built_in_connection_in_environment").unique().col("environment_id").col("id"))
        .to_owned();
    manager.create_table(table).await
}

async fn variable_values(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = Table::create()
        .table("built_in_variable_value")
        .col(uuid("environment_id"))
        .col(text("schema_key"))
        .col(text("value"))
        .col(big_integer("modified"))
        .primary_key(Index::create().col("environment_id").col("schema_key"))
        .foreign_key(&mut of_environment("built_in_variable_value"))
        .to_owned();
    manager.create_table(table).await
}

async fn reference_bindings(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = Table::create()
        .table("built_in_reference_binding")
        .col(uuid("environment_id"))
        .col(text("logical_key"))
        .col(text("connection_id"))
        .col(big_integer("modified"))
        .primary_key(Index::create().col("environment_id").col("logical_key"))
        .foreign_key(&mut of_environment("built_in_reference_binding"))
        .foreign_key(
            ForeignKey::create()
                .name("built_in_reference_binding_connection")
                .from("built_in_reference_binding", ("environment_id", "connection_id"))
                .to("built_in_connection", ("environment_id", "id"))
                .on_delete(ForeignKeyAction::Cascade),
        )
        .to_owned();
    manager.create_table(table).await
}

async fn import_jobs(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = Table::create()
        .table("built_in_import_job")
        .col(uuid("id").primary_key())
        .col(uuid("environment_id"))
        .col(text("solution"))
        .col(text("version"))
        .col(boolean("managed"))
        .col(text("package_sha256"))
        .col(big_integer("package_bytes").check(Expr::col("package_bytes").gte(0)))
        // The deployment settings, as JSON, while the import needs them; empty afterwards.
        .col(text("settings"))
        .col(text("status").check(Expr::col("status").is_in(["running", "succeeded", "failed"])))
        .col(integer("progress").check(Expr::col("progress").between(0, 100)))
        .col(text("message"))
        // The platform's error code as the 32 bits that it is.
        .col(big_integer_null("code"))
        .col(integer("components_done").check(Expr::col("components_done").gte(0)))
        // Who works on it, and until when that holds without a sign of life. Another one may take over after that, and
        // whoever is no longer the holder writes nothing.
        .col(uuid_null("lease_holder"))
        .col(big_integer_null("lease_until"))
        .col(integer("attempts").check(Expr::col("attempts").gte(0)))
        .col(big_integer("started"))
        .col(big_integer_null("ended"))
        .check(Expr::cust("(status = 'running') = (ended IS NULL)"))
        .check(Expr::cust("(status = 'running') = (lease_holder IS NOT NULL AND lease_until IS NOT NULL)"))
        .foreign_key(&mut of_environment("built_in_import_job"))
        .to_owned();
    manager.create_table(table).await?;
    let log = Index::create()
        .name("built_in_import_job_log")
        .table("built_in_import_job")
        .col("environment_id")
        .col("started")
        .to_owned();
    manager.create_index(log).await?;
    // One import at a time in each environment: the database decides, so that two at once cannot both begin.
    let sql = "CREATE UNIQUE INDEX built_in_import_job_running ON built_in_import_job (environment_id) WHERE status = 'running'";
    manager.get_connection().execute_unprepared(sql).await?;
    Ok(())
}

/// Whatever is in an environment goes with it.
fn of_environment(table: &'static str) -> ForeignKeyCreateStatement {
    ForeignKey::create()
        .name(format!("{table}_environment"))
        .from(table, "environment_id")
        .to("built_in_environment", "id")
        .on_delete(ForeignKeyAction::Cascade)
        .to_owned()
}
