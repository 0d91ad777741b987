//! Where targets differ from what was last deployed there, as it was last looked at.

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
            .table("drift")
            .col(schema::uuid("stage_id"))
            .col(schema::text("solution_key"))
            // The run that brought what the target was compared with.
            .col(schema::uuid("run_id"))
            .col(schema::big_integer("checked"))
            .col(schema::text("drifts"))
            .primary_key(Index::create().col("stage_id").col("solution_key"))
            .foreign_key(
                ForeignKey::create().from("drift", "stage_id").to("stage", "id").on_delete(ForeignKeyAction::Cascade),
            )
            .to_owned();
        manager.create_table(table).await
    }
}
