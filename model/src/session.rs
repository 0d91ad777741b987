//! Sessions as the person they belong to sees them.

use crate::{Timestamp, id::SessionId};
use serde::{Deserialize, Serialize};

/// A browser in which one is signed in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnSession {
    /// Id.
    pub id: SessionId,
    /// What it was opened with: *Firefox on Windows*.
    pub device: String,
    /// Network address it was last used from; empty when it is not known.
    pub address: String,
    /// How its person signed in: *Password*, or the name of a provider.
    pub method: String,
    /// When its person signed in.
    pub created: Timestamp,
    /// When it was last used, to within some minutes.
    pub last_seen: Timestamp,
    /// When it ends unless it is used before.
    pub expires: Timestamp,
    /// Whether it is the one that asks.
    pub current: bool,
}
