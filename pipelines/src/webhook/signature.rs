//! What shows a receiver that a call is Slipway's: HMAC-SHA-256 over id, timestamp and body, as the Standard Webhooks
//! specification (<https://www.standardwebhooks.com>) has it, for which there are libraries in most languages.

use crate::{
    Error, Result,
    secret::{ExposeSecret, Secret},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// How secrets begin that are bytes in base64.
const PREFIX: &str = "whsec_";
/// Bytes of a secret that Slipway makes.
pub(super) const BYTES: usize = 32;

/// A secret of random bytes.
pub(super) fn secret(bytes: [u8; BYTES]) -> Secret {
    Secret::from(format!("{PREFIX}{}", STANDARD.encode(bytes)))
}

/// The value of the header `webhook-signature` of a call. `timestamp` is in seconds since 1970.
pub(super) fn sign(secret: &Secret, id: &str, timestamp: i64, body: &str) -> Result<String> {
    let mut mac = Hmac::<Sha256>::new_from_slice(&key(secret.expose_secret()))
        .map_err(|_| Error::Internal("a secret is no key".to_owned()))?;
    mac.update(format!("{id}.{timestamp}.").as_bytes());
    mac.update(body.as_bytes());
    Ok(format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes())))
}

/// The bytes of a secret: those it stands for, or else those of its letters.
fn key(secret: &str) -> Vec<u8> {
    let encoded = secret.strip_prefix(PREFIX).and_then(|text| STANDARD.decode(text).ok());
    encoded.unwrap_or_else(|| secret.as_bytes().to_vec())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    /// The example of the specification's reference libraries.
    #[test]
    fn a_signature_is_that_of_the_specification() {
        let secret = Secret::from("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
        let signature =
            sign(&secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, r#"{"test": 2432232314}"#).unwrap();
        assert_eq!(signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn a_signature_tells_every_part_of_a_call_apart() {
        let sign = |secret: &str, id, at, body| sign(&Secret::from(secret), id, at, body).unwrap();
        let mut all = vec![
            sign("a secret of words", "1", 1, "{}"),
            sign("another secret of words", "1", 1, "{}"),
            sign("a secret of words", "2", 1, "{}"),
            sign("a secret of words", "1", 2, "{}"),
            sign("a secret of words", "1", 1, "{ }"),
        ];
        all.sort();
        all.dedup();
        assert_eq!(all.len(), 5);
    }
}
