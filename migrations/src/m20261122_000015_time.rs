//! When runs go: scheduled times, deployment windows and freezes of stages, time zones of people, places in queues.

use sea_orm_migration::{prelude::*, schema};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(stage_window()).await?;
        manager.create_table(stage_freeze()).await?;
        let of_stage =
            Index::create().name("stage_freeze_stage").table("stage_freeze").col("stage_id").col("until_at").to_owned();
        manager.create_index(of_stage).await?;
        for column in [
            schema::big_integer_null("scheduled_for"),
            schema::text_null("scheduled_zone"),
            schema::text_null("window_override"),
            schema::big_integer_null("queue_place"),
        ] {
            manager.alter_table(Table::alter().table("stage_run").add_column(column).to_owned()).await?;
        }
        // Whoever waits keeps their place.
        let places = "UPDATE stage_run SET queue_place = queued WHERE queued IS NOT NULL";
        manager.get_connection().execute_unprepared(places).await?;
        manager.drop_index(Index::drop().name("stage_run_queue").table("stage_run").to_owned()).await?;
        let queue = Index::create()
            .name("stage_run_queue")
            .table("stage_run")
            .col("target_id")
            .col("queue_place")
            .col("id")
            .and_where(Expr::col("queued").is_not_null())
            .to_owned();
        manager.create_index(queue).await?;
        let zone = schema::text_null("time_zone");
        manager.alter_table(Table::alter().table("person").add_column(zone).to_owned()).await
    }
}

fn stage_window() -> TableCreateStatement {
    Table::create()
        .table("stage_window")
        .col(schema::pk_uuid("stage_id"))
        .col(schema::text("time_zone"))
        .col(schema::text("windows"))
        .col(schema::integer("row_version"))
        .foreign_key(
            ForeignKey::create()
                .from("stage_window", "stage_id")
                .to("stage", "id")
                .on_delete(ForeignKeyAction::Cascade),
        )
        .to_owned()
}

fn stage_freeze() -> TableCreateStatement {
    Table::create()
        .table("stage_freeze")
        .col(schema::pk_uuid("id"))
        .col(schema::uuid("stage_id"))
        .col(schema::big_integer("from_at"))
        .col(schema::big_integer("until_at"))
        .col(schema::text("reason"))
        .col(schema::text("declared_by"))
        .foreign_key(
            ForeignKey::create()
                .from("stage_freeze", "stage_id")
                .to("stage", "id")
                .on_delete(ForeignKeyAction::Cascade),
        )
        .check(Expr::col("until_at").gt(Expr::col("from_at")))
        .to_owned()
}
