//! Applications that may use the Web API of a built-in environment, from the command line.

use crate::{accounts::command_line, configuration::Configuration};
use model::{environment::BuiltInEnvironment, id::EnvironmentId};
use pipelines::{Error, Host, Result, built_in};
use std::fmt::Write;
use uuid::Uuid;
use web_api::TENANT;

/// Registers an application. Returns what is to be told once: everything a client has to know.
pub async fn add(host: &Host, configuration: &Configuration, environment: &str, name: &str) -> Result<String> {
    let environment = find(host, environment).await?;
    let new = built_in::add_application_user(host, &command_line(), environment.id, name).await?;
    let origin = configuration.public_url.clone().unwrap_or_else(|| format!("http://{}", configuration.listen));
    let origin = origin.trim_end_matches('/');
    Ok(format!(
        "{name} may use {} from now on. The secret is not shown again.\n\
         environment URL  {origin}/environments/{}\n\
         authority        {origin}\n\
         tenant           {TENANT}\n\
         client id        {}\n\
         client secret    {}\n",
        environment.name, environment.id, new.id, new.secret
    ))
}

/// Lists the applications of an environment.
pub async fn list(host: &Host, environment: &str) -> Result<String> {
    let environment = find(host, environment).await?;
    let users = built_in::application_users(host, &command_line(), environment.id).await?;
    let mut told = String::new();
    for user in users {
        let used = user.last_used.map_or_else(|| "never used".to_owned(), |used| format!("last used {used}"));
        // Writing to a String does not fail.
        let _ = writeln!(told, "{}  {}  {used}", user.id, user.name);
    }
    if told.is_empty() {
        told = format!("No application may use {}.\n", environment.name);
    }
    Ok(told)
}

/// Removes an application.
pub async fn remove(host: &Host, environment: &str, client: Uuid) -> Result<String> {
    let environment = find(host, environment).await?;
    built_in::remove_application_user(host, &command_line(), environment.id, client).await?;
    Ok(format!("{client} may no longer use {}.\n", environment.name))
}

async fn find(host: &Host, environment: &str) -> Result<BuiltInEnvironment> {
    let wanted = environment.trim();
    let id = wanted.parse::<EnvironmentId>().ok();
    let all = built_in::list(host, &command_line()).await?;
    all.into_iter()
        .find(|one| Some(one.id) == id || one.name.eq_ignore_ascii_case(wanted))
        .ok_or_else(|| Error::NotFound(format!("There is no built-in environment called {wanted}.")))
}
