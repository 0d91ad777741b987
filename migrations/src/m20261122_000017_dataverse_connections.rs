//! Dataverse environments that administrators connect.

use sea_orm_migration::{prelude::*, schema};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let table = Table::create()
            .table("dataverse_connection")
            .col(schema::pk_uuid("environment_id"))
            .col(schema::text("name"))
            .col(schema::text("url"))
            .col(schema::text("tenant"))
            .col(schema::text("client_id"))
            .col(schema::text("authority"))
            .col(schema::boolean("has_certificate"))
            // Sealed: a client secret, or a certificate and its key.
            .col(schema::text("credential"))
            // What came of the last try, as a document; empty where there was none since the last change.
            .col(schema::text("trial"))
            .col(schema::integer("row_version"))
            .col(schema::big_integer("modified"))
            .col(schema::text("modified_by_name"))
            .to_owned();
        manager.create_table(table).await
    }
}
