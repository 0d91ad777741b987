//! Sessions in the database. The browser holds a random id; the database holds its SHA-256 only.

use app::context::SESSION_USER;
use async_trait::async_trait;
use model::Timestamp;
use pipelines::{Host, session};
use sha2::{Digest, Sha256};
use std::{collections::HashMap, fmt, time::Duration};
use time::OffsetDateTime;
use tower_sessions::{
    SessionManagerLayer, SessionStore,
    cookie::SameSite,
    session::{Id, Record},
    session_store::{Error, Result},
};

/// Name of the cookie.
pub const COOKIE: &str = "slipway";

/// How long the session of somebody who has not signed in lasts without being used.
const UNKNOWN_IDLE: Duration = Duration::from_mins(30);

/// The key under which a session keeps the moment its id was made: when its person signed in, or chose a password.
pub const OPENED: &str = "opened";

/// How often a new session tries to find an id that is not taken. A second attempt is a sign of a broken generator.
const ATTEMPTS: u32 = 3;

/// The store.
#[derive(Clone)]
pub struct DatabaseSessions {
    host: Host,
    idle: Duration,
}

impl DatabaseSessions {
    /// A store whose sessions end when they were not used for `idle`.
    pub fn new(host: Host, idle: Duration) -> Self {
        Self { host, idle }
    }

    fn idle(&self, data: &HashMap<String, serde_json::Value>) -> Duration {
        if data.contains_key(SESSION_USER) { self.idle } else { self.idle.min(UNKNOWN_IDLE) }
    }

    fn expires(&self, data: &HashMap<String, serde_json::Value>) -> Timestamp {
        self.host.clock().now() + self.idle(data)
    }
}

/// A name of a session for records: enough to tell sessions apart, of no use to get into one.
pub fn name(id: &Id) -> String {
    hex::encode(hash(id)).chars().take(12).collect()
}

/// The layer that gives a request its session. The cookie ends with the browser; the session in the database ends when
/// it was not used for a while.
pub fn layer(store: DatabaseSessions, secure: bool) -> SessionManagerLayer<DatabaseSessions> {
    SessionManagerLayer::new(store)
        .with_name(COOKIE)
        .with_http_only(true)
        .with_same_site(SameSite::Lax)
        .with_secure(secure)
}

/// SHA-256 of a session's id as the cookie spells it.
fn hash(id: &Id) -> [u8; 32] {
    Sha256::digest(id.to_string().as_bytes()).into()
}

fn failed(error: &pipelines::Error) -> Error {
    Error::Backend(format!("{error:?}"))
}

fn encode(record: &Record) -> Result<Vec<u8>> {
    let bytes = serde_json::to_vec(&record.data).map_err(|error| Error::Encode(error.to_string()))?;
    if bytes.len() > session::MOST_DATA {
        return Err(Error::Encode(format!("a session of {} bytes is too large", bytes.len())));
    }
    Ok(bytes)
}

#[async_trait]
impl SessionStore for DatabaseSessions {
    async fn create(&self, record: &mut Record) -> Result<()> {
        record.data.insert(OPENED.to_owned(), self.host.clock().now().0.into());
        for _ in 0..ATTEMPTS {
            if session::create(&self.host, hash(&record.id), encode(record)?, self.expires(&record.data))
                .await
                .map_err(|error| failed(&error))?
            {
                return Ok(());
            }
            record.id = Id::default();
        }
        Err(Error::Backend("no free id for a session".to_owned()))
    }

    async fn save(&self, record: &Record) -> Result<()> {
        session::save(&self.host, hash(&record.id), encode(record)?, self.expires(&record.data))
            .await
            .map_err(|error| failed(&error))
    }

    async fn load(&self, id: &Id) -> Result<Option<Record>> {
        let Some(stored) = session::load(&self.host, hash(id)).await.map_err(|error| failed(&error))? else {
            return Ok(None);
        };
        let data: HashMap<String, serde_json::Value> =
            serde_json::from_slice(&stored.data).map_err(|error| Error::Decode(error.to_string()))?;
        let expires = self.expires(&data);
        // Being used prolongs a session. Written only once a tenth of its time is over, not with every request.
        if expires.since(stored.expires) > self.idle(&data) / 10 {
            session::save(&self.host, hash(id), stored.data, expires).await.map_err(|error| failed(&error))?;
        }
        let expiry_date =
            OffsetDateTime::from_unix_timestamp(expires.0 / 1000).map_err(|error| Error::Decode(error.to_string()))?;
        Ok(Some(Record { id: *id, data, expiry_date }))
    }

    async fn delete(&self, id: &Id) -> Result<()> {
        session::delete(&self.host, hash(id)).await.map_err(|error| failed(&error))
    }
}

impl fmt::Debug for DatabaseSessions {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("DatabaseSessions").field("idle", &self.idle).finish_non_exhaustive()
    }
}
