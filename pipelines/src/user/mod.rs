//! People with an account in the host: who they are, what they may do, and how they sign in.

use crate::{Caller, Error, Host, Result};
use model::{
    id::UserId,
    user::{Person, Role},
};
use std::fmt;

/// An account to create.
#[derive(Clone, Debug)]
pub struct NewUser {
    /// Name to sign in with.
    pub user_name: String,
    /// Name for people.
    pub display_name: String,
    /// Role in the host.
    pub role: Role,
}

/// A password that has to be changed at the first sign-in. Display shows it, Debug does not.
pub struct OneTimePassword(String);

impl fmt::Display for OneTimePassword {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl fmt::Debug for OneTimePassword {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("OneTimePassword")
    }
}

/// Creates an account.
pub async fn create(_host: &Host, _caller: &Caller, _new: &NewUser) -> Result<(Person, OneTimePassword)> {
    Err(Error::Internal(String::new()))
}

/// Creates an account without a caller.
pub async fn create_first(
    _host: &Host,
    _user_name: &str,
    _display_name: &str,
    _role: Role,
) -> Result<(Person, OneTimePassword)> {
    Err(Error::Internal(String::new()))
}

/// Number of accounts.
pub async fn count(_host: &Host) -> Result<u64> {
    Err(Error::Internal(String::new()))
}

/// Signs in.
pub async fn sign_in(_host: &Host, _user_name: &str, _password: &str) -> Result<Person> {
    Err(Error::Internal(String::new()))
}

/// Changes the caller's own password.
pub async fn change_password(_host: &Host, _caller: &Caller, _current: &str, _new: &str) -> Result<()> {
    Err(Error::Internal(String::new()))
}

/// Gives a person a new one-time password.
pub async fn reset_password(_host: &Host, _caller: &Caller, _user: UserId) -> Result<OneTimePassword> {
    Err(Error::Internal(String::new()))
}

/// The person of a session.
pub async fn visitor(_host: &Host, _user: UserId) -> Result<Option<(Caller, Person)>> {
    Err(Error::Internal(String::new()))
}

/// Every person.
pub async fn list(_host: &Host, _caller: &Caller) -> Result<Vec<Person>> {
    Err(Error::Internal(String::new()))
}

/// Gives a person another role.
pub async fn set_role(_host: &Host, _caller: &Caller, _user: UserId, _role: Role) -> Result<()> {
    Err(Error::Internal(String::new()))
}

/// Lets a person sign in, or no longer.
pub async fn set_enabled(_host: &Host, _caller: &Caller, _user: UserId, _enabled: bool) -> Result<()> {
    Err(Error::Internal(String::new()))
}
