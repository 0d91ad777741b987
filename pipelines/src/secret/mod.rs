//! Secrets at rest: what Slipway has to read again, such as credentials of other systems, is sealed before it goes into
//! the database. What need never be read again, such as passwords and tokens, is hashed instead.
//!
//! Sealed with XChaCha20-Poly1305 under a key from the configuration, and bound to its [`Place`]: a sealed text that is
//! copied into another row or column does not open there.
//!
//! ```ignore
//! const CREDENTIALS: Column = Column { table: "connection", key: "id", column: "credentials" };
//! let sealed = host.secrets().seal(CREDENTIALS.row(id), &Secret::from("…"))?;   // into the database
//! let secret = host.secrets().open(CREDENTIALS.row(id), &sealed)?;              // and back
//! ```
//!
//! A column that holds sealed texts is listed in [`COLUMNS`], so that a new key reaches it.

mod key;
mod rotation;

pub use key::{KeyError, Keys};
pub use rotation::{COLUMNS, Column, Key, rotate};
pub use secrecy::{ExposeSecret, SecretString as Secret};

use crate::{Error, Result};
use chacha20poly1305::{
    XChaCha20Poly1305, XNonce,
    aead::{Aead, KeyInit, Payload},
};
use rand::Rng;
use std::{
    fmt,
    sync::{Arc, RwLock},
};

/// The form of sealed texts.
const FORM: &str = "v1";
/// Bytes of a nonce, random for every text.
const NONCE: usize = 24;

/// Where a sealed text stands: nowhere else can it be opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    column: Column,
    row: String,
}

impl Column {
    /// The place of a row, named by its key.
    pub fn row(self, key: impl fmt::Display) -> Place {
        Place { column: self, row: key.to_string() }
    }
}

impl Place {
    /// The bytes a sealed text is bound to. Names of tables and columns hold no slash, so no two places read the same.
    fn associated(&self, key: &str) -> Vec<u8> {
        format!("{FORM}/{key}/{}/{}/{}", self.column.table, self.column.column, self.row).into_bytes()
    }
}

/// Seals and opens. Cheap to clone: every clone has the same keys.
#[derive(Clone)]
pub struct Secrets {
    keys: Arc<RwLock<Keys>>,
    /// Reads the keys again, for when another process has added one.
    reload: Option<Arc<dyn Fn() -> Result<Keys, KeyError> + Send + Sync>>,
}

impl Secrets {
    /// With keys that stay as they are.
    pub fn new(keys: Keys) -> Self {
        Self { keys: Arc::new(RwLock::new(keys)), reload: None }
    }

    /// With keys that are read again when a text was sealed under one that is not known.
    #[must_use]
    pub fn with_reload(mut self, reload: impl Fn() -> Result<Keys, KeyError> + Send + Sync + 'static) -> Self {
        self.reload = Some(Arc::new(reload));
        self
    }

    /// Seals a secret for its place, under the newest key.
    pub fn seal(&self, place: &Place, secret: &Secret) -> Result<String> {
        let (id, cipher) = {
            let keys = self.keys.read().map_err(|_| poisoned())?;
            let (id, bytes) = keys.newest();
            (id.to_owned(), XChaCha20Poly1305::new(bytes.into()))
        };
        let mut nonce = [0; NONCE];
        rand::rng().fill_bytes(&mut nonce);
        let payload = Payload { msg: secret.expose_secret().as_bytes(), aad: &place.associated(&id) };
        let sealed = cipher
            .encrypt(&XNonce::from(nonce), payload)
            .map_err(|_| Error::Internal("a secret could not be sealed".to_owned()))?;
        Ok(format!("{FORM}:{id}:{}{}", hex::encode(nonce), hex::encode(sealed)))
    }

    /// Opens a sealed text in its place.
    pub fn open(&self, place: &Place, sealed: &str) -> Result<Secret> {
        let unreadable = |why: &str| {
            Error::Internal(format!(
                "the secret in {}.{} cannot be opened: {why}",
                place.column.table, place.column.column
            ))
        };
        let id = key_of(sealed).ok_or_else(|| unreadable("it is not a sealed text of this release"))?;
        let key = self.key(id)?.ok_or_else(|| unreadable(&format!("the key {id} is not in the configuration")))?;
        let bytes = sealed.rsplit(':').next().and_then(|text| hex::decode(text).ok()).unwrap_or_default();
        let (nonce, text) = bytes.split_at_checked(NONCE).ok_or_else(|| unreadable("it is too short"))?;
        let nonce = <[u8; NONCE]>::try_from(nonce).map_err(|_| unreadable("it is too short"))?;
        let payload = Payload { msg: text, aad: &place.associated(id) };
        let opened = XChaCha20Poly1305::new(&key.into())
            .decrypt(&XNonce::from(nonce), payload)
            .map_err(|_| unreadable("it was changed, moved, or sealed under another key of the same name"))?;
        let text = String::from_utf8(opened).map_err(|_| unreadable("it is not text"))?;
        Ok(Secret::from(text))
    }

    /// Whether a text is sealed under the newest key.
    fn is_current(&self, sealed: &str) -> Result<bool> {
        let keys = self.keys.read().map_err(|_| poisoned())?;
        Ok(key_of(sealed) == Some(keys.newest().0))
    }

    fn key(&self, id: &str) -> Result<Option<[u8; 32]>> {
        if let Some(key) = self.keys.read().map_err(|_| poisoned())?.get(id) {
            return Ok(Some(*key));
        }
        let Some(reload) = &self.reload else { return Ok(None) };
        let keys = reload().map_err(|error| Error::Internal(format!("the keys could not be read again: {error}")))?;
        let key = keys.get(id).copied();
        if key.is_some() {
            *self.keys.write().map_err(|_| poisoned())? = keys;
        }
        Ok(key)
    }
}

impl fmt::Debug for Secrets {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Secrets(hidden)")
    }
}

/// The id of the key that a text was sealed under.
fn key_of(sealed: &str) -> Option<&str> {
    let mut parts = sealed.split(':');
    (parts.next()? == FORM).then_some(())?;
    parts.next()
}

fn poisoned() -> Error {
    Error::Internal("the keys of secrets are out of reach".to_owned())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]
    use super::*;
    use proptest::prelude::*;

    const HERE: Column = Column { table: "connection", key: Key::Uuid("id"), column: "credentials" };
    const THERE: Column = Column { table: "connection", key: Key::Uuid("id"), column: "other" };

    fn secrets(text: &str) -> Secrets {
        Secrets::new(Keys::parse(text).unwrap())
    }

    fn one() -> String {
        format!("one:{}", "11".repeat(32))
    }

    #[test]
    fn a_secret_opens_in_its_place_and_nowhere_else() {
        let secrets = secrets(&one());
        let sealed = secrets.seal(&HERE.row(1), &Secret::from("hunter2")).unwrap();
        assert!(sealed.starts_with("v1:one:") && !sealed.contains("hunter2"), "{sealed}");
        assert_eq!(secrets.open(&HERE.row(1), &sealed).unwrap().expose_secret(), "hunter2");
        for elsewhere in [HERE.row(2), THERE.row(1)] {
            assert!(secrets.open(&elsewhere, &sealed).is_err(), "{elsewhere:?}");
        }
        assert_ne!(secrets.seal(&HERE.row(1), &Secret::from("hunter2")).unwrap(), sealed, "every nonce is new");
    }

    #[test]
    fn the_newest_key_seals_and_older_ones_still_open() {
        let before = secrets(&one());
        let sealed = before.seal(&HERE.row(1), &Secret::from("hunter2")).unwrap();
        let after = secrets(&format!("{}\ntwo:{}", one(), "22".repeat(32)));
        assert_eq!(after.open(&HERE.row(1), &sealed).unwrap().expose_secret(), "hunter2");
        assert!(!after.is_current(&sealed).unwrap());
        let again = after.seal(&HERE.row(1), &Secret::from("hunter2")).unwrap();
        assert!(again.starts_with("v1:two:") && after.is_current(&again).unwrap());
        let error = before.open(&HERE.row(1), &again).unwrap_err().to_string();
        assert!(error.contains("the key two is not in the configuration"), "{error}");
        assert!(
            before
                .clone()
                .with_reload(move || Keys::parse(&format!("{}\ntwo:{}", one(), "22".repeat(32))))
                .open(&HERE.row(1), &again)
                .is_ok()
        );
    }

    #[test]
    fn neither_secrets_nor_keys_are_printed() {
        let secret = Secret::from("hunter2");
        assert!(!format!("{secret:?} {:?}", secrets(&one())).contains("hunter2"));
        assert!(!format!("{:?} {:?}", secrets(&one()), Keys::parse(&one()).unwrap()).contains("1111"));
    }

    proptest! {
        #[test]
        fn whatever_is_sealed_opens_and_whatever_is_changed_does_not(text in ".{0,200}", place in 0..400_usize) {
            let secrets = secrets(&one());
            let sealed = secrets.seal(&HERE.row(7), &Secret::from(text.as_str())).unwrap();
            let opened = secrets.open(&HERE.row(7), &sealed).unwrap();
            prop_assert_eq!(opened.expose_secret(), text.as_str());
            let mut changed = sealed.clone().into_bytes();
            let place = place % changed.len();
            changed[place] = if changed[place] == b'0' { b'1' } else { b'0' };
            prop_assert!(secrets.open(&HERE.row(7), &String::from_utf8(changed).unwrap()).is_err());
        }

        #[test]
        fn no_text_brings_opening_down(text in ".{0,200}") {
            prop_assert!(secrets(&one()).open(&HERE.row(7), &text).is_err());
        }
    }
}
