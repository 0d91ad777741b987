//! What environments take, and the policies of pipelines and stages.

use sea_orm_migration::{
    prelude::*,
    schema::{big_integer, integer, text, uuid, uuid_null},
};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // A document in the vocabulary of the `model` crate; what it does not say is as in a new environment.
        let properties =
            Table::alter().table("built_in_environment").add_column(text("properties").default("{}")).to_owned();
        manager.alter_table(properties).await?;
        manager.create_table(policy()).await
    }
}

/// One row for each pipeline and each stage that has a policy.
fn policy() -> TableCreateStatement {
    Table::create()
        .table("policy")
        // The id of the pipeline or of the stage.
        .col(uuid("id").primary_key())
        .col(uuid_null("pipeline_id"))
        .col(uuid_null("stage_id"))
        // A document in the vocabulary of the `model` crate.
        .col(text("document"))
        .col(integer("row_version"))
        .col(big_integer("modified"))
        .check(Expr::cust("(pipeline_id IS NULL) <> (stage_id IS NULL)"))
        .foreign_key(
            ForeignKey::create()
                .name("policy_of_pipeline")
                .from("policy", "pipeline_id")
                .to("pipeline", "id")
                .on_delete(ForeignKeyAction::Cascade),
        )
        .foreign_key(
            ForeignKey::create()
                .name("policy_of_stage")
                .from("policy", "stage_id")
                .to("stage", "id")
                .on_delete(ForeignKeyAction::Cascade),
        )
        .index(Index::create().name("policy_pipeline").unique().col("pipeline_id"))
        .index(Index::create().name("policy_stage").unique().col("stage_id"))
        .to_owned()
}
