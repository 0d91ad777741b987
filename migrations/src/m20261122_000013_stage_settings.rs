//! Settings that are prepared for a solution at a stage.

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
            .table("stage_settings")
            .col(schema::pk_uuid("id"))
            .col(schema::uuid("stage_id"))
            .col(schema::text("solution_key"))
            .col(schema::text("solution"))
            .col(schema::text("solution_display_name"))
            // The development environment that the solution was looked at in.
            .col(schema::uuid("environment_id"))
            // A sealed document: some values are nobody's to read.
            .col(schema::text("settings"))
            .col(schema::text("secret_variables"))
            .col(schema::integer("row_version"))
            .col(schema::big_integer("modified"))
            .col(schema::text("modified_by_name"))
            .foreign_key(
                ForeignKey::create()
                    .from("stage_settings", "stage_id")
                    .to("stage", "id")
                    .on_delete(ForeignKeyAction::Cascade),
            )
            .to_owned();
        manager.create_table(table).await?;
        let index = Index::create()
            .name("stage_settings_solution")
            .table("stage_settings")
            .col("stage_id")
            .col("solution_key")
            .unique()
            .to_owned();
        manager.create_index(index).await
    }
}
