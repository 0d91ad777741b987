//! Sessions of signed-in browsers, found by the SHA-256 of their id.

use crate::{Error, Host, Result};
use model::Timestamp;
use sea_orm::{ActiveValue::Set, entity::prelude::*, sea_query::OnConflict};

pub(crate) mod entity;

use entity::{ActiveModel, Column, Entity};

/// Bytes a session holds at most.
pub const MOST_DATA: usize = 256 * 1024;

/// A session as it is kept.
#[derive(Clone, PartialEq, Eq)]
pub struct StoredSession {
    /// What the server keeps in it.
    pub data: Vec<u8>,
    /// When it ends.
    pub expires: Timestamp,
}

/// Keeps a new session; false when the id is taken, so that the server tries another one.
pub async fn create(host: &Host, id_hash: [u8; 32], data: Vec<u8>, expires: Timestamp) -> Result<bool> {
    let written = Entity::insert(row(id_hash, data, expires)?)
        .on_conflict(OnConflict::column(Column::IdHash).do_nothing().to_owned())
        .exec_without_returning(&host.database)
        .await?;
    Ok(written == 1)
}

/// Keeps a session, whether it was there or not.
pub async fn save(host: &Host, id_hash: [u8; 32], data: Vec<u8>, expires: Timestamp) -> Result<()> {
    Entity::insert(row(id_hash, data, expires)?)
        .on_conflict(OnConflict::column(Column::IdHash).update_columns([Column::Data, Column::Expires]).to_owned())
        .exec_without_returning(&host.database)
        .await?;
    Ok(())
}

/// A session that has not ended.
pub async fn load(host: &Host, id_hash: [u8; 32]) -> Result<Option<StoredSession>> {
    let session =
        Entity::find_by_id(hex::encode(id_hash)).filter(Column::Expires.gt(host.now())).one(&host.database).await?;
    Ok(session.map(|session| StoredSession { data: session.data, expires: Timestamp(session.expires) }))
}

/// Ends a session.
pub async fn delete(host: &Host, id_hash: [u8; 32]) -> Result<()> {
    Entity::delete_by_id(hex::encode(id_hash)).exec(&host.database).await?;
    Ok(())
}

/// Removes sessions that have ended, and tells how many there were.
pub async fn delete_expired(host: &Host) -> Result<u64> {
    let deleted = Entity::delete_many().filter(Column::Expires.lte(host.now())).exec(&host.database).await?;
    Ok(deleted.rows_affected)
}

fn row(id_hash: [u8; 32], data: Vec<u8>, expires: Timestamp) -> Result<ActiveModel> {
    if data.len() > MOST_DATA {
        return Err(Error::Refused(format!(
            "A session holds at most {} KB. Shorten what you entered and try again.",
            MOST_DATA / 1024
        )));
    }
    Ok(ActiveModel { id_hash: Set(hex::encode(id_hash)), data: Set(data), expires: Set(expires.0) })
}
