//! What the next page shows and nobody afterwards: one-time passwords and tokens. It waits in the session, sealed, so
//! that it stands in no address and in no database.

use crate::{context, error::AppError};
use model::Problem;
use pipelines::secret::{Column, ExposeSecret, Key, Secret};
use serde::{Serialize, de::DeserializeOwned};

/// Where it waits.
const PLACE: Column = Column { table: "session", key: Key::Text("id_hash"), column: "data" };

/// Keeps something for the next page.
pub async fn keep<T: Serialize>(what: &str, value: &T) -> Result<(), AppError> {
    let text = serde_json::to_string(value).map_err(|error| {
        tracing::error!(%error, "what is shown once cannot be kept");
        Problem::Internal("This cannot be shown. Try again.".to_owned())
    })?;
    let sealed = context::host().secrets().seal(&PLACE.row(row(what)?), &Secret::from(text))?;
    Ok(context::session()?.insert(&key(what), sealed).await?)
}

/// Takes what was kept for this page, so that no other page shows it.
pub async fn take<T: DeserializeOwned>(what: &str) -> Result<Option<T>, AppError> {
    let Some(sealed) = context::session()?.remove::<String>(&key(what)).await? else { return Ok(None) };
    let opened = context::host().secrets().open(&PLACE.row(row(what)?), &sealed)?;
    Ok(serde_json::from_str(opened.expose_secret()).ok())
}

fn key(what: &str) -> String {
    format!("shown-once-{what}")
}

/// A session may change its id in between, but not its person.
fn row(what: &str) -> Result<String, AppError> {
    Ok(format!("{what} of {}", context::caller()?.user))
}
