//! Signing in with providers: whose network a pending sign-in was begun in, and whose rights have lapsed.

use sea_orm_migration::{prelude::*, schema};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let network = schema::string_len("network_hash", 64).default("").to_owned();
        manager.alter_table(Table::alter().table("pending_sign_in").add_column(network).to_owned()).await?;
        let of_network = Index::create()
            .name("pending_sign_in_network")
            .table("pending_sign_in")
            .col("network_hash")
            .col("expires")
            .to_owned();
        manager.create_index(of_network).await?;
        let lapsed = schema::boolean("lapsed").default(false).to_owned();
        manager.alter_table(Table::alter().table("identity").add_column(lapsed).to_owned()).await
    }
}
