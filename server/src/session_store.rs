//! Sessions in the database. The browser holds a random id; the database holds its SHA-256 only.

use app::{
    context::{SIGNED_IN, SignedIn},
    cookie::Cookie,
};
use async_trait::async_trait;
use model::Timestamp;
use pipelines::{
    Host,
    session::{self, Contents, Holder, IdHash},
};
use sha2::{Digest, Sha256};
use std::{collections::HashMap, fmt, time::Duration};
use time::OffsetDateTime;
use tower_sessions::{
    SessionManagerLayer, SessionStore,
    cookie::SameSite,
    session::{Id, Record},
    session_store::{Error, Result},
};

/// How long the session of somebody who has not signed in lasts without being used.
const UNKNOWN_IDLE: Duration = Duration::from_mins(30);

/// How exactly the last use of a session is kept.
const USED: Duration = Duration::from_mins(5);

/// The key under which a session keeps the moment its id was made: when its person signed in, or chose a password.
pub const OPENED: &str = "opened";

/// How often a new session tries to find an id that is not taken. A second attempt is a sign of a broken generator.
const ATTEMPTS: u32 = 3;

/// The store.
#[derive(Clone)]
pub struct DatabaseSessions {
    host: Host,
    idle: Duration,
    longest: Duration,
}

impl DatabaseSessions {
    /// A store whose sessions end when they were not used for `idle`, and `longest` after their person signed in.
    pub fn new(host: Host, idle: Duration, longest: Duration) -> Self {
        Self { host, idle, longest }
    }

    fn expires(&self, signed_in: Option<&SignedIn>) -> Timestamp {
        let now = self.host.clock().now();
        match signed_in {
            Some(signed_in) => (now + self.idle).min(signed_in.at + self.longest),
            None => now + self.idle.min(UNKNOWN_IDLE),
        }
    }

    fn contents(&self, record: &Record) -> Result<Contents> {
        let data = serde_json::to_vec(&record.data).map_err(|error| Error::Encode(error.to_string()))?;
        if data.len() > session::MOST_DATA {
            return Err(Error::Encode(format!("a session of {} bytes is too large", data.len())));
        }
        let signed_in = signed_in(&record.data);
        let expires = self.expires(signed_in.as_ref());
        let holder = signed_in.map(|signed_in| Holder {
            person: signed_in.user,
            since: signed_in.at,
            method: signed_in.method,
            address: signed_in.address,
            device: signed_in.device,
        });
        Ok(Contents { data, expires, holder })
    }
}

fn signed_in(data: &HashMap<String, serde_json::Value>) -> Option<SignedIn> {
    serde_json::from_value(data.get(SIGNED_IN)?.clone()).ok()
}

/// The layer that gives a request its session. The cookie ends with the browser; the session in the database ends when
/// it was not used for a while.
pub fn layer(store: DatabaseSessions, is_secure: bool) -> SessionManagerLayer<DatabaseSessions> {
    SessionManagerLayer::new(store)
        .with_name(Cookie::Session.name(is_secure))
        .with_http_only(true)
        .with_same_site(SameSite::Lax)
        .with_secure(is_secure)
}

/// SHA-256 of a session's id as the cookie spells it.
pub fn hash(id: &Id) -> IdHash {
    Sha256::digest(id.to_string().as_bytes()).into()
}

fn failed(error: &pipelines::Error) -> Error {
    Error::Backend(format!("{error:?}"))
}

#[async_trait]
impl SessionStore for DatabaseSessions {
    async fn create(&self, record: &mut Record) -> Result<()> {
        record.data.insert(OPENED.to_owned(), self.host.clock().now().0.into());
        for _ in 0..ATTEMPTS {
            let created = session::create(&self.host, hash(&record.id), self.contents(record)?).await;
            if created.map_err(|error| failed(&error))? {
                return Ok(());
            }
            record.id = Id::default();
        }
        Err(Error::Backend("no free id for a session".to_owned()))
    }

    async fn save(&self, record: &Record) -> Result<()> {
        session::save(&self.host, hash(&record.id), self.contents(record)?).await.map_err(|error| failed(&error))
    }

    async fn load(&self, id: &Id) -> Result<Option<Record>> {
        let Some(stored) = session::load(&self.host, hash(id)).await.map_err(|error| failed(&error))? else {
            return Ok(None);
        };
        let data: HashMap<String, serde_json::Value> =
            serde_json::from_slice(&stored.data).map_err(|error| Error::Decode(error.to_string()))?;
        let mut expires = stored.expires;
        // Being used prolongs a session. Written once in a while, not with every request.
        if self.host.clock().now().since(stored.last_seen) >= USED.min(self.idle / 10) {
            expires = self.expires(signed_in(&data).as_ref());
            session::used(&self.host, hash(id), expires).await.map_err(|error| failed(&error))?;
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
