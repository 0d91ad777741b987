//! Sessions of browsers, found by the SHA-256 of their id: kept for the server, listed and ended for the person they
//! belong to.

use crate::{
    Caller, Error, Host, Result, Topic,
    audit::{self, Entry},
    sign_in,
};
use model::{
    Timestamp,
    audit::{AuditAction, AuditSubject},
    id::{SessionId, UserId},
    session::OwnSession,
};
use sea_orm::{ActiveValue::Set, ConnectionTrait, QueryOrder, QuerySelect, entity::prelude::*, sea_query::OnConflict};

pub(crate) mod entity;

use entity::{ActiveModel, Column, Entity, Model};

/// Bytes a session holds at most.
pub const MOST_DATA: usize = 256 * 1024;
/// Characters of what is told of a session's browser at most.
const LONGEST_NOTE: usize = 100;
/// Sessions a person sees at most, the ones used last first.
const MOST_LISTED: u64 = 200;
/// Sessions of people who have not signed in, at most: whoever sends forms without end pushes out only their like.
const MOST_OF_STRANGERS: u64 = 10_000;

/// SHA-256 of a session's id.
pub type IdHash = [u8; 32];

/// A session as it is kept.
#[derive(Clone, PartialEq, Eq)]
pub struct StoredSession {
    /// What the server keeps in it.
    pub data: Vec<u8>,
    /// When it was last used, to within some minutes.
    pub last_seen: Timestamp,
    /// When it ends.
    pub expires: Timestamp,
}

/// What is to be kept of a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contents {
    /// What the server keeps in it.
    pub data: Vec<u8>,
    /// When it ends.
    pub expires: Timestamp,
    /// Who signed in, if anybody did.
    pub holder: Option<Holder>,
}

/// Who signed in, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    /// The person.
    pub person: UserId,
    /// When.
    pub since: Timestamp,
    /// With a password, or with the provider of this name.
    pub method: String,
    /// Network address; empty when it is not known.
    pub address: String,
    /// Browser and system.
    pub device: String,
}

/// What names a session in lists and records: a part of the hash of its id, from which nobody gets back to the id.
pub fn public_id(id_hash: IdHash) -> SessionId {
    let (half, _) = id_hash.split_at(16);
    SessionId(Uuid::from_slice(half).unwrap_or_default())
}

/// Keeps a new session; false when the id is taken, so that the server tries another one.
pub async fn create(host: &Host, id_hash: IdHash, contents: Contents) -> Result<bool> {
    check(&contents)?;
    let now = host.now();
    let holder = contents.holder;
    let of_holder = |text: fn(&Holder) -> &str| holder.as_ref().map(|holder| note(text(holder))).unwrap_or_default();
    let session = ActiveModel {
        id_hash: Set(hex::encode(id_hash)),
        id: Set(public_id(id_hash).0),
        person_id: Set(holder.as_ref().map(|holder| holder.person.0)),
        created: Set(holder.as_ref().map_or(now, |holder| holder.since.0)),
        last_seen: Set(now),
        expires: Set(contents.expires.0),
        method: Set(of_holder(|holder| &holder.method)),
        address: Set(of_holder(|holder| &holder.address)),
        device: Set(of_holder(|holder| &holder.device)),
        data: Set(contents.data),
    };
    let is_strangers = holder.is_none();
    let written = Entity::insert(session)
        .on_conflict(OnConflict::column(Column::IdHash).do_nothing().to_owned())
        .exec_without_returning(&host.database)
        .await?;
    if written == 1 && is_strangers {
        make_room(&host.database, MOST_OF_STRANGERS).await?;
    }
    Ok(written == 1)
}

/// Ends those sessions of strangers that would end first, as far as there are more than some number.
async fn make_room(database: &impl ConnectionTrait, most: u64) -> Result<()> {
    let of_strangers = Column::PersonId.is_null();
    let last: Option<i64> = Entity::find()
        .select_only()
        .column(Column::Expires)
        .filter(of_strangers.clone())
        .order_by_desc(Column::Expires)
        .offset(most)
        .limit(1)
        .into_tuple()
        .one(database)
        .await?;
    if let Some(last) = last {
        Entity::delete_many().filter(of_strangers).filter(Column::Expires.lte(last)).exec(database).await?;
    }
    Ok(())
}

/// Keeps what has become of a session. One that was ended in the meantime stays ended.
pub async fn save(host: &Host, id_hash: IdHash, contents: Contents) -> Result<()> {
    check(&contents)?;
    let mut update = Entity::update_many()
        .col_expr(Column::Data, Expr::value(contents.data))
        .col_expr(Column::Expires, Expr::value(contents.expires.0));
    if let Some(holder) = contents.holder {
        update = update
            .col_expr(Column::PersonId, Expr::value(holder.person.0))
            .col_expr(Column::Created, Expr::value(holder.since.0))
            .col_expr(Column::Method, Expr::value(note(&holder.method)))
            .col_expr(Column::Address, Expr::value(note(&holder.address)))
            .col_expr(Column::Device, Expr::value(note(&holder.device)));
    }
    update.filter(Column::IdHash.eq(hex::encode(id_hash))).exec(&host.database).await?;
    Ok(())
}

/// Notes that a session is used, which prolongs it.
pub async fn used(host: &Host, id_hash: IdHash, expires: Timestamp) -> Result<()> {
    Entity::update_many()
        .col_expr(Column::LastSeen, Expr::value(host.now()))
        .col_expr(Column::Expires, Expr::value(expires.0))
        .filter(Column::IdHash.eq(hex::encode(id_hash)))
        .exec(&host.database)
        .await?;
    Ok(())
}

/// A session that has not ended.
pub async fn load(host: &Host, id_hash: IdHash) -> Result<Option<StoredSession>> {
    let session = open(host, id_hash).one(&host.database).await?;
    Ok(session.map(|session| StoredSession {
        data: session.data,
        last_seen: Timestamp(session.last_seen),
        expires: Timestamp(session.expires),
    }))
}

/// When the caller signed in for the session in which they ask; none where they ask in no session of theirs.
pub(crate) async fn opened(host: &Host, caller: &Caller) -> Result<Option<Timestamp>> {
    let id = caller.origin.through_id.as_deref().and_then(|id| Uuid::parse_str(id).ok());
    let Some(id) = id else { return Ok(None) };
    let own = Entity::find().filter(Column::Id.eq(id)).filter(Column::PersonId.eq(caller.user.0));
    Ok(own.one(&host.database).await?.map(|session| Timestamp(session.created)))
}

/// Whether a session has not ended.
pub async fn is_open(host: &Host, id_hash: IdHash) -> Result<bool> {
    Ok(open(host, id_hash).count(&host.database).await? > 0)
}

/// Ends a session.
pub async fn delete(host: &Host, id_hash: IdHash) -> Result<()> {
    Entity::delete_by_id(hex::encode(id_hash)).exec(&host.database).await?;
    Ok(())
}

/// Removes sessions that have ended, and tells how many there were.
pub async fn delete_expired(host: &Host) -> Result<u64> {
    let deleted = Entity::delete_many().filter(Column::Expires.lte(host.now())).exec(&host.database).await?;
    Ok(deleted.rows_affected)
}

/// The caller's own sessions, the one used last first. `current` is the one that asks.
pub async fn list(host: &Host, caller: &Caller, current: IdHash) -> Result<Vec<OwnSession>> {
    caller.require_person()?;
    let sessions = Entity::find()
        .filter(Column::PersonId.eq(caller.user.0))
        .filter(Column::Expires.gt(host.now()))
        .order_by_desc(Column::LastSeen)
        .order_by_asc(Column::Id)
        .limit(MOST_LISTED)
        .all(&host.database)
        .await?;
    let current = hex::encode(current);
    Ok(sessions.into_iter().map(|session| own(session, &current)).collect())
}

/// Ends one of the caller's own sessions.
pub async fn end(host: &Host, caller: &Caller, session: SessionId) -> Result<()> {
    caller.require_person()?;
    let transaction = host.begin().await?;
    let own = Entity::find().filter(Column::Id.eq(session.0)).filter(Column::PersonId.eq(caller.user.0));
    let Some(found) = own.one(&transaction).await? else {
        return Err(Error::NotFound("This session has ended already, or it is not yours.".to_owned()));
    };
    Entity::delete_by_id(found.id_hash).exec(&transaction).await?;
    let entry = Entry::new(AuditAction::Revoke, AuditSubject::Session).of(session, &found.device);
    audit::record(host, &transaction, caller, entry).await?;
    transaction.commit().await?;
    host.news.tell(Topic::Person(caller.user));
    Ok(())
}

/// Signs the caller out everywhere, this session included. Browsers that were known to be theirs are not any more.
pub async fn end_all(host: &Host, caller: &Caller) -> Result<()> {
    caller.require_person()?;
    let transaction = host.begin().await?;
    end_all_of(&transaction, caller.user).await?;
    let entry = Entry::new(AuditAction::Revoke, AuditSubject::Session).named("All sessions");
    audit::record(host, &transaction, caller, entry).await?;
    transaction.commit().await?;
    host.news.tell(Topic::Person(caller.user));
    Ok(())
}

/// Writes down that the caller signs out.
pub async fn note_sign_out(host: &Host, caller: &Caller) -> Result<()> {
    let entry = Entry::new(AuditAction::SignOut, AuditSubject::Person).of(caller.user, &caller.name);
    audit::record(host, &host.database, caller, entry).await
}

/// Ends every session of a person and forgets their browsers. Whoever calls tells [`Topic::Person`] afterwards.
pub(crate) async fn end_all_of(connection: &impl ConnectionTrait, person: UserId) -> Result<()> {
    Entity::delete_many().filter(Column::PersonId.eq(person.0)).exec(connection).await?;
    sign_in::forget_browsers(connection, person).await
}

fn open(host: &Host, id_hash: IdHash) -> Select<Entity> {
    Entity::find_by_id(hex::encode(id_hash)).filter(Column::Expires.gt(host.now()))
}

fn own(session: Model, current: &str) -> OwnSession {
    OwnSession {
        id: SessionId(session.id),
        current: session.id_hash == current,
        device: session.device,
        address: session.address,
        method: session.method,
        created: Timestamp(session.created),
        last_seen: Timestamp(session.last_seen),
        expires: Timestamp(session.expires),
    }
}

fn note(text: &str) -> String {
    text.chars().filter(|letter| !letter.is_control()).take(LONGEST_NOTE).collect()
}

fn check(contents: &Contents) -> Result<()> {
    if contents.data.len() > MOST_DATA {
        return Err(Error::Refused(format!(
            "A session holds at most {} KB. Shorten what you entered and try again.",
            MOST_DATA / 1024
        )));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

    use super::*;

    #[tokio::test]
    async fn sessions_of_strangers_make_room_for_each_other_and_never_take_that_of_a_person() {
        testbed::each_database(|database| async move {
            let person = Uuid::from_u128(9);
            crate::user::entity::Entity::insert(crate::user::entity::ActiveModel {
                id: Set(person),
                user_name: Set("mia".to_owned()),
                user_name_key: Set("mia".to_owned()),
                display_name: Set("Mia".to_owned()),
                kind: Set("person".to_owned()),
                enabled: Set(true),
                password_hash: Set(String::new()),
                must_change_password: Set(false),
                password_set: Set(0),
                created: Set(0),
                time_zone: Set(None),
            })
            .exec_without_returning(&database)
            .await
            .unwrap();
            for number in 1..=6_u8 {
                let session = ActiveModel {
                    id_hash: Set(format!("{number}")),
                    id: Set(Uuid::from_u128(number.into())),
                    person_id: Set((number == 1).then_some(person)),
                    created: Set(0),
                    last_seen: Set(0),
                    expires: Set(number.into()),
                    method: Set(String::new()),
                    address: Set(String::new()),
                    device: Set(String::new()),
                    data: Set(Vec::new()),
                };
                Entity::insert(session).exec_without_returning(&database).await.unwrap();
                make_room(&database, 3).await.unwrap();
            }
            let left = Entity::find().order_by_asc(Column::Expires).all(&database).await.unwrap();
            assert_eq!(left.iter().map(|session| session.expires).collect::<Vec<_>>(), [1, 4, 5, 6]);
        })
        .await;
    }
}
