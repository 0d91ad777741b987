//! People with an account in the host: who they are, what they may do, and how they sign in.

use crate::{
    Caller, Error, Host, Result, Topic, access,
    audit::{self, Entry},
    field::{self, Fields},
    session, sign_in,
    time_zone::Zone,
    token,
};
use model::{
    audit::{AuditAction, AuditSubject},
    id::UserId,
    user::{Person, Role, Roles},
};
use sea_orm::{ActiveValue::Set, ConnectionTrait, DatabaseTransaction, entity::prelude::*};

pub(crate) mod entity;
pub(crate) mod password;
pub(crate) mod role;

use entity::{ActiveModel, Column, Entity, Model};
pub use password::{LONGEST_PASSWORD, OneTimePassword, SHORTEST_PASSWORD};

/// Characters of a name to sign in with, at most.
pub(crate) const LONGEST_USER_NAME: usize = 64;

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
        created: Set(now),
        time_zone: Set(None),
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

/// The time zone in which a person enters times and reads them: the one they chose, or else UTC.
pub async fn time_zone(host: &Host, caller: &Caller) -> Result<Zone> {
    let account = Entity::find_by_id(caller.user.0).one(&host.database).await?;
    Ok(account.and_then(|account| account.time_zone).map_or_else(Zone::utc, |zone| Zone::kept(&zone)))
}

/// Chooses the caller's own time zone. Field: `time_zone`.
pub async fn set_time_zone(host: &Host, caller: &Caller, time_zone: &str) -> Result<()> {
    caller.require_person()?;
    let zone = Zone::find(time_zone).map_err(|message| Error::field("time_zone", message))?;
    let account = require(&host.database, caller.user).await?;
    let before = account.time_zone.as_deref().map_or_else(Zone::utc, Zone::kept);
    let transaction = host.begin().await?;
    Entity::update_many()
        .col_expr(Column::TimeZone, Expr::value(zone.name()))
        .filter(Column::Id.eq(account.id))
        .exec(&transaction)
        .await?;
    let entry = Entry::new(AuditAction::Update, AuditSubject::Person).of(account.id, &account.display_name);
    let entry = entry.field("time_zone", before.name(), zone.name());
    audit::record(host, &transaction, caller, entry).await?;
    Ok(transaction.commit().await?)
}

/// Changes the caller's own password. Every session ends, and no browser is known any more; the server goes on with a new
/// session.
///
/// Fields: `current`, `new`. Wrong current passwords count as failed attempts.
pub async fn change_password(host: &Host, caller: &Caller, current: &str, new: &str) -> Result<()> {
    caller.require_person()?;
    let account = require(&host.database, caller.user).await?;
    let mut fields = Fields::new();
    if let Err(message) = password::check_new(new, current, &account.user_name) {
        fields.problem("new", message);
    }
    fields.finish()?;
    if !sign_in::confirm(host, &account, current).await? {
        return Err(Error::field(
            "current",
            "This is not your current password. After five failed attempts in a row Slipway waits before it accepts \
             another one, for five minutes at most.",
        ));
    }
    set_password(host, caller, &account, new.to_owned(), false).await
}

/// Gives a person a new one-time password, which is shown once. Ends their sessions and their waiting. System
/// Administrators only.
pub async fn reset_password(host: &Host, caller: &Caller, user: UserId) -> Result<OneTimePassword> {
    let entry = || Entry::new(AuditAction::SetPassword, AuditSubject::Person).of(user, "");
    access::permit(host, caller, access::accounts(caller), entry).await?;
    let account = require(&host.database, user).await?;
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
    let account = require(&host.database, user).await?;
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
    role::lock(&transaction, user).await?;
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
    transaction.commit().await?;
    host.news.tell(Topic::Person(user));
    Ok(())
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
    if !enabled {
        session::end_all_of(&transaction, user).await?;
    }
    transaction.commit().await?;
    host.news.tell(Topic::Person(user));
    Ok(())
}

/// Takes over the roles that a provider decides over, and leaves the others. Where nobody would be left who could undo it,
/// the role of System Administrator stays.
pub(crate) async fn take_over_roles(
    host: &Host,
    transaction: &DatabaseTransaction,
    caller: &Caller,
    managed: Roles,
    given: Roles,
) -> Result<()> {
    role::lock_administrators(transaction).await?;
    role::lock(transaction, caller.user).await?;
    let before = role::of(transaction, caller.user).await?;
    let kept = before.iter().filter(|role| !managed.has(*role)).collect::<Roles>();
    let mut after = kept.and(given.iter().filter(|role| managed.has(*role)).collect());
    role::replace(transaction, caller.user, after).await?;
    if !role::has_administrator(transaction).await? && before.has(Role::SystemAdministrator) {
        tracing::warn!(user = %caller.user, "the last System Administrator stays one, although a provider says otherwise");
        after = after.with(Role::SystemAdministrator);
        role::replace(transaction, caller.user, after).await?;
    }
    if before != after {
        let entry = Entry::new(AuditAction::SetRoles, AuditSubject::Person).of(caller.user, &caller.name);
        let entry = entry.field("roles", before.names().join(" "), after.names().join(" "));
        audit::record(host, transaction, caller, entry).await?;
    }
    Ok(())
}

/// Creates an account without a password, for somebody who signs in with a provider.
pub(crate) async fn create_external(
    host: &Host,
    transaction: &DatabaseTransaction,
    new: &NewUser,
    provider: &str,
) -> Result<UserId> {
    let now = host.now();
    let row = ActiveModel {
        id: Set(host.ids.next()),
        user_name_key: Set(field::key(&new.user_name)),
        user_name: Set(new.user_name.clone()),
        display_name: Set(new.display_name.clone()),
        kind: Set(entity::PERSON.to_owned()),
        enabled: Set(true),
        must_change_password: Set(false),
        // No password has the empty hash.
        password_hash: Set(String::new()),
        password_set: Set(now),
        created: Set(now),
        time_zone: Set(None),
    };
    let row = row.insert(transaction).await?;
    let user = UserId(row.id);
    role::replace(transaction, user, new.roles).await?;
    let entry = Entry::new(AuditAction::Create, AuditSubject::Person)
        .of(user, &row.display_name)
        .set("user_name", &row.user_name)
        .set("provider", provider)
        .set("roles", new.roles.names().join(" "));
    audit::record(host, transaction, &Caller::system(), entry).await?;
    Ok(user)
}

/// Whether the caller has a password in Slipway, or signs in with a provider only.
pub async fn has_own_password(host: &Host, caller: &Caller) -> Result<bool> {
    has_password(&host.database, caller.user).await
}

pub(crate) async fn has_password(connection: &impl ConnectionTrait, user: UserId) -> Result<bool> {
    let with = Entity::find_by_id(user.0).filter(Column::PasswordHash.ne(""));
    Ok(with.count(connection).await? > 0)
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

async fn set_password(host: &Host, caller: &Caller, account: &Model, new: String, must_change: bool) -> Result<()> {
    let hash = password::hash(new).await?;
    let transaction = host.begin().await?;
    let changed = Entity::update_many()
        .col_expr(Column::PasswordHash, Expr::value(hash))
        .col_expr(Column::MustChangePassword, Expr::value(must_change))
        .col_expr(Column::PasswordSet, Expr::value(host.now()))
        .filter(Column::Id.eq(account.id))
        .filter(Column::PasswordHash.eq(account.password_hash.as_str()))
        .exec(&transaction)
        .await?;
    if changed.rows_affected == 0 {
        return Err(Error::Changed("The password".to_owned()));
    }
    let entry = Entry::new(AuditAction::SetPassword, AuditSubject::Person).of(account.id, &account.display_name);
    audit::record(host, &transaction, caller, entry.secret("password").set("one_time", must_change)).await?;
    sign_in::forget_failures(&transaction, account).await?;
    session::end_all_of(&transaction, UserId(account.id)).await?;
    if must_change {
        // Whoever needs a new password from an administrator may have lost more than the old one.
        token::revoke_all_of(&transaction, UserId(account.id)).await?;
    }
    transaction.commit().await?;
    host.news.tell(Topic::Person(UserId(account.id)));
    Ok(())
}

/// The form in which a name to sign in with is looked for; none for one that cannot be anybody's, which the database need
/// not see.
pub(crate) fn name_key(user_name: &str) -> Option<String> {
    let user_name = user_name.trim();
    let can_be = !user_name.is_empty() && user_name.len() <= 4 * LONGEST_USER_NAME && !user_name.contains('\0');
    can_be.then(|| field::key(user_name))
}

/// The account with a name, as [`name_key`] gives it.
pub(crate) async fn find_by_key(connection: &impl ConnectionTrait, key: &str) -> Result<Option<Model>> {
    Ok(Entity::find().filter(Column::UserNameKey.eq(key)).one(connection).await?)
}

pub(crate) async fn require(connection: &impl ConnectionTrait, user: UserId) -> Result<Model> {
    Entity::find_by_id(user.0).one(connection).await?.ok_or_else(not_found)
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
