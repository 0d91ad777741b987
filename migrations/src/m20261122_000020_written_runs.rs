//! What programs write into the columns of a run before they deploy it.

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
            .table("stage_run_written")
            .col(schema::uuid("run_id").primary_key())
            .col(schema::text("document"))
            .foreign_key(
                ForeignKey::create()
                    .name("stage_run_written_run")
                    .from("stage_run_written", "run_id")
                    .to("stage_run", "id")
                    .on_delete(ForeignKeyAction::Cascade),
            )
            .to_owned();
        manager.create_table(table).await
    }
}
