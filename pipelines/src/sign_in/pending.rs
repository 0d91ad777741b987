//! Sign-ins that were begun and went to a provider: each is finished once, in the browser that began it, within ten
//! minutes.

use super::{PENDING, attempt};
use crate::{
    Host, Result,
    secret::{ExposeSecret, Secret},
};
use model::id::UserId;
use sea_orm::{ActiveValue::Set, Condition, QueryOrder, QuerySelect, entity::prelude::*};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::{fmt, net::IpAddr, time::Duration};

/// How long somebody may take at a provider.
pub const WAITS: Duration = Duration::from_mins(10);
/// Sign-ins of one network that wait at once; the one that it began first makes room, so that whoever begins without end
/// pushes out only their own.
const MOST_OF_NETWORK: u64 = 2_000;
/// Sign-ins that wait at once, whoever began them.
const MOST: u64 = 50_000;

/// A sign-in that goes to a provider.
#[derive(Clone, Copy)]
pub struct NewPending<'a> {
    /// What the provider hands back; random.
    pub state: &'a str,
    /// What the browser keeps; random.
    pub browser: &'a str,
    /// Key of the provider.
    pub provider: &'a str,
    /// What has to be in the provider's token.
    pub nonce: &'a str,
    /// What proves to the provider that the code is redeemed by whom it was asked by.
    pub verifier: &'a str,
    /// Address to go on to.
    pub next: &'a str,
    /// The person who is signed in already, and wants to sign in with the provider from now on.
    pub person: Option<UserId>,
    /// Where the browser is; none when that is not known.
    pub address: Option<IpAddr>,
}

/// A sign-in that came back.
#[derive(PartialEq, Eq)]
pub struct Pending {
    /// What has to be in the provider's token.
    pub nonce: String,
    /// What proves to the provider that the code is redeemed by whom it was asked by.
    pub verifier: String,
    /// Address to go on to.
    pub next: String,
    /// The person who was signed in when it began.
    pub person: Option<UserId>,
}

impl fmt::Debug for Pending {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Pending").field("next", &self.next).finish_non_exhaustive()
    }
}

#[derive(Serialize, Deserialize)]
struct Handshake {
    nonce: String,
    verifier: String,
}

/// Keeps a sign-in until it comes back.
pub async fn begin(host: &Host, new: NewPending<'_>) -> Result<()> {
    let state_hash = hash(new.state);
    let handshake = Handshake { nonce: new.nonce.to_owned(), verifier: new.verifier.to_owned() };
    let handshake = serde_json::to_string(&handshake)
        .map_err(|error| crate::Error::Internal(format!("a sign-in could not be kept: {error}")))?;
    let sealed = host.secrets.seal(&PENDING.row(&state_hash), &Secret::from(handshake))?;
    let network = new.address.map(|address| hash(&attempt::network(address).to_string())).unwrap_or_default();
    let row = ActiveModel {
        network_hash: Set(network.clone()),
        state_hash: Set(state_hash),
        browser_hash: Set(hash(new.browser)),
        provider: Set(new.provider.to_owned()),
        sealed: Set(sealed),
        next: Set(new.next.chars().take(2_000).collect()),
        person_id: Set(new.person.map(|person| person.0)),
        expires: Set((host.clock.now() + WAITS).0),
    };
    let transaction = host.begin().await?;
    make_room(&transaction, Condition::all().add(Column::NetworkHash.eq(network)), MOST_OF_NETWORK).await?;
    make_room(&transaction, Condition::all(), MOST).await?;
    Entity::insert(row).exec_without_returning(&transaction).await?;
    Ok(transaction.commit().await?)
}

/// Removes those that were begun first, so that one more makes no more than `most`.
async fn make_room(connection: &impl ConnectionTrait, of: Condition, most: u64) -> Result<()> {
    let oldest: Option<i64> = Entity::find()
        .select_only()
        .column(Column::Expires)
        .filter(of.clone())
        .order_by_desc(Column::Expires)
        .offset(most - 1)
        .limit(1)
        .into_tuple()
        .one(connection)
        .await?;
    if let Some(oldest) = oldest {
        Entity::delete_many().filter(of).filter(Column::Expires.lte(oldest)).exec(connection).await?;
    }
    Ok(())
}

/// Takes a sign-in that comes back, so that it cannot come back again; none when it was never begun with this provider
/// in this browser, came back before, or took too long.
pub async fn finish(host: &Host, provider: &str, state: &str, browser: &str) -> Result<Option<Pending>> {
    let state_hash = hash(state);
    let found = Entity::find_by_id(state_hash.as_str())
        .filter(Column::BrowserHash.eq(hash(browser)))
        .filter(Column::Provider.eq(provider))
        .filter(Column::Expires.gt(host.now()))
        .one(&host.database)
        .await?;
    let Some(found) = found else { return Ok(None) };
    if Entity::delete_by_id(state_hash.as_str()).exec(&host.database).await?.rows_affected == 0 {
        return Ok(None);
    }
    let opened = host.secrets.open(&PENDING.row(&state_hash), &found.sealed)?;
    let handshake: Handshake = serde_json::from_str(opened.expose_secret())
        .map_err(|_| crate::Error::Internal("a pending sign-in cannot be read".to_owned()))?;
    Ok(Some(Pending {
        nonce: handshake.nonce,
        verifier: handshake.verifier,
        next: found.next,
        person: found.person_id.map(UserId),
    }))
}

/// Removes sign-ins that took too long, and tells how many there were.
pub(super) async fn delete_expired(host: &Host) -> Result<u64> {
    let deleted = Entity::delete_many().filter(Column::Expires.lte(host.now())).exec(&host.database).await?;
    Ok(deleted.rows_affected)
}

fn hash(text: &str) -> String {
    hex::encode(Sha256::digest(text))
}

/// A sign-in that is at its provider.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "pending_sign_in")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub state_hash: String,
    pub browser_hash: String,
    /// SHA-256 of the network it was begun in; empty when that is not known.
    pub network_hash: String,
    pub provider: String,
    /// Nonce and verifier.
    pub sealed: String,
    pub next: String,
    pub person_id: Option<Uuid>,
    pub expires: i64,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
