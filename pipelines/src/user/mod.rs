//! People with an account in the host: who they are, what they may do, and how they sign in.

use crate::{
    Caller, Error, Host, Result,
    field::{self, Fields},
};
use model::{
    id::UserId,
    user::{Person, Role},
};
use sea_orm::{ActiveValue::Set, QuerySelect, entity::prelude::*};

mod attempt;
pub(crate) mod entity;
mod password;

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
    /// Role in the host.
    pub role: Role,
}

/// Creates an account with a one-time password, which is shown once and kept nowhere. Administrators only.
///
/// Fields: `user_name`, `display_name`.
pub async fn create(host: &Host, caller: &Caller, new: &NewUser) -> Result<(Person, OneTimePassword)> {
    caller.require_administrator()?;
    create_first(host, &new.user_name, &new.display_name, new.role).await
}

/// Creates an account without a caller: for the start of the server and its command line only, where whoever runs
/// the process is in charge anyway.
pub async fn create_first(
    host: &Host,
    user_name: &str,
    display_name: &str,
    role: Role,
) -> Result<(Person, OneTimePassword)> {
    let mut fields = Fields::new();
    let user_name = fields.required("user_name", "a user name", user_name, LONGEST_USER_NAME);
    let allowed = |letter: char| letter.is_alphanumeric() || matches!(letter, '.' | '-' | '_' | '@');
    if !fields.has("user_name") && !user_name.chars().all(allowed) {
        fields.problem("user_name", "Use only letters, digits, dots, hyphens, underscores and @ in a user name.");
    }
    let display_name = fields.required("display_name", "a display name", display_name, field::LONGEST_NAME);
    fields.finish()?;
    let taken = format!("There is a person with the user name “{user_name}” already.");
    let one_time = OneTimePassword::new(&mut rand::rng());
    let now = host.now();
    let account = ActiveModel {
        id: Set(host.ids.next()),
        user_name_key: Set(field::key(&user_name)),
        user_name: Set(user_name),
        display_name: Set(display_name),
        role: Set(role.name().to_owned()),
        enabled: Set(true),
        password_hash: Set(password::hash(one_time.to_string()).await?),
        must_change_password: Set(true),
        password_set: Set(now),
        failed_sign_ins: Set(0),
        blocked_until: Set(None),
        created: Set(now),
    };
    let account = account.insert(&host.database).await.map_err(|error| field::name_taken(error, "user_name", taken))?;
    Ok((account.person(), one_time))
}

/// Number of accounts; none on the first start.
pub async fn count(host: &Host) -> Result<u64> {
    Ok(Entity::find().count(&host.database).await?)
}

/// Signs in. Whatever is wrong, the message is the same, at the field `password`, and so is the work done, whether
/// the name exists or not. Attempts are counted in the database before the password is looked at, so that many at
/// once are slowed down as well.
pub async fn sign_in(host: &Host, user_name: &str, password: &str) -> Result<Person> {
    let account = find_by_name(host, user_name).await?.filter(|account| account.enabled);
    match attempt(host, account, password).await? {
        Some(account) => Ok(account.person()),
        None => Err(Error::field("password", SIGN_IN_FAILED)),
    }
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
    set_password(host, &account, new.to_owned(), false).await
}

/// Gives a person a new one-time password, which is shown once. Ends their sessions and their waiting. Administrators
/// only.
pub async fn reset_password(host: &Host, caller: &Caller, user: UserId) -> Result<OneTimePassword> {
    caller.require_administrator()?;
    let account = require(host, user).await?;
    let one_time = OneTimePassword::new(&mut rand::rng());
    set_password(host, &account, one_time.to_string(), true).await?;
    Ok(one_time)
}

/// The person of a session, as caller and as pages show them; none when the account is gone or disabled. One query,
/// for every request. The server ends a session that was opened before [`Person::password_set`].
pub async fn visitor(host: &Host, user: UserId) -> Result<Option<(Caller, Person)>> {
    let account = Entity::find_by_id(user.0).filter(Column::Enabled.eq(true)).one(&host.database).await?;
    Ok(account.map(|account| {
        let person = account.person();
        (Caller { user, name: person.display_name.clone(), role: person.role }, person)
    }))
}

/// Every person, by display name. Administrators only.
pub async fn list(host: &Host, caller: &Caller) -> Result<Vec<Person>> {
    caller.require_administrator()?;
    let mut people: Vec<_> = Entity::find().all(&host.database).await?.iter().map(Model::person).collect();
    people.sort_by_cached_key(|person| (field::key(&person.display_name), person.id));
    Ok(people)
}

/// Gives a person another role. Administrators only; refused for the last one who could still undo it.
pub async fn set_role(host: &Host, caller: &Caller, user: UserId, role: Role) -> Result<()> {
    change_access(host, caller, user, Column::Role, Expr::value(role.name())).await
}

/// Lets a person sign in, or no longer. Disabling ends what they do at once. Administrators only; refused for the last
/// one who could still undo it.
pub async fn set_enabled(host: &Host, caller: &Caller, user: UserId, enabled: bool) -> Result<()> {
    change_access(host, caller, user, Column::Enabled, Expr::value(enabled)).await
}

async fn change_access(host: &Host, caller: &Caller, user: UserId, column: Column, value: Expr) -> Result<()> {
    caller.require_administrator()?;
    let transaction = host.begin().await?;
    // Holds all administrators, so that two of them cannot take each other's role away at the same time.
    Entity::find().filter(Column::Role.eq(Role::Administrator.name())).lock_exclusive().all(&transaction).await?;
    let changed =
        Entity::update_many().col_expr(column, value).filter(Column::Id.eq(user.0)).exec(&transaction).await?;
    if changed.rows_affected == 0 {
        return Err(not_found());
    }
    let left = Entity::find()
        .filter(Column::Role.eq(Role::Administrator.name()))
        .filter(Column::Enabled.eq(true))
        .count(&transaction)
        .await?;
    if left == 0 {
        return Err(Error::Refused(
            "This is the last administrator who can sign in. Make somebody else administrator first.".to_owned(),
        ));
    }
    Ok(transaction.commit().await?)
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

async fn set_password(host: &Host, account: &Model, new: String, must_change: bool) -> Result<()> {
    let changed = Entity::update_many()
        .col_expr(Column::PasswordHash, Expr::value(password::hash(new).await?))
        .col_expr(Column::MustChangePassword, Expr::value(must_change))
        .col_expr(Column::PasswordSet, Expr::value(host.now()))
        .col_expr(Column::FailedSignIns, Expr::value(0))
        .col_expr(Column::BlockedUntil, Expr::value(None::<i64>))
        .filter(Column::Id.eq(account.id))
        .filter(Column::PasswordHash.eq(account.password_hash.as_str()))
        .exec(&host.database)
        .await?;
    if changed.rows_affected == 0 { Err(Error::Changed("The password".to_owned())) } else { Ok(()) }
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
