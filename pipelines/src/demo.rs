//! The demo of a first start.

use crate::{Error, Host, Result, user::OneTimePassword};

/// The people of the demo, with the passwords they sign in with once.
#[derive(Debug)]
pub struct DemoAccounts {
    /// User name of the administrator.
    pub administrator: String,
    /// Their password.
    pub administrator_password: OneTimePassword,
    /// User name of the maker.
    pub maker: String,
    /// Their password.
    pub maker_password: OneTimePassword,
}

/// Creates the demo; none when the host has people or environments already.
pub async fn create(_host: &Host) -> Result<Option<DemoAccounts>> {
    Err(Error::Internal(String::new()))
}
