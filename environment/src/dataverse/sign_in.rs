//! Tokens of Entra ID for an application: with a secret, or with a statement signed by a certificate's key.

use super::access::{Access, Credential};
use crate::{Clock, EnvironmentError, port::Result};
use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use model::Timestamp;
use ring::{
    rand::SystemRandom,
    signature::{RSA_PSS_SHA256, RsaKeyPair},
};
use serde::Deserialize;
use serde_json::json;
use sha2::{Digest, Sha256};
use std::{collections::HashMap, sync::Arc, time::Duration};
use tokio::sync::Mutex;

/// How long before its end a token is renewed.
const EARLY: Duration = Duration::from_mins(5);

/// How long a signed statement is good for.
const STATEMENT: Duration = Duration::from_mins(10);

/// Longest answer of a token endpoint.
const MOST: usize = 64 * 1024;

/// Tokens by what they are for.
pub(super) struct Tokens {
    client: reqwest::Client,
    clock: Arc<dyn Clock>,
    held: Mutex<HashMap<String, (String, Timestamp)>>,
}

#[derive(Deserialize)]
struct Issued {
    access_token: String,
    expires_in: u64,
}

#[derive(Default, Deserialize)]
struct Refusal {
    #[serde(default)]
    error: String,
    #[serde(default)]
    error_description: String,
}

impl Tokens {
    pub(super) fn new(client: reqwest::Client, clock: Arc<dyn Clock>) -> Self {
        Self { client, clock, held: Mutex::default() }
    }

    /// A token that is good for a while yet. One at a time asks for it; the others wait and get the same.
    pub(super) async fn get(&self, access: &Access, scope: &str) -> Result<String> {
        let mut held = self.held.lock().await;
        let now = self.clock.now();
        if let Some((token, renew)) = held.get(scope)
            && now < *renew
        {
            return Ok(token.clone());
        }
        let issued = self.ask(access, scope).await?;
        let lasts = Duration::from_secs(issued.expires_in.min(24 * 3600));
        // A token that lasts no longer than that is renewed after half its life.
        let renew = now + lasts.saturating_sub(EARLY).max(lasts / 2);
        held.insert(scope.to_owned(), (issued.access_token.clone(), renew));
        Ok(issued.access_token)
    }

    /// Forgets a token that was refused.
    pub(super) async fn forget(&self, scope: &str, token: &str) {
        let mut held = self.held.lock().await;
        if held.get(scope).is_some_and(|(present, _)| present == token) {
            held.remove(scope);
        }
    }

    async fn ask(&self, access: &Access, scope: &str) -> Result<Issued> {
        let address = access.token_address();
        let mut form = vec![
            ("grant_type", "client_credentials".to_owned()),
            ("client_id", access.client_id.clone()),
            ("scope", scope.to_owned()),
        ];
        match &access.credential {
            Credential::Secret(secret) => form.push(("client_secret", secret.clone())),
            Credential::Certificate { certificate, key } => {
                let statement = statement(&access.client_id, &address, certificate, key, self.clock.now())?;
                form.push((
                    "client_assertion_type",
                    "urn:ietf:params:oauth:client-assertion-type:jwt-bearer".to_owned(),
                ));
                form.push(("client_assertion", statement));
            }
        }
        let answer = self.client.post(&address).form(&form).send().await;
        let answer = answer.map_err(|error| super::http::unreachable(&error, "Entra ID"))?;
        let status = answer.status();
        let bytes = super::http::limited(answer, MOST).await?;
        if status.is_success() {
            return serde_json::from_slice(&bytes).map_err(|_| {
                refused("The sign-in service did not answer with a token. Check the authority.".to_owned())
            });
        }
        let refusal: Refusal = serde_json::from_slice(&bytes).unwrap_or_default();
        if status.is_server_error() || status.as_u16() == 429 || refusal.error == "temporarily_unavailable" {
            let reason = format!("The sign-in service is not available now ({status}).");
            return Err(EnvironmentError::Unreachable { reason, retry_after: None });
        }
        Err(refused(explain(&refusal, access)))
    }
}

fn refused(message: String) -> EnvironmentError {
    EnvironmentError::Refused { code: None, message }
}

/// What a refusal means and what to do about it. Numbers of the sign-in service's own documentation.
fn explain(refusal: &Refusal, access: &Access) -> String {
    let said = refusal.error_description.lines().next().unwrap_or_default();
    let number =
        said.strip_prefix("AADSTS").map(|rest| rest.chars().take_while(char::is_ascii_digit).collect::<String>());
    let advice = match number.as_deref() {
        Some("90002" | "900023") => {
            format!("There is no tenant “{}”. Enter the tenant's id or one of its domains.", access.tenant)
        }
        Some("700016") => format!(
            "The tenant “{}” has no application {}. Check tenant and client id.",
            access.tenant, access.client_id
        ),
        Some("7000215") => "The client secret is wrong. Enter the secret's value, not its id.".to_owned(),
        Some("7000222") => "The client secret has expired. Create another one and enter it.".to_owned(),
        Some("700027") => "The certificate is not one of the application's. Upload it there first.".to_owned(),
        Some("700024") => {
            "The clock of this machine is wrong: the signed statement is not valid at this time. Set the clock."
                .to_owned()
        }
        Some("1002012" | "500011" | "650057") => {
            format!("The tenant “{}” does not know {}. Check tenant and address.", access.tenant, access.base())
        }
        _ => "The sign-in service refused the application.".to_owned(),
    };
    if said.is_empty() { advice } else { format!("{advice} ({said})") }
}

/// What is wrong with a credential before anybody is asked: the field, and a sentence.
pub(super) fn unusable(credential: &Credential) -> Option<(&'static str, &'static str)> {
    match credential {
        Credential::Secret(secret) if secret.trim().is_empty() => {
            Some(("client_secret", "Enter a client secret, or a certificate and its key."))
        }
        Credential::Secret(_) => None,
        Credential::Certificate { certificate, .. } if pem(certificate, "CERTIFICATE").is_none() => {
            Some(("certificate", "Enter the certificate in PEM: it begins with -----BEGIN CERTIFICATE-----."))
        }
        Credential::Certificate { key, .. } => {
            let readable = pem(key, "PRIVATE KEY").is_some_and(|key| RsaKeyPair::from_pkcs8(&key).is_ok());
            let message = "Enter the key in PEM: RSA in PKCS#8, which begins with -----BEGIN PRIVATE KEY-----.";
            (!readable).then_some(("key", message))
        }
    }
}

/// A statement that whoever sends it has the certificate's key: a JWT of RFC 7523.
fn statement(client_id: &str, audience: &str, certificate: &str, key: &str, now: Timestamp) -> Result<String> {
    let unusable = |what: &str| refused(format!("The {what} cannot be read. It has to be PEM, the key RSA in PKCS#8."));
    let certificate = pem(certificate, "CERTIFICATE").ok_or_else(|| unusable("certificate"))?;
    let key = pem(key, "PRIVATE KEY").ok_or_else(|| unusable("private key"))?;
    let key = RsaKeyPair::from_pkcs8(&key).map_err(|_| unusable("private key"))?;
    let seconds = now.0 / 1000;
    let header =
        json!({"alg": "PS256", "typ": "JWT", "x5t#S256": URL_SAFE_NO_PAD.encode(Sha256::digest(&certificate))});
    let random: [u8; 16] = rand::random();
    let claims = json!({
        "aud": audience, "iss": client_id, "sub": client_id, "jti": hex::encode(random), "nbf": seconds - 60,
        "iat": seconds, "exp": seconds + i64::try_from(STATEMENT.as_secs()).unwrap_or_default(),
    });
    let text = format!("{}.{}", URL_SAFE_NO_PAD.encode(header.to_string()), URL_SAFE_NO_PAD.encode(claims.to_string()));
    let mut signature = vec![0; key.public().modulus_len()];
    key.sign(&RSA_PSS_SHA256, &SystemRandom::new(), text.as_bytes(), &mut signature)
        .map_err(|_| refused("The private key does not sign.".to_owned()))?;
    Ok(format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature)))
}

/// The bytes of the first block of a kind.
fn pem(text: &str, kind: &str) -> Option<Vec<u8>> {
    let (begin, end) = (format!("-----BEGIN {kind}-----"), format!("-----END {kind}-----"));
    let inner = text.split(&begin).nth(1)?.split(&end).next()?;
    let inner: String = inner.chars().filter(|c| !c.is_whitespace()).collect();
    STANDARD.decode(inner).ok()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
    use super::*;
    use ring::signature::{KeyPair, RSA_PSS_2048_8192_SHA256, UnparsedPublicKey};
    use serde_json::Value;

    /// Made for these tests, and good for nothing else.
    const CERTIFICATE: &str = include_str!("../../tests/certificate/certificate.pem");
    const KEY: &str = include_str!("../../tests/certificate/key.pem");

    #[test]
    fn a_statement_is_signed_with_the_key_and_names_the_certificate() {
        let now = Timestamp(1_795_348_800_000);
        let statement = statement("client", "https://login.example/token", CERTIFICATE, KEY, now).unwrap();
        let parts: Vec<_> = statement.split('.').collect();
        let bytes = |part: &str| URL_SAFE_NO_PAD.decode(part).unwrap();
        let key = RsaKeyPair::from_pkcs8(&pem(KEY, "PRIVATE KEY").unwrap()).unwrap();
        let public = UnparsedPublicKey::new(&RSA_PSS_2048_8192_SHA256, key.public_key().as_ref());
        public.verify(format!("{}.{}", parts[0], parts[1]).as_bytes(), &bytes(parts[2])).unwrap();
        let header: Value = serde_json::from_slice(&bytes(parts[0])).unwrap();
        let thumbprint = Sha256::digest(pem(CERTIFICATE, "CERTIFICATE").unwrap());
        assert_eq!(
            (&header["alg"], header["x5t#S256"].as_str().unwrap()),
            (&json!("PS256"), URL_SAFE_NO_PAD.encode(thumbprint).as_str())
        );
        let claims: Value = serde_json::from_slice(&bytes(parts[1])).unwrap();
        assert_eq!((&claims["aud"], &claims["sub"]), (&json!("https://login.example/token"), &json!("client")));
        assert_eq!(claims["exp"], json!(1_795_348_800_i64 + 600));
    }

    #[test]
    fn a_credential_that_cannot_be_used_is_told_before_anybody_is_asked() {
        let certificate = |certificate: &str, key: &str| Credential::Certificate {
            certificate: certificate.to_owned(),
            key: key.to_owned(),
        };
        for (credential, field) in [
            (Credential::Secret("s".to_owned()), None),
            (Credential::Secret(" ".to_owned()), Some("client_secret")),
            (certificate(CERTIFICATE, KEY), None),
            (certificate(KEY, KEY), Some("certificate")),
            (certificate(CERTIFICATE, CERTIFICATE), Some("key")),
            (certificate(CERTIFICATE, "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----"), Some("key")),
        ] {
            assert_eq!(unusable(&credential).map(|(field, _)| field), field, "{credential:?}");
        }
    }
}
