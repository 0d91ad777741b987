//! Imports that were started in Dataverse environments, so that each is found again and none is started twice.

use sea_orm_migration::{
    prelude::*,
    schema::{big_integer, text, uuid, uuid_null},
};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let table = Table::create()
            .table("dataverse_import")
            .col(uuid("job").primary_key())
            .col(uuid("environment_id"))
            .col(text("solution"))
            // When the request to start it was sent. The keys below are the environment's answer.
            .col(big_integer("sent"))
            .col(uuid_null("import_job"))
            .col(uuid_null("operation"))
            .to_owned();
        manager.create_table(table).await
    }
}
