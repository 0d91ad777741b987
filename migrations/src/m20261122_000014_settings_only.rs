//! Runs that apply settings and import nothing.

use sea_orm_migration::{prelude::*, schema};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let settings_only = schema::boolean("settings_only").default(false).take();
        manager.alter_table(Table::alter().table("stage_run").add_column(settings_only).to_owned()).await
    }
}
