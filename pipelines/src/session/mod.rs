//! Sessions of signed-in browsers, found by the SHA-256 of their id.

use crate::{Error, Host, Result};
use model::Timestamp;

/// A session as it is kept.
#[derive(Clone, PartialEq, Eq)]
pub struct StoredSession {
    /// What the server keeps in it.
    pub data: Vec<u8>,
    /// When it ends.
    pub expires: Timestamp,
}

/// Keeps a new session; false when the id is taken.
pub async fn create(_host: &Host, _id_hash: [u8; 32], _data: Vec<u8>, _expires: Timestamp) -> Result<bool> {
    Err(Error::Internal(String::new()))
}

/// Keeps a session.
pub async fn save(_host: &Host, _id_hash: [u8; 32], _data: Vec<u8>, _expires: Timestamp) -> Result<()> {
    Err(Error::Internal(String::new()))
}

/// A session that has not ended.
pub async fn load(_host: &Host, _id_hash: [u8; 32]) -> Result<Option<StoredSession>> {
    Err(Error::Internal(String::new()))
}

/// Ends a session.
pub async fn delete(_host: &Host, _id_hash: [u8; 32]) -> Result<()> {
    Err(Error::Internal(String::new()))
}

/// Removes sessions that have ended.
pub async fn delete_expired(_host: &Host) -> Result<u64> {
    Err(Error::Internal(String::new()))
}
