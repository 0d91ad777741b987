//! Events of runs, webhooks that are told of them, and what became of telling.

use sea_orm_migration::{prelude::*, schema};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in [event_outbox(), webhook(), delivery(), delivery_try()] {
            manager.create_table(table).await?;
        }
        let undispatched = Index::create()
            .name("event_outbox_undispatched")
            .table("event_outbox")
            .col("at")
            .and_where(Expr::col("dispatched").is_null())
            .to_owned();
        let dispatched =
            Index::create().name("event_outbox_dispatched").table("event_outbox").col("dispatched").to_owned();
        let due = Index::create()
            .name("delivery_due")
            .table("delivery")
            .col("due")
            .and_where(Expr::col("due").is_not_null())
            .to_owned();
        let of_webhook =
            Index::create().name("delivery_webhook").table("delivery").col("webhook_id").col("created").to_owned();
        let ended = Index::create().name("delivery_ended").table("delivery").col("ended").to_owned();
        // An event is told to a webhook once.
        let once = Index::create()
            .name("delivery_once")
            .table("delivery")
            .col("webhook_id")
            .col("run_id")
            .col("number")
            .unique()
            .to_owned();
        for index in [undispatched, dispatched, due, of_webhook, ended, once] {
            manager.create_index(index).await?;
        }
        Ok(())
    }
}

/// What happened to runs, written with it and told to others later.
fn event_outbox() -> TableCreateStatement {
    Table::create()
        .table("event_outbox")
        .col(schema::uuid("run_id"))
        // Counts the events of a run.
        .col(schema::big_integer("number"))
        .col(schema::text("name"))
        .col(schema::big_integer("at"))
        .col(schema::uuid("pipeline_id"))
        // The run as it was, as a document.
        .col(schema::text("facts"))
        // When it was decided whom to tell.
        .col(schema::big_integer_null("dispatched"))
        .primary_key(Index::create().col("run_id").col("number"))
        .foreign_key(
            ForeignKey::create()
                .from("event_outbox", "run_id")
                .to("stage_run", "id")
                .on_delete(ForeignKeyAction::Cascade),
        )
        .to_owned()
}

fn webhook() -> TableCreateStatement {
    Table::create()
        .table("webhook")
        .col(schema::pk_uuid("id"))
        .col(schema::text("name"))
        // Sealed: addresses of workflows hold what gives access to them.
        .col(schema::text("url"))
        // Scheme and host of the address, for lists and the audit log.
        .col(schema::text("origin"))
        // Sealed.
        .col(schema::text("secret"))
        .col(schema::text("form"))
        // Names of events, as a document.
        .col(schema::text("events"))
        // None for every pipeline.
        .col(schema::uuid_null("pipeline_id"))
        .col(schema::boolean("active"))
        .col(schema::integer("row_version"))
        .col(schema::big_integer("modified"))
        .col(schema::text("modified_by_name"))
        .foreign_key(
            ForeignKey::create()
                .from("webhook", "pipeline_id")
                .to("pipeline", "id")
                .on_delete(ForeignKeyAction::Cascade),
        )
        .to_owned()
}

fn delivery() -> TableCreateStatement {
    Table::create()
        .table("delivery")
        .col(schema::pk_uuid("id"))
        // To whom; none where it goes elsewhere.
        .col(schema::uuid_null("webhook_id"))
        // The event; none for a test.
        .col(schema::uuid_null("run_id"))
        .col(schema::big_integer_null("number"))
        .col(schema::text("event"))
        .col(schema::text("body"))
        // 0 waits, 1 delivered, 2 given up.
        .col(schema::integer("status"))
        .col(schema::integer("tries"))
        // Tries up to when somebody had it sent again.
        .col(schema::integer("tries_before"))
        // What came of the last try, in a few words.
        .col(schema::text("outcome"))
        .col(schema::big_integer("created"))
        .col(schema::big_integer_null("ended"))
        .col(schema::big_integer_null("due"))
        .col(schema::uuid_null("lease_owner"))
        .col(schema::big_integer("lease_token"))
        .col(schema::big_integer_null("lease_until"))
        .foreign_key(
            ForeignKey::create()
                .from("delivery", "webhook_id")
                .to("webhook", "id")
                .on_delete(ForeignKeyAction::Cascade),
        )
        .check(Expr::col("status").between(0, 2))
        .to_owned()
}

fn delivery_try() -> TableCreateStatement {
    Table::create()
        .table("delivery_try")
        .col(schema::uuid("delivery_id"))
        .col(schema::integer("number"))
        .col(schema::big_integer("at"))
        .col(schema::big_integer("milliseconds"))
        .col(schema::integer_null("answer_status"))
        // How the answer begins.
        .col(schema::text("answer"))
        // Why there was no answer; empty where there was one.
        .col(schema::text("error"))
        .primary_key(Index::create().col("delivery_id").col("number"))
        .foreign_key(
            ForeignKey::create()
                .from("delivery_try", "delivery_id")
                .to("delivery", "id")
                .on_delete(ForeignKeyAction::Cascade),
        )
        .to_owned()
}
