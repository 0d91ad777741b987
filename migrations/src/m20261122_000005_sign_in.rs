//! Signing in: what is known of sessions, failed attempts and the browsers of people, tokens for programs, and the
//! accounts that people have with OpenID Connect providers.
//!
//! Sessions of before do not know whose they are, since when and from where; whoever was signed in signs in again.

use sea_orm_migration::{
    prelude::*,
    schema::{big_integer, big_integer_null, binary, char_len, integer, string_len, text, uuid, uuid_null},
};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("session").to_owned()).await?;
        for table in [session(), sign_in_attempt(), known_browser(), api_token(), pending_sign_in(), identity()] {
            manager.create_table(table).await?;
        }
        for (name, table, column) in [
            ("session_expires", "session", "expires"),
            ("session_person_id", "session", "person_id"),
            ("sign_in_attempt_last_failed", "sign_in_attempt", "last_failed"),
            ("known_browser_person_id", "known_browser", "person_id"),
            ("known_browser_expires", "known_browser", "expires"),
            ("api_token_person_id", "api_token", "person_id"),
            ("pending_sign_in_expires", "pending_sign_in", "expires"),
            ("identity_person_id", "identity", "person_id"),
        ] {
            manager.create_index(Index::create().name(name).table(table).col(column).to_owned()).await?;
        }
        // Failed attempts are counted in a table of their own.
        for column in ["failed_sign_ins", "blocked_until"] {
            manager.alter_table(Table::alter().table("person").drop_column(column).to_owned()).await?;
        }
        Ok(())
    }
}

fn of_a_person(table: &str) -> ForeignKeyCreateStatement {
    ForeignKey::create()
        .name(format!("{table}_person"))
        .from(table.to_owned(), "person_id")
        .to("person", "id")
        .on_delete(ForeignKeyAction::Cascade)
        .take()
}

fn hash(name: &'static str) -> ColumnDef {
    char_len(name, 64)
}

fn session() -> TableCreateStatement {
    Table::create()
        .table("session")
        .col(hash("id_hash").primary_key())
        .col(uuid("id").unique_key())
        .col(uuid_null("person_id"))
        .col(binary("data"))
        .col(big_integer("created"))
        .col(big_integer("last_seen"))
        .col(big_integer("expires"))
        .col(string_len("method", 100))
        .col(string_len("address", 100))
        .col(string_len("device", 200))
        .foreign_key(&mut of_a_person("session"))
        .to_owned()
}

fn sign_in_attempt() -> TableCreateStatement {
    Table::create()
        .table("sign_in_attempt")
        .col(hash("subject").primary_key())
        .col(integer("failures").check(Expr::col("failures").gte(0)))
        .col(big_integer_null("blocked_until"))
        .col(big_integer("last_failed"))
        .to_owned()
}

fn known_browser() -> TableCreateStatement {
    Table::create()
        .table("known_browser")
        .col(hash("token_hash").primary_key())
        .col(uuid("person_id"))
        .col(big_integer("expires"))
        .foreign_key(&mut of_a_person("known_browser"))
        .to_owned()
}

fn api_token() -> TableCreateStatement {
    Table::create()
        .table("api_token")
        .col(uuid("id").primary_key())
        .col(uuid("person_id"))
        .col(string_len("name", 400))
        .col(string_len("prefix", 40))
        .col(hash("token_hash").unique_key())
        .col(integer("scopes").check(Expr::col("scopes").between(1, 7)))
        .col(big_integer("created"))
        .col(big_integer("expires"))
        .col(big_integer_null("last_used"))
        .col(string_len("last_address", 100))
        .foreign_key(&mut of_a_person("api_token"))
        .to_owned()
}

fn pending_sign_in() -> TableCreateStatement {
    Table::create()
        .table("pending_sign_in")
        .col(hash("state_hash").primary_key())
        .col(hash("browser_hash"))
        .col(string_len("provider", 100))
        .col(text("sealed"))
        .col(text("next"))
        .col(uuid_null("person_id"))
        .col(big_integer("expires"))
        .foreign_key(&mut of_a_person("pending_sign_in"))
        .to_owned()
}

fn identity() -> TableCreateStatement {
    Table::create()
        .table("identity")
        .col(string_len("provider", 100))
        .col(string_len("subject", 400))
        .col(uuid("person_id"))
        .col(big_integer("created"))
        .col(big_integer("last_sign_in"))
        .primary_key(Index::create().col("provider").col("subject"))
        .foreign_key(&mut of_a_person("identity"))
        .to_owned()
}
