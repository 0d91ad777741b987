//! What the Dataverse Web API of built-in environments keeps: uploads, operations, application users.

use sea_orm_migration::{
    prelude::*,
    schema::{big_integer, big_integer_null, integer, string_len, text, uuid, uuid_null},
};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        import_modes(manager).await?;
        uploads(manager).await?;
        operations(manager).await?;
        application_users(manager).await?;
        tokens(manager).await
    }
}

/// How an import treats the version that is there: replaces it, adds to it, or waits beside it.
async fn import_modes(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let modes = Expr::col("mode").is_in(["upgrade", "update", "holding"]);
    let table = Table::alter()
        .table("built_in_import_job")
        .add_column(string_len("mode", 20).default("upgrade").check(modes))
        .to_owned();
    manager.alter_table(table).await
}

/// Packages that a client of the Web API staged, or that an export made for it.
async fn uploads(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = Table::create()
        .table("built_in_upload")
        .col(uuid("id").primary_key())
        .col(uuid("environment_id"))
        .col(text("package_sha256"))
        .col(big_integer("package_bytes").check(Expr::col("package_bytes").gte(0)))
        .col(big_integer("created"))
        .foreign_key(&mut of_environment("built_in_upload"))
        .to_owned();
    manager.create_table(table).await?;
    index(manager, "built_in_upload_age", "built_in_upload", &["environment_id", "created"]).await
}

/// The platform's `asyncoperation`.
async fn operations(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = Table::create()
        .table("built_in_operation")
        .col(uuid("id").primary_key())
        .col(uuid("environment_id"))
        // The platform's `operationtype`.
        .col(integer("operation_type"))
        .col(text("message_name"))
        .col(text("name"))
        // Where it is an import, how far it is stands with the job.
        .col(uuid_null("import_job"))
        .col(big_integer_null("code"))
        .col(text("message"))
        .col(big_integer("created"))
        .col(big_integer_null("completed"))
        .foreign_key(&mut of_environment("built_in_operation"))
        .to_owned();
    manager.create_table(table).await?;
    index(manager, "built_in_operation_log", "built_in_operation", &["environment_id", "created"]).await
}

/// Applications that may use the Web API of one environment. The id is the client id.
async fn application_users(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = Table::create()
        .table("application_user")
        .col(uuid("id").primary_key())
        .col(uuid("environment_id"))
        .col(text("name"))
        // SHA-256 of the client secret, which is random and long.
        .col(text("secret_hash"))
        .col(big_integer("created"))
        .col(big_integer_null("last_used"))
        .foreign_key(&mut of_environment("application_user"))
        .to_owned();
    manager.create_table(table).await?;
    index(manager, "application_user_environment", "application_user", &["environment_id"]).await
}

/// Access tokens of application users, under the SHA-256 of what the client was given.
async fn tokens(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = Table::create()
        .table("application_token")
        .col(string_len("token_hash", 64).primary_key())
        .col(uuid("application_user_id"))
        .col(big_integer("expires"))
        .foreign_key(
            ForeignKey::create()
                .name("application_token_user")
                .from("application_token", "application_user_id")
                .to("application_user", "id")
                .on_delete(ForeignKeyAction::Cascade),
        )
        .to_owned();
    manager.create_table(table).await?;
    index(manager, "application_token_expires", "application_token", &["expires"]).await
}

async fn index(
    manager: &SchemaManager<'_>,
    name: &'static str,
    table: &'static str,
    columns: &[&'static str],
) -> Result<(), DbErr> {
    let mut index = Index::create().name(name).table(table).take();
    for column in columns {
        index.col(*column);
    }
    manager.create_index(index).await
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
