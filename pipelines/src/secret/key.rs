//! The keys that secrets are sealed under.

use rand::Rng;
use std::fmt;

/// Bytes of a key.
const BYTES: usize = 32;
/// Keys at most.
const MOST_KEYS: usize = 100;
/// Characters of a key's id at most.
const LONGEST_ID: usize = 40;

/// Why a list of keys cannot be used. Never says anything of a key but its place in the list.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// There is none.
    #[error("there is no key in it")]
    None,
    /// There are too many.
    #[error("there are more than {MOST_KEYS} keys in it")]
    TooMany,
    /// One is not in the form of a key.
    #[error("entry {0} is not an id of letters, digits and hyphens, a colon, and 64 hexadecimal digits")]
    Form(usize),
    /// Two have the same id.
    #[error("the id {0} is there twice")]
    Twice(String),
    /// The list cannot be read or written.
    #[error("{0}")]
    File(String),
}

/// Keys by their ids, the newest last.
#[derive(Clone)]
pub struct Keys {
    older: Vec<(String, [u8; BYTES])>,
    newest: (String, [u8; BYTES]),
}

impl Keys {
    /// Reads a list: `id:key` one a line or with commas between, the key in 64 hexadecimal digits, the newest last.
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        let mut older: Vec<(String, [u8; BYTES])> = Vec::new();
        let entries =
            text.split(|letter: char| letter == ',' || letter.is_whitespace()).filter(|entry| !entry.is_empty());
        for (place, entry) in entries.enumerate() {
            let key = entry.split_once(':').and_then(|(id, digits)| {
                let plain = (1..=LONGEST_ID).contains(&id.len())
                    && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
                let bytes = hex::decode(digits).ok().and_then(|bytes| bytes.try_into().ok())?;
                plain.then(|| (id.to_owned(), bytes))
            });
            let key = key.ok_or(KeyError::Form(place + 1))?;
            if older.iter().any(|(id, _)| *id == key.0) {
                return Err(KeyError::Twice(key.0));
            }
            older.push(key);
            if older.len() > MOST_KEYS {
                return Err(KeyError::TooMany);
            }
        }
        let newest = older.pop().ok_or(KeyError::None)?;
        Ok(Self { older, newest })
    }

    /// A single new key.
    pub fn random(id: &str) -> Self {
        Self { older: Vec::new(), newest: (id.to_owned(), new_key()) }
    }

    /// These keys and a new one, which is the newest.
    #[must_use]
    pub fn with_new(&self) -> Self {
        let mut older = self.older.clone();
        older.push(self.newest.clone());
        // One of as many numbers as there are keys, and one more, is free.
        let first = older.len() + 1;
        let is_free = |number: &usize| older.iter().all(|(id, _)| *id != format!("key-{number}"));
        let number = (first..=2 * first).find(is_free).unwrap_or(first);
        Self { older, newest: (format!("key-{number}"), new_key()) }
    }

    /// The list as [`Self::parse`] reads it.
    pub fn to_text(&self) -> String {
        let lines: Vec<_> =
            self.older.iter().chain([&self.newest]).map(|(id, key)| format!("{id}:{}", hex::encode(key))).collect();
        lines.join("\n") + "\n"
    }

    /// The key that seals.
    pub(super) fn newest(&self) -> (&str, &[u8; BYTES]) {
        (&self.newest.0, &self.newest.1)
    }

    /// The key of an id.
    pub(super) fn get(&self, id: &str) -> Option<&[u8; BYTES]> {
        self.older.iter().chain([&self.newest]).find(|(own, _)| own == id).map(|(_, key)| key)
    }
}

impl fmt::Debug for Keys {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Keys").field("newest", &self.newest.0).finish_non_exhaustive()
    }
}

fn new_key() -> [u8; BYTES] {
    let mut key = [0; BYTES];
    rand::rng().fill_bytes(&mut key);
    key
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]
    use super::*;

    #[test]
    fn a_list_is_read_back_as_it_was_written_and_the_last_key_is_the_newest() {
        let keys = Keys::random("key-1").with_new().with_new();
        assert_eq!(keys.newest().0, "key-3");
        let again = Keys::parse(&keys.to_text()).unwrap();
        assert_eq!(again.to_text(), keys.to_text());
        assert_eq!(Keys::parse(&keys.to_text().replace('\n', ", ")).unwrap().to_text(), keys.to_text());
    }

    #[test]
    fn a_list_that_cannot_be_used_says_why_and_gives_nothing_away() {
        let key = "ab".repeat(32);
        for (text, error) in [
            (String::new(), KeyError::None),
            (" \n ".to_owned(), KeyError::None),
            (key.clone(), KeyError::Form(1)),
            (format!("a:{key} b:{}", "ab".repeat(31)), KeyError::Form(2)),
            (format!("a_b:{key}"), KeyError::Form(1)),
            (format!(":{key}"), KeyError::Form(1)),
            (format!("a:{key},a:{key}"), KeyError::Twice("a".to_owned())),
        ] {
            let found = Keys::parse(&text).unwrap_err();
            assert_eq!(found, error, "{text}");
            assert!(!found.to_string().contains("abab"));
        }
    }
}
