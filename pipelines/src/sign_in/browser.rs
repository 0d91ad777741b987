//! Browsers in which people signed in before, told by a token that the browser keeps. A known browser is let try when
//! strangers keep the name of its person waiting; it proves nothing else.

use crate::{Host, Result};
use model::id::UserId;
use rand::Rng;
use sea_orm::{ActiveValue::Set, ConnectionTrait, DatabaseTransaction, QueryOrder, QuerySelect, entity::prelude::*};
use sha2::{Digest, Sha256};
use std::time::Duration;

/// How long a browser is known after the last time its person signed in.
pub const KNOWN: Duration = Duration::from_hours(180 * 24);
/// Browsers of a person that are known at once; the one that expires first makes room.
const MOST: u64 = 20;
/// Bytes of a token.
const BYTES: usize = 32;

/// SHA-256 of a token, as it is kept. Anything may be hashed: what no browser was given is nobody's.
pub(super) fn hash(token: &str) -> String {
    hex::encode(Sha256::digest(token))
}

/// Whose browser a token tells.
pub(super) async fn owner(host: &Host, hash: &str) -> Result<Option<UserId>> {
    let browser = Entity::find_by_id(hash).filter(Column::Expires.gt(host.now())).one(&host.database).await?;
    Ok(browser.map(|browser| UserId(browser.person_id)))
}

/// Knows a browser from now on, in place of what it had before. Returns its token.
pub(super) async fn remember(
    host: &Host,
    transaction: &DatabaseTransaction,
    person: UserId,
    before: Option<&str>,
) -> Result<String> {
    if let Some(before) = before {
        Entity::delete_by_id(before).filter(Column::PersonId.eq(person.0)).exec(transaction).await?;
    }
    let kept: Vec<String> = Entity::find()
        .select_only()
        .column(Column::TokenHash)
        .filter(Column::PersonId.eq(person.0))
        .order_by_desc(Column::Expires)
        .limit(MOST - 1)
        .into_tuple()
        .all(transaction)
        .await?;
    Entity::delete_many()
        .filter(Column::PersonId.eq(person.0))
        .filter(Column::TokenHash.is_not_in(kept))
        .exec(transaction)
        .await?;
    let mut bytes = [0; BYTES];
    rand::rng().fill_bytes(&mut bytes);
    let token = hex::encode(bytes);
    let browser = ActiveModel {
        token_hash: Set(hash(&token)),
        person_id: Set(person.0),
        expires: Set((host.clock.now() + KNOWN).0),
    };
    Entity::insert(browser).exec_without_returning(transaction).await?;
    Ok(token)
}

/// Knows none of a person's browsers any more.
pub(crate) async fn forget(connection: &impl ConnectionTrait, person: UserId) -> Result<()> {
    Entity::delete_many().filter(Column::PersonId.eq(person.0)).exec(connection).await?;
    Ok(())
}

/// Removes browsers that were not used for long, and tells how many there were.
pub(super) async fn delete_expired(host: &Host) -> Result<u64> {
    let deleted = Entity::delete_many().filter(Column::Expires.lte(host.now())).exec(&host.database).await?;
    Ok(deleted.rows_affected)
}

/// A browser that is known.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "known_browser")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub token_hash: String,
    pub person_id: Uuid,
    pub expires: i64,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
