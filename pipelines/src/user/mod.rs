//! People with an account in the host: who they are, what they may do, and how they sign in.

use crate::{
    Caller, Error, Host, Result, access,
    audit::{self, Entry},
    caller::Origin,
    field::{self, Fields},
};
use model::{
    audit::{AuditAction, AuditSubject},
    id::UserId,
    user::{Person, Roles},
};
use sea_orm::{ActiveValue::Set, DatabaseTransaction, entity::prelude::*};

mod attempt;
pub(crate) mod entity;
mod password;
pub(crate) mod role;

use entity::{ActiveModel, Column, Entity, Model};
pub use password::{LONGEST_PASSWORD, OneTimePassword, SHORTEST_PASSWORD};

/// Characters of a name to sign in with, at most.
const LONGEST_USER_NAME: usize = 64;

/// What every failed sign-in says, so that it tells nothing of which names exist or which of them wait.
const SIGN_IN_FAILED: &str = "The user name or the password is not right. After five failed attempts in a row \
     Slipway waits before it accepts another one, for five minutes at most.";

/// An account to create.
#[derive(Clone, Debug)]
pub struct NewUser {
    /// Name to sign in with: letters, digits, dot, hyphen, underscore and @, at most 64.
    pub user_name: String,
    /// Name for people.
    pub display_name: String,
    /// Roles in the host.
    pub roles: Roles,
}

/// Creates an account with a one-time password, which is shown once and kept nowhere. System Administrators only.
///
/// Fields: `user_name`, `display_name`.
pub async fn create(host: &Host, caller: &Caller, new: &NewUser) -> Result<(Person, OneTimePassword)> {
    let entry = || Entry::new(AuditAction::Create, AuditSubject::Person).named(&new.user_name);
    access::permit(host, caller, access::accounts(caller), entry).await?;
    let one_time = OneTimePassword::new(&mut rand::rng());
    let hash = password::hash(one_time.to_string()).await?;
    let person = insert(host, caller, new, Account { kind: entity::PERSON, password_hash: hash }).await?;
    Ok((person, one_time))
}

/// Creates an account without a caller: for the start of the server and its command line only, where whoever runs
/// the process is in charge anyway.
pub async fn create_first(
    host: &Host,
    user_name: &str,
    display_name: &str,
    roles: impl Into<Roles>,
) -> Result<(Person, OneTimePassword)> {
    let new = NewUser { user_name: user_name.to_owned(), display_name: display_name.to_owned(), roles: roles.into() };
    let one_time = OneTimePassword::new(&mut rand::rng());
    let hash = password::hash(one_time.to_string()).await?;
    let account = Account { kind: entity::PERSON, password_hash: hash };
    let person = insert(host, &Caller::system(), &new, account).await?;
    Ok((person, one_time))
}

/// Creates a service identity: somebody with a name and rights who never signs in, for stages to deploy as. System
/// Administrators only.
///
/// Fields: `user_name`, `display_name`.
pub async fn create_service(host: &Host, caller: &Caller, user_name: &str, display_name: &str) -> Result<Person> {
    let entry = || Entry::new(AuditAction::Create, AuditSubject::Person).named(user_name);
    access::permit(host, caller, access::accounts(caller), entry).await?;
    let new = NewUser { user_name: user_name.to_owned(), display_name: display_name.to_owned(), roles: Roles::NONE };
    // No password has the empty hash.
    insert(host, caller, &new, Account { kind: entity::SERVICE, password_hash: String::new() }).await
}

/// How somebody signs in, if at all.
struct Account {
    kind: &'static str,
    password_hash: String,
}

async fn insert(host: &Host, caller: &Caller, new: &NewUser, account: Account) -> Result<Person> {
    let mut fields = Fields::new();
    let user_name = fields.required("user_name", "a user name", &new.user_name, LONGEST_USER_NAME);
    let allowed = |letter: char| letter.is_alphanumeric() || matches!(letter, '.' | '-' | '_' | '@');
    if !fields.has("user_name") && !user_name.chars().all(allowed) {
        fields.problem("user_name", "Use only letters, digits, dots, hyphens, underscores and @ in a user name.");
    }
    let display_name = fields.required("display_name", "a display name", &new.display_name, field::LONGEST_NAME);
    fields.finish()?;
    let taken = format!("There is a person with the user name “{user_name}” already.");
    let now = host.now();
    let row = ActiveModel {
        id: Set(host.ids.next()),
        user_name_key: Set(field::key(&user_name)),
        user_name: Set(user_name),
        display_name: Set(display_name),
        kind: Set(account.kind.to_owned()),
        enabled: Set(true),
        must_change_password: Set(account.kind == entity::PERSON),
        password_hash: Set(account.password_hash),
        password_set: Set(now),
        failed_sign_ins: Set(0),
        blocked_until: Set(None),
        created: Set(now),
    };
    let transaction = host.begin().await?;
    let row = row.insert(&transaction).await.map_err(|error| field::name_taken(error, "user_name", taken))?;
    role::replace(&transaction, UserId(row.id), new.roles).await?;
    let entry = Entry::new(AuditAction::Create, AuditSubject::Person)
        .of(row.id, &row.display_name)
        .set("user_name", &row.user_name)
        .set("kind", &row.kind)
        .set("roles", new.roles.names().join(" "));
    audit::record(host, &transaction, caller, entry).await?;
    transaction.commit().await?;
    Ok(row.person(new.roles))
}

/// Number of accounts; none on the first start.
pub async fn count(host: &Host) -> Result<u64> {
    Ok(Entity::find().count(&host.database).await?)
}

/// Signs in. Whatever is wrong, the message is the same, at the field `password`, and so is the work done, whether
/// the name exists or not. Attempts are counted in the database before the password is looked at, so that many at
/// once are slowed down as well.
pub async fn sign_in(host: &Host, origin: &Origin, user_name: &str, password: &str) -> Result<Person> {
    let account = find_by_name(host, user_name).await?;
    let account = account.filter(|account| account.enabled && account.kind == entity::PERSON);
    let known = account.as_ref().map(|account| (account.id, account.display_name.clone()));
    let entry = Entry::new(AuditAction::SignIn, AuditSubject::Person);
    let entry = match &known {
        Some((id, name)) => entry.of(id, name),
        None => entry,
    };
    let Some(account) = attempt(host, account, password).await? else {
        audit::record_stranger(host, &host.database, user_name.trim(), origin, entry.refused(SIGN_IN_FAILED)).await?;
        return Err(Error::field("password", SIGN_IN_FAILED));
    };
    let (roles, teams) = role::standing(&host.database, UserId(account.id)).await?;
    let caller = Caller::new(UserId(account.id), &account.display_name, roles).among(teams).from(origin.clone());
    audit::record(host, &host.database, &caller, entry).await?;
    Ok(account.person(roles))
}

/// Changes the caller's own password. Sessions opened before are over ([`Person::password_set`]).
///
/// Fields: `current`, `new`. Wrong current passwords count as failed attempts.
pub async fn change_password(host: &Host, caller: &Caller, current: &str, new: &str) -> Result<()> {
    let account = require(host, caller.user).await?;
    let mut fields = Fields::new();
    if let Err(message) = password::check_new(new, current, &account.user_name) {
        fields.problem("new", message);
    }
    fields.finish()?;
    let Some(account) = attempt(host, Some(account), current).await? else {
        return Err(Error::field(
            "current",
            "This is not your current password. After five failed attempts in a row Slipway waits before it accepts \
             another one, for five minutes at most.",
        ));
    };
    set_password(host, caller, &account, new.to_owned(), false).await
}

/// Gives a person a new one-time password, which is shown once. Ends their sessions and their waiting. System
/// Administrators only.
pub async fn reset_password(host: &Host, caller: &Caller, user: UserId) -> Result<OneTimePassword> {
    let entry = || Entry::new(AuditAction::SetPassword, AuditSubject::Person).of(user, "");
    access::permit(host, caller, access::accounts(caller), entry).await?;
    let account = require(host, user).await?;
    if account.kind == entity::SERVICE {
        return Err(Error::Refused("A service identity has no password, because it never signs in.".to_owned()));
    }
    let one_time = OneTimePassword::new(&mut rand::rng());
    set_password(host, caller, &account, one_time.to_string(), true).await?;
    Ok(one_time)
}

/// The person of a session, as caller and as pages show them; none when the account is gone or disabled, or is a service
/// identity. Two queries, for every request. The server ends a session that was opened before
/// [`Person::password_set`].
pub async fn visitor(host: &Host, user: UserId) -> Result<Option<(Caller, Person)>> {
    let account = Entity::find_by_id(user.0)
        .filter(Column::Enabled.eq(true))
        .filter(Column::Kind.eq(entity::PERSON))
        .one(&host.database)
        .await?;
    let Some(account) = account else { return Ok(None) };
    let (roles, teams) = role::standing(&host.database, user).await?;
    Ok(Some((Caller::new(user, &account.display_name, roles).among(teams), account.person(roles))))
}

/// Every person and every service identity, by display name, with the roles given to themselves. Administrators of
/// either kind.
pub async fn list(host: &Host, caller: &Caller) -> Result<Vec<Person>> {
    access::people(caller)?;
    let mut roles = role::of_all(&host.database).await?;
    let people = Entity::find().all(&host.database).await?;
    let mut people: Vec<_> =
        people.iter().map(|person| person.person(roles.remove(&UserId(person.id)).unwrap_or_default())).collect();
    people.sort_by_cached_key(|person| (field::key(&person.display_name), person.id));
    Ok(people)
}

/// A person with the roles given to themselves, and the roles they have through teams. System Administrators only.
pub async fn get(host: &Host, caller: &Caller, user: UserId) -> Result<(Person, Roles)> {
    access::accounts(caller)?;
    let account = require(host, user).await?;
    let own = role::of(&host.database, user).await?;
    let through_teams = role::through_teams(&host.database, user).await?;
    Ok((account.person(own), through_teams))
}

/// Gives a person exactly these roles; those that come from teams stay. System Administrators only; refused where
/// nobody would be left who could undo it.
pub async fn set_roles(host: &Host, caller: &Caller, user: UserId, roles: Roles) -> Result<()> {
    let entry = || Entry::new(AuditAction::SetRoles, AuditSubject::Person).of(user, "");
    access::permit(host, caller, access::accounts(caller), entry).await?;
    let transaction = host.begin().await?;
    role::lock_administrators(&transaction).await?;
    let account = Entity::find_by_id(user.0).one(&transaction).await?.ok_or_else(not_found)?;
    let before = role::of(&transaction, user).await?;
    role::replace(&transaction, user, roles).await?;
    let entry = Entry::new(AuditAction::SetRoles, AuditSubject::Person).of(user, account.display_name).field(
        "roles",
        before.names().join(" "),
        roles.names().join(" "),
    );
    require_administrator(&transaction).await?;
    audit::record(host, &transaction, caller, entry).await?;
    Ok(transaction.commit().await?)
}

/// Lets a person sign in, or no longer. Disabling ends what they do at once. System Administrators only; refused where
/// nobody would be left who could undo it.
pub async fn set_enabled(host: &Host, caller: &Caller, user: UserId, enabled: bool) -> Result<()> {
    let action = if enabled { AuditAction::Activate } else { AuditAction::Deactivate };
    let entry = || Entry::new(action, AuditSubject::Person).of(user, "");
    access::permit(host, caller, access::accounts(caller), entry).await?;
    let transaction = host.begin().await?;
    role::lock_administrators(&transaction).await?;
    let account = Entity::find_by_id(user.0).one(&transaction).await?.ok_or_else(not_found)?;
    Entity::update_many()
        .col_expr(Column::Enabled, Expr::value(enabled))
        .filter(Column::Id.eq(user.0))
        .exec(&transaction)
        .await?;
    require_administrator(&transaction).await?;
    let entry = Entry::new(action, AuditSubject::Person).of(user, &account.display_name);
    audit::record(host, &transaction, caller, entry.field("enabled", account.enabled, enabled)).await?;
    Ok(transaction.commit().await?)
}

async fn require_administrator(transaction: &DatabaseTransaction) -> Result<()> {
    if role::has_administrator(transaction).await? {
        return Ok(());
    }
    Err(Error::Refused(
        "This is the last System Administrator who can sign in. Make somebody else System Administrator first."
            .to_owned(),
    ))
}

/// Counts an attempt, then looks at the password; the account when it is right. Without an account, or while it
/// waits, the same work is done for nothing.
async fn attempt(host: &Host, account: Option<Model>, given: &str) -> Result<Option<Model>> {
    let counted = match &account {
        Some(account) => attempt::count(host, account).await?,
        None => false,
    };
    let right = password::verify(given, account.as_ref().map(|account| account.password_hash.clone())).await?;
    let Some(account) = account.filter(|_| counted && right) else { return Ok(None) };
    attempt::forget(host, &account).await?;
    Ok(Some(account))
}

async fn set_password(host: &Host, caller: &Caller, account: &Model, new: String, must_change: bool) -> Result<()> {
    let hash = password::hash(new).await?;
    let transaction = host.begin().await?;
    let changed = Entity::update_many()
        .col_expr(Column::PasswordHash, Expr::value(hash))
        .col_expr(Column::MustChangePassword, Expr::value(must_change))
        .col_expr(Column::PasswordSet, Expr::value(host.now()))
        .col_expr(Column::FailedSignIns, Expr::value(0))
        .col_expr(Column::BlockedUntil, Expr::value(None::<i64>))
        .filter(Column::Id.eq(account.id))
        .filter(Column::PasswordHash.eq(account.password_hash.as_str()))
        .exec(&transaction)
        .await?;
    if changed.rows_affected == 0 {
        return Err(Error::Changed("The password".to_owned()));
    }
    let entry = Entry::new(AuditAction::SetPassword, AuditSubject::Person).of(account.id, &account.display_name);
    audit::record(host, &transaction, caller, entry.secret("password").set("one_time", must_change)).await?;
    Ok(transaction.commit().await?)
}

async fn find_by_name(host: &Host, user_name: &str) -> Result<Option<Model>> {
    // A name longer than any cannot be anybody's; the database need not see it.
    if user_name.len() > 4 * LONGEST_USER_NAME || user_name.contains('\0') {
        return Ok(None);
    }
    let key = field::key(user_name.trim());
    Ok(Entity::find().filter(Column::UserNameKey.eq(key)).one(&host.database).await?)
}

async fn require(host: &Host, user: UserId) -> Result<Model> {
    Entity::find_by_id(user.0).one(&host.database).await?.ok_or_else(not_found)
}

fn not_found() -> Error {
    Error::NotFound("There is no such person.".to_owned())
}

/// Sees to it that an owner exists, at the field `owner`.
pub(crate) async fn check_owner(host: &Host, fields: &mut Fields, owner: UserId) -> Result<()> {
    if Entity::find_by_id(owner.0).count(&host.database).await? == 0 {
        fields.problem("owner", "Choose a person as owner.");
    }
    Ok(())
}
