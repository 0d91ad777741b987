//! Tokens with which programs act for a person: named, limited to scopes, expiring. A token is shown once and kept as a
//! hash.

use crate::{
    Caller, Error, Host, Result, Topic,
    audit::{self, Entry},
    caller::Origin,
    field::Fields,
    secret::{ExposeSecret, Secret},
    sign_in::{
        self,
        attempt::{self, Subject},
    },
    user,
};
use model::{
    Timestamp,
    audit::{AuditAction, AuditSubject, AuditThrough},
    id::{TokenId, UserId},
    token::{ApiToken, Scope, Scopes},
    user::Person,
};
use rand::Rng;
use sea_orm::{ActiveValue::Set, QueryOrder, entity::prelude::*};
use sha2::{Digest, Sha256};
use std::time::Duration;

pub(crate) mod entity;

use entity::{ActiveModel, Column, Entity, Model};

/// How tokens begin, so that scanners for secrets recognise them.
const BEGINNING: &str = "slipway_";
/// Random bytes of a token.
const BYTES: usize = 32;
/// Characters of a token that are kept to recognise it by, after its beginning.
const RECOGNISED: usize = 8;
/// Tokens of a person at most.
const MOST: u64 = 50;
/// Days a token may last at most.
pub const LONGEST_DAYS: u32 = 365;
/// How exactly the last use of a token is kept.
const USED: Duration = Duration::from_mins(1);
/// How long a token rests before the audit log tells again that it is used from the same address.
const TOLD: Duration = Duration::from_hours(1);

/// A token to make.
#[derive(Clone, Debug)]
pub struct NewToken {
    /// What it is for.
    pub name: String,
    /// What it may do at most.
    pub scopes: Vec<Scope>,
    /// Days until it ends.
    pub days: Option<u32>,
}

/// What came of a token that a program sent.
#[derive(Debug)]
pub enum Answer {
    /// It is somebody's.
    Known(Box<Caller>, Box<Person>),
    /// It is nobody's, or not any more.
    Unknown,
    /// So many were wrong that whoever sends them has to wait.
    Waits(Timestamp),
}

/// Makes a token for the caller, who shows with `password` that it is they ([`sign_in::confirm_themselves`]): a token
/// outlives the session in which it was made. The token itself is returned once and kept nowhere.
///
/// Fields: `name`, `scopes`, `days`, `password`.
pub async fn create(host: &Host, caller: &Caller, new: &NewToken, password: &str) -> Result<(ApiToken, Secret)> {
    caller.require_person()?;
    let mut fields = Fields::new();
    let name = fields.name(&new.name);
    let scopes = Scopes::of(new.scopes.iter().copied());
    if scopes.is_none() {
        fields.problem("scopes", "Choose what the token may do.");
    }
    let days = new.days.filter(|days| (1..=LONGEST_DAYS).contains(days));
    if days.is_none() {
        fields.problem("days", format!("Enter a whole number of days from 1 to {LONGEST_DAYS}."));
    }
    fields.finish()?;
    let (Some(scopes), Some(days)) = (scopes, days) else {
        return Err(Error::Internal("a token without scopes or days passed its checks".to_owned()));
    };
    sign_in::confirm_themselves(host, caller, password).await?;

    let mut bytes = [0; BYTES];
    rand::rng().fill_bytes(&mut bytes);
    let text = format!("{BEGINNING}{}", hex::encode(bytes));
    let now = host.clock.now();
    let row = ActiveModel {
        id: Set(host.ids.next()),
        person_id: Set(caller.user.0),
        name: Set(name),
        prefix: Set(text.chars().take(BEGINNING.len() + RECOGNISED).collect()),
        token_hash: Set(hash(&text)),
        scopes: Set(scopes.bits()),
        created: Set(now.0),
        expires: Set((now + Duration::from_hours(24 * u64::from(days))).0),
        last_used: Set(None),
        last_address: Set(String::new()),
    };
    let transaction = host.begin().await?;
    if Entity::find().filter(Column::PersonId.eq(caller.user.0)).count(&transaction).await? >= MOST {
        return Err(Error::Refused(format!("You have {MOST} tokens. Revoke those that you do not need any more.")));
    }
    let token = row.insert(&transaction).await?.view();
    let entry = Entry::new(AuditAction::Create, AuditSubject::Token)
        .of(token.id, &token.name)
        .set("scopes", token.scopes.label())
        .set("expires", token.expires);
    audit::record(host, &transaction, caller, entry).await?;
    transaction.commit().await?;
    Ok((token, Secret::from(text)))
}

/// Revokes every token of a person.
pub(crate) async fn revoke_all_of(connection: &impl ConnectionTrait, person: UserId) -> Result<()> {
    Entity::delete_many().filter(Column::PersonId.eq(person.0)).exec(connection).await?;
    Ok(())
}

/// The caller's own tokens, the newest first. Those that have expired stay until they are revoked.
pub async fn list(host: &Host, caller: &Caller) -> Result<Vec<ApiToken>> {
    caller.require_person()?;
    let tokens = Entity::find()
        .filter(Column::PersonId.eq(caller.user.0))
        .order_by_desc(Column::Created)
        .order_by_asc(Column::Id)
        .all(&host.database)
        .await?;
    Ok(tokens.into_iter().map(Model::view).collect())
}

/// Revokes one of the caller's own tokens.
pub async fn revoke(host: &Host, caller: &Caller, token: TokenId) -> Result<()> {
    caller.require_person()?;
    let transaction = host.begin().await?;
    let found = Entity::find_by_id(token.0).filter(Column::PersonId.eq(caller.user.0)).one(&transaction).await?;
    let found =
        found.ok_or_else(|| Error::NotFound("This token was revoked already, or it is not yours.".to_owned()))?;
    Entity::delete_by_id(token.0).exec(&transaction).await?;
    let entry = Entry::new(AuditAction::Revoke, AuditSubject::Token).of(token, &found.name);
    audit::record(host, &transaction, caller, entry).await?;
    transaction.commit().await?;
    host.news.tell(Topic::Person(caller.user));
    Ok(())
}

/// Whether a token can still be used.
pub(crate) async fn is_valid(host: &Host, token: TokenId) -> Result<bool> {
    let valid = Entity::find_by_id(token.0).filter(Column::Expires.gt(host.now()));
    Ok(valid.count(&host.database).await? > 0)
}

/// Whose token a program sent. A right one always passes; wrong ones are counted for the address they come from.
pub async fn recognise(host: &Host, text: &Secret, origin: &Origin) -> Result<Answer> {
    if let Some(token) = find(host, text.expose_secret()).await?
        && let Some((caller, person)) = user::visitor(host, UserId(token.person_id)).await?
    {
        let origin = Origin { through: AuditThrough::Token, through_id: Some(token.id.to_string()), ..origin.clone() };
        let caller = caller.from(origin).limited_to(token.scopes());
        note_use(host, &caller, &token).await?;
        return Ok(Answer::Known(Box::new(caller), Box::new(person)));
    }
    let Some(address) = origin.remote_address else { return Ok(Answer::Unknown) };
    match attempt::count(host, Subject::Tokens(address)).await? {
        Ok(_) => {
            let entry = Entry::new(AuditAction::Use, AuditSubject::Token).refused("The token is nobody's.");
            audit::record_stranger(host, &host.database, "", origin, entry).await?;
            Ok(Answer::Unknown)
        }
        Err(waits) => Ok(Answer::Waits(waits.until)),
    }
}

async fn find(host: &Host, text: &str) -> Result<Option<Model>> {
    // What is no token need not be looked for.
    if text.len() != BEGINNING.len() + 2 * BYTES || !text.starts_with(BEGINNING) {
        return Ok(None);
    }
    let valid = Entity::find().filter(Column::TokenHash.eq(hash(text))).filter(Column::Expires.gt(host.now()));
    Ok(valid.one(&host.database).await?)
}

async fn note_use(host: &Host, caller: &Caller, token: &Model) -> Result<()> {
    let now = host.clock.now();
    let address = caller.origin.remote_address.map(|address| address.to_string()).unwrap_or_default();
    let since = token.last_used.map(|last| now.since(Timestamp(last)));
    let is_elsewhere = address != token.last_address;
    if !is_elsewhere && since.is_some_and(|since| since < USED) {
        return Ok(());
    }
    if is_elsewhere || since.is_none_or(|since| since >= TOLD) {
        let entry = Entry::new(AuditAction::Use, AuditSubject::Token).of(token.id, &token.name);
        audit::record(host, &host.database, caller, entry).await?;
    }
    Entity::update_many()
        .col_expr(Column::LastUsed, Expr::value(now.0))
        .col_expr(Column::LastAddress, Expr::value(address))
        .filter(Column::Id.eq(token.id))
        .exec(&host.database)
        .await?;
    Ok(())
}

fn hash(text: &str) -> String {
    hex::encode(Sha256::digest(text))
}
