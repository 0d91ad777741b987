//! Accounts from the command line, for whoever runs the machine: to begin with, or when nobody can sign in any more.

use model::{id::UserId, user::Roles};
use pipelines::{Caller, Error, Host, Result, user};

/// Creates an account. Returns what is to be told once.
pub async fn add(host: &Host, name: &str, display_name: Option<&str>, role: Roles) -> Result<String> {
    let (person, password) = user::create_first(host, name, display_name.unwrap_or(name), role).await?;
    Ok(format!("{} ({}) signs in once with the password {password}\n", person.user_name, person.roles.label()))
}

/// Gives an account a new one-time password. Returns what is to be told once.
pub async fn reset_password(host: &Host, name: &str) -> Result<String> {
    let caller = command_line();
    let people = user::list(host, &caller).await?;
    let person = people
        .iter()
        .find(|person| person.user_name.eq_ignore_ascii_case(name.trim()))
        .ok_or_else(|| Error::NotFound(format!("There is nobody called {name}.")))?;
    let password = user::reset_password(host, &caller, person.id).await?;
    Ok(format!("{} signs in once with the password {password}\n", person.user_name))
}

/// Whoever can start the program with its data may do what an administrator may.
pub fn command_line() -> Caller {
    Caller::new(UserId(uuid::Uuid::nil()), "command line", Roles::ADMINISTRATOR)
}
