//! What a run changes in its target, as it was told to whoever deployed it.

use sea_orm_migration::{prelude::*, schema};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let changes = schema::text_null("changes");
        manager.alter_table(Table::alter().table("stage_run").add_column(changes).to_owned()).await
    }
}
