//! The first start, with a database in which there is nobody yet.

use model::user::Roles;
use pipelines::{Host, Result, demo, user};
use std::fmt::Write as _;

/// Name of the administrator that a first start without the demo creates.
const ADMINISTRATOR: &str = "admin";

/// Creates the first people, with the demo where it is wanted. Returns what is to be told once, and nothing when there
/// are people already.
pub async fn welcome(host: &Host, with_demo: bool) -> Result<Option<String>> {
    if user::count(host).await? > 0 {
        return Ok(None);
    }
    let demo = if with_demo { demo::create(host).await? } else { None };
    let accounts = if let Some(demo) = demo {
        vec![
            (demo.administrator, demo.administrator_password, "administrator"),
            (demo.maker, demo.maker_password, "maker"),
        ]
    } else {
        let (person, password) = user::create_first(host, ADMINISTRATOR, "Administrator", Roles::ADMINISTRATOR).await?;
        vec![(person.user_name, password, "administrator")]
    };
    let mut text = String::from("First start. Sign in with (each password works once and is not shown again):\n");
    for (name, password, what) in accounts {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "  {what:<13}  name {name}  password {password}");
    }
    Ok(Some(text))
}
