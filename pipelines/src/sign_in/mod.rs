//! Signing in: with a password of Slipway's own, or with what an OpenID Connect provider says.

use crate::{
    Caller, Error, Host, Result,
    audit::{self, Entry},
    caller::Origin,
    secret::{Column, Key},
    user::{
        self,
        entity::{Model, PERSON},
        password,
    },
};
use model::{
    Timestamp,
    audit::{AuditAction, AuditSubject},
    id::UserId,
    user::Person,
};
use sea_orm::ConnectionTrait;
use std::time::Duration;

pub(crate) mod attempt;
mod browser;
mod confirmation;
mod identity;
mod lapse;
mod pending;

use attempt::Subject;
pub use browser::KNOWN as BROWSER_KNOWN;
pub use confirmation::confirm_themselves;
pub(crate) use identity::entra_accounts;
pub use identity::{Identity, ProviderIdentity, ProviderRoles, disconnect, identities, with_provider};
pub use lapse::{Lasting, let_rights_lapse};
pub use pending::{NewPending, Pending, WAITS as PENDING_WAITS, begin, finish};

/// Where what a pending sign-in needs to go on is kept.
pub(crate) const PENDING: Column = Column { table: "pending_sign_in", key: Key::Text("state_hash"), column: "sealed" };

/// How long a one-time password can be used.
pub const ONE_TIME: Duration = Duration::from_hours(7 * 24);

/// What every failed sign-in says, so that it tells nothing of which names exist or which of them wait.
const FAILED: &str = "The user name or the password is not right. After five failed attempts in a row Slipway waits \
     before it accepts another one, for five minutes at most.";

/// Somebody who wants to sign in with a password.
#[derive(Clone, Copy, Debug)]
pub struct Attempt<'a> {
    /// The name.
    pub user_name: &'a str,
    /// The password.
    pub password: &'a str,
    /// The token of a browser in which somebody signed in before ([`SignedIn::browser`]).
    pub browser: Option<&'a str>,
    /// Where the request comes from.
    pub origin: &'a Origin,
}

/// Somebody who signed in.
#[derive(Clone, Debug)]
pub struct SignedIn {
    /// The person.
    pub person: Person,
    /// A token for the browser to keep: with it, strangers who try the person's name do not slow the person down.
    pub browser: String,
}

/// Signs in with a password. Whatever is wrong, the message is the same, at the field `password`, and so is the work
/// done, whether the name exists or not. Attempts are counted before the password is looked at, so that many at once are
/// slowed down as well.
pub async fn with_password(host: &Host, attempt: Attempt<'_>) -> Result<SignedIn> {
    let key = user::name_key(attempt.user_name).unwrap_or_default();
    let found = user::find_by_key(&host.database, &key).await?;
    let can_sign_in = |account: &Model| account.enabled && account.kind == PERSON && !account.password_hash.is_empty();
    let account = found.clone().filter(can_sign_in);
    let hash = browser::hash(attempt.browser.unwrap_or_default());
    let owner = browser::owner(host, &hash).await?;
    let is_known = account.as_ref().is_some_and(|account| owner == Some(UserId(account.id)));

    let name = Subject::Name(&key);
    let mut counted = Vec::new();
    let mut waits = false;
    let subjects = match attempt.origin.remote_address {
        _ if is_known => vec![Subject::Browser(&hash)],
        Some(address) => vec![Subject::Address(address), name],
        None => vec![name],
    };
    for subject in &subjects {
        let Ok(count) = attempt::count(host, *subject).await? else {
            // An address that waits does not make the names wait that it tries meanwhile.
            waits = true;
            break;
        };
        counted.push(count);
    }
    let kept = account.as_ref().map(|account| account.password_hash.clone());
    let right = password::verify(attempt.password, kept).await?;
    let Some(account) = account.filter(|_| right && !waits) else {
        if !waits {
            refused(host, attempt.origin, found.as_ref(), "The name or the password is not right.").await?;
        }
        return Err(Error::field("password", FAILED));
    };
    if account.must_change_password && host.clock.now().since(Timestamp(account.password_set)) > ONE_TIME {
        refused(host, attempt.origin, Some(&account), "The one-time password has expired.").await?;
        return Err(Error::field(
            "password",
            "This one-time password has expired. Ask your administrator for a new one.",
        ));
    }
    for (subject, counted) in subjects.iter().zip(&counted) {
        match subject {
            Subject::Address(_) => attempt::take_back(host, counted).await?,
            _ => attempt::forget(&host.database, *subject).await?,
        }
    }
    let visitor = user::visitor(host, UserId(account.id)).await?;
    let (caller, person) = visitor.ok_or_else(|| Error::field("password", FAILED))?;
    let caller = caller.from(attempt.origin.clone());
    let transaction = host.begin().await?;
    let browser = browser::remember(host, &transaction, person.id, is_known.then_some(&*hash)).await?;
    let entry = Entry::new(AuditAction::SignIn, AuditSubject::Person).of(person.id, &person.display_name);
    audit::record(host, &transaction, &caller, entry.set("method", "password")).await?;
    transaction.commit().await?;
    Ok(SignedIn { person, browser })
}

/// Writes down that somebody was refused. The name stands there only when somebody has it: in a field for names, people
/// also type passwords.
async fn refused(host: &Host, origin: &Origin, account: Option<&Model>, reason: &str) -> Result<()> {
    let entry = Entry::new(AuditAction::SignIn, AuditSubject::Person).refused(reason);
    let (name, entry) = match account {
        Some(account) => (account.user_name.as_str(), entry.of(account.id, &account.display_name)),
        None => ("", entry),
    };
    audit::record_stranger(host, &host.database, name, origin, entry).await
}

/// Knows the caller's browser from now on: after choosing a new password, which has every browser forgotten, the one in
/// which it was chosen. Returns a token for it to keep.
pub async fn know_browser(host: &Host, caller: &Caller) -> Result<String> {
    caller.require_person()?;
    let transaction = host.begin().await?;
    let token = browser::remember(host, &transaction, caller.user, None).await?;
    transaction.commit().await?;
    Ok(token)
}

/// Whether somebody who is signed in knows their password. Failed attempts are counted, apart from those of strangers.
pub(crate) async fn confirm(host: &Host, account: &Model, given: &str) -> Result<bool> {
    let subject = Subject::Password(UserId(account.id));
    let counted = attempt::count(host, subject).await?.is_ok();
    let kept = Some(account.password_hash.clone()).filter(|hash| !hash.is_empty());
    if !password::verify(given, kept).await? || !counted {
        return Ok(false);
    }
    attempt::forget(&host.database, subject).await?;
    Ok(true)
}

/// Ends the waiting of a person for whom an administrator made a new password.
pub(crate) async fn forget_failures(connection: &impl ConnectionTrait, account: &Model) -> Result<()> {
    attempt::forget(connection, Subject::Name(&account.user_name_key)).await?;
    attempt::forget(connection, Subject::Password(UserId(account.id))).await
}

/// Knows none of a person's browsers any more.
pub(crate) async fn forget_browsers(connection: &impl ConnectionTrait, person: UserId) -> Result<()> {
    browser::forget(connection, person).await
}

/// Removes what is over: failures long ago, browsers not used for long, sign-ins that were begun and never finished.
/// Tells how much that was.
pub async fn delete_expired(host: &Host) -> Result<u64> {
    Ok(attempt::delete_forgotten(host).await?
        + browser::delete_expired(host).await?
        + pending::delete_expired(host).await?)
}
