//! Passwords: what a good one is, how they are kept, and the ones that are good for once.

use crate::{Error, Result};
use argon2::{
    Argon2,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use rand::{CryptoRng, RngExt};
use std::{fmt, sync::OnceLock};
use tokio::sync::Semaphore;

/// Characters of a password, at least.
pub const SHORTEST_PASSWORD: usize = 12;
/// Characters of a password, at most.
pub const LONGEST_PASSWORD: usize = 256;

/// Hashes being worked out at once. Each takes 19 MiB and a core for some tens of milliseconds.
static HASHES: Semaphore = Semaphore::const_new(4);

/// Letters and digits that are not mistaken for one another; 32 of them, so that each stands for five bits.
const LETTERS: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz023456789";

/// A password that has to be changed at the first sign-in. Display shows it, Debug does not.
pub struct OneTimePassword(String);

impl OneTimePassword {
    /// Four groups of five letters and digits: 100 bits, easy to read out and to type.
    pub(super) fn new(random: &mut impl CryptoRng) -> Self {
        let mut text = String::with_capacity(23);
        for place in 0..20 {
            if place > 0 && place % 5 == 0 {
                text.push('-');
            }
            let letter = LETTERS.get(random.random_range(0..LETTERS.len())).copied().unwrap_or(b'a');
            text.push(char::from(letter));
        }
        Self(text)
    }
}

impl fmt::Display for OneTimePassword {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl fmt::Debug for OneTimePassword {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("OneTimePassword(hidden)")
    }
}

/// Says what is wrong with a new password.
pub(super) fn check_new(new: &str, current: &str, user_name: &str) -> Result<(), String> {
    let length = new.chars().count();
    if length < SHORTEST_PASSWORD {
        Err(format!("Use at least {SHORTEST_PASSWORD} characters. A few words in a row are easy to remember."))
    } else if length > LONGEST_PASSWORD {
        Err(format!("Use at most {LONGEST_PASSWORD} characters."))
    } else if new == current {
        Err("Choose a password that differs from the current one.".to_owned())
    } else if new.to_lowercase() == user_name.to_lowercase() {
        Err("Choose a password that is not your user name.".to_owned())
    } else {
        Ok(())
    }
}

/// The Argon2id hash of a password, as a PHC string, with the crate's default cost (19 MiB, two passes) and a random
/// salt.
pub(super) async fn hash(password: String) -> Result<String> {
    on_a_blocking_thread(move || hash_now(&password)).await?
}

/// Whether a password is the one of a hash. Without a hash the same work is done, and the answer is no.
pub(crate) async fn verify(password: &str, hash: Option<String>) -> Result<bool> {
    let password = if password.chars().count() > LONGEST_PASSWORD { String::new() } else { password.to_owned() };
    on_a_blocking_thread(move || {
        let exists = hash.is_some();
        let hash = match hash {
            Some(hash) => hash,
            None => nobodys_hash()?,
        };
        let hash = PasswordHash::new(&hash).map_err(unusable)?;
        Ok(Argon2::default().verify_password(password.as_bytes(), &hash).is_ok() && exists)
    })
    .await?
}

/// A hash that costs what everybody's does and is nobody's.
fn nobodys_hash() -> Result<String> {
    static HASH: OnceLock<String> = OnceLock::new();
    if let Some(hash) = HASH.get() {
        return Ok(hash.clone());
    }
    let hash = hash_now("nobody")?;
    Ok(HASH.get_or_init(|| hash).clone())
}

fn hash_now(password: &str) -> Result<String> {
    Ok(Argon2::default().hash_password(password.as_bytes()).map_err(unusable)?.to_string())
}

async fn on_a_blocking_thread<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
    let _permit = HASHES.acquire().await.map_err(unusable)?;
    tokio::task::spawn_blocking(work).await.map_err(unusable)
}

fn unusable(error: impl fmt::Display) -> Error {
    Error::Internal(format!("A password could not be hashed: {error}"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn one_time_passwords_are_readable_long_and_never_the_same() {
        let mut seen = HashSet::new();
        for _ in 0..200 {
            let password = OneTimePassword::new(&mut rand::rng());
            let text = password.to_string();
            let groups: Vec<_> = text.split('-').collect();
            assert_eq!(groups.iter().map(|group| group.len()).collect::<Vec<_>>(), [5, 5, 5, 5]);
            assert!(!text.contains(['i', 'l', 'o', '1']), "{text}");
            assert!(!format!("{password:?}").contains(&text));
            assert!(seen.insert(text));
        }
        assert_eq!(LETTERS.iter().collect::<HashSet<_>>().len(), 32);
    }

    #[test]
    fn a_new_password_is_long_and_new_and_not_the_name() {
        for (new, fine) in [
            ("correct horse", true),
            ("elevenchars", false),
            ("twelve chars", true),
            (&"ü".repeat(256), true),
            (&"ü".repeat(257), false),
            ("the current one", false),
            ("margarete.gross", false),
            ("Margarete.Gross", false),
            ("margarete.gross likes walks", true),
        ] {
            assert_eq!(check_new(new, "the current one", "margarete.gross").is_ok(), fine, "{new}");
        }
    }

    #[tokio::test]
    async fn a_password_is_told_by_its_hash_and_nobodys_hash_lets_nobody_in() {
        let kept = hash("correct horse".to_owned()).await.unwrap();
        assert!(kept.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{kept}");
        assert!(verify("correct horse", Some(kept.clone())).await.unwrap());
        assert!(!verify("correct horsE", Some(kept.clone())).await.unwrap());
        assert!(!verify("", Some(kept)).await.unwrap());
        assert!(!verify("nobody", None).await.unwrap());
    }
}
