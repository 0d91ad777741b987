//! One provider: what it says of itself, the way to it and back.

use super::{
    claims::{Claims, Groups, Standard},
    graph,
    http::send,
    settings::ProviderSettings,
};
use chrono::{DateTime, Utc};
use environment::Clock;
use model::{Problem, Timestamp};
use openidconnect::{
    AuthenticationFlow, AuthorizationCode, Client, ClientId, ClientSecret, CsrfToken, EmptyExtraTokenFields,
    EndpointMaybeSet, EndpointNotSet, EndpointSet, IdTokenFields, IdTokenVerifier, IssuerUrl, JsonWebKeySet, Nonce,
    OAuth2TokenResponse, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, Scope, StandardErrorResponse,
    StandardTokenResponse, TokenResponse,
    core::{
        CoreAuthDisplay, CoreAuthPrompt, CoreErrorResponseType, CoreGenderClaim, CoreJsonWebKey,
        CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm, CoreProviderMetadata, CoreResponseType,
        CoreRevocableToken, CoreRevocationErrorResponse, CoreTokenIntrospectionResponse, CoreTokenType,
    },
};
use pipelines::{
    secret::ExposeSecret,
    sign_in::{Pending, ProviderIdentity},
};
use std::{fmt, sync::Arc, time::Duration};
use tokio::sync::Mutex;
use url::Url;

/// How long what a provider says of itself is taken to hold.
const DISCOVERED: Duration = Duration::from_hours(1);
/// How often keys are fetched again because a token was signed with one that is not known.
const KEYS: Duration = Duration::from_secs(30);
/// How far the provider's clock and this one may be apart.
const SKEW: Duration = Duration::from_mins(2);
/// How old a token may be when it is redeemed.
const OLDEST: Duration = Duration::from_mins(15);

/// Signatures that count: those that need the provider's private key.
const ALGORITHMS: [CoreJwsSigningAlgorithm; 9] = [
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha384,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha512,
    CoreJwsSigningAlgorithm::RsaSsaPssSha256,
    CoreJwsSigningAlgorithm::RsaSsaPssSha384,
    CoreJwsSigningAlgorithm::RsaSsaPssSha512,
    CoreJwsSigningAlgorithm::EcdsaP256Sha256,
    CoreJwsSigningAlgorithm::EcdsaP384Sha384,
    CoreJwsSigningAlgorithm::EdDsa,
];

type Answer = StandardTokenResponse<
    IdTokenFields<
        Claims,
        EmptyExtraTokenFields,
        CoreGenderClaim,
        CoreJweContentEncryptionAlgorithm,
        CoreJwsSigningAlgorithm,
    >,
    CoreTokenType,
>;

type OpenIdClient = Client<
    Claims,
    CoreAuthDisplay,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJsonWebKey,
    CoreAuthPrompt,
    StandardErrorResponse<CoreErrorResponseType>,
    Answer,
    CoreTokenIntrospectionResponse,
    CoreRevocableToken,
    CoreRevocationErrorResponse,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

/// Why nobody signed in. The cause is for the log.
#[derive(Debug)]
pub enum OpenIdError {
    /// The provider does not answer, or not as a provider does.
    Unavailable(String),
    /// What it answered does not count.
    Refused(String),
}

impl fmt::Display for OpenIdError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unavailable(cause) | Self::Refused(cause) => formatter.write_str(cause),
        }
    }
}

impl OpenIdError {
    /// What a person may read of it.
    pub fn problem(&self, provider: &str) -> Problem {
        match self {
            Self::Unavailable(_) => Problem::Unavailable(format!(
                "{provider} does not answer as it should, so you are not signed in. Try again in a moment; if it happens \
                 again, ask your administrator to look into the log."
            )),
            Self::Refused(_) => Problem::Refused(format!(
                "What {provider} said cannot be relied on, so you are not signed in. Try again; if it happens again, ask \
                 your administrator to look into the log."
            )),
        }
    }
}

/// The way to a provider.
pub struct Departure {
    /// Where the browser goes.
    pub address: Url,
    /// What the provider hands back.
    pub state: String,
    /// What has to be in the token.
    pub nonce: String,
    /// What proves that the code is redeemed by whom it was asked by.
    pub verifier: String,
}

/// A provider.
pub struct Provider {
    /// Its settings.
    pub settings: ProviderSettings,
    /// Where it sends people back to.
    redirect: RedirectUrl,
    clock: Arc<dyn Clock>,
    known: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    metadata: Option<Arc<CoreProviderMetadata>>,
    discovered: Timestamp,
    keys_fetched: Timestamp,
}

impl Provider {
    /// A provider that sends people back to an address below `public_url`; none when that is no address.
    pub fn new(settings: ProviderSettings, public_url: &str, clock: Arc<dyn Clock>) -> Option<Self> {
        let redirect = RedirectUrl::new(format!("{public_url}/sign-in/{}/callback", settings.key)).ok()?;
        Some(Self { settings, redirect, clock, known: Mutex::default() })
    }

    /// The way to the provider.
    pub async fn depart(&self) -> Result<Departure, OpenIdError> {
        let client = self.client(&*self.metadata().await?);
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let mut request = client
            .authorize_url(
                AuthenticationFlow::<CoreResponseType>::AuthorizationCode,
                CsrfToken::new_random,
                Nonce::new_random,
            )
            .set_pkce_challenge(challenge);
        for scope in ["profile", "email"].into_iter().chain(self.settings.scopes.iter().map(String::as_str)) {
            request = request.add_scope(Scope::new(scope.to_owned()));
        }
        let (address, state, nonce) = request.url();
        Ok(Departure {
            address,
            state: state.into_secret(),
            nonce: nonce.secret().clone(),
            verifier: verifier.into_secret(),
        })
    }

    /// Redeems the code that somebody came back with, and says who they are.
    pub async fn arrive(&self, code: String, pending: &Pending) -> Result<ProviderIdentity, OpenIdError> {
        let metadata = self.metadata().await?;
        let client = self.client(&metadata);
        let answer = client
            .exchange_code(AuthorizationCode::new(code))
            .map_err(|error| OpenIdError::Unavailable(format!("the provider has no token endpoint: {error}")))?
            .set_pkce_verifier(PkceCodeVerifier::new(pending.verifier.clone()))
            .request_async(&send)
            .await
            .map_err(|error| redeeming(&error))?;
        let token =
            answer.id_token().ok_or_else(|| OpenIdError::Refused("there is no ID token in the answer".to_owned()))?;
        let nonce = Nonce::new(pending.nonce.clone());
        let unverified = |error| OpenIdError::Refused(format!("the ID token does not count: {error}"));
        let claims = match token.claims(&self.verifier(&metadata), &nonce) {
            Ok(claims) => claims,
            Err(error) => {
                // A key that is not known may be a new one.
                let Some(metadata) = self.with_fresh_keys(&error).await? else { return Err(unverified(error)) };
                token.claims(&self.verifier(&metadata), &nonce).map_err(unverified)?
            }
        };
        let standard = Standard {
            subject: claims.subject().as_str().to_owned(),
            preferred_username: claims.preferred_username().map(|name| name.as_str().to_owned()),
            name: claims.name().and_then(|name| name.get(None)).map(|name| name.as_str().to_owned()),
        };
        let own = claims.additional_claims();
        let groups = match own.groups(&self.settings) {
            Groups::Unwanted => None,
            Groups::Told(groups) => Some(groups),
            Groups::Overage => Some(
                graph::groups(&self.settings.graph, answer.access_token())
                    .await
                    .map_err(|error| OpenIdError::Unavailable(format!("the groups are not known: {error}")))?,
            ),
        };
        own.identity(&self.settings, &standard, groups).map_err(|error| OpenIdError::Refused(error.to_string()))
    }

    fn client(&self, metadata: &CoreProviderMetadata) -> OpenIdClient {
        OpenIdClient::from_provider_metadata(metadata.clone(), self.client_id(), self.client_secret())
            .set_redirect_uri(self.redirect.clone())
    }

    fn client_id(&self) -> ClientId {
        ClientId::new(self.settings.client_id.clone())
    }

    fn client_secret(&self) -> Option<ClientSecret> {
        self.settings.client_secret.as_ref().map(|secret| ClientSecret::new(secret.expose_secret().to_owned()))
    }

    /// Checks signature, issuer, audience, nonce and times.
    fn verifier(&self, metadata: &CoreProviderMetadata) -> IdTokenVerifier<'static, CoreJsonWebKey> {
        let (id, issuer, keys) = (self.client_id(), metadata.issuer().clone(), metadata.jwks().clone());
        let verifier = match self.client_secret() {
            Some(secret) => IdTokenVerifier::new_confidential_client(id, secret, issuer, keys),
            None => IdTokenVerifier::new_public_client(id, issuer, keys),
        };
        let now = self.clock.now();
        verifier
            .set_allowed_algs(ALGORITHMS)
            // A token that has just expired by this clock may not have by the provider's.
            .set_time_fn(move || date_time(Timestamp(now.0 - milliseconds(SKEW))))
            .set_issue_time_verifier_fn(move |issued| issue_time(Timestamp(issued.timestamp_millis()), now))
    }

    /// What the provider says of itself.
    async fn metadata(&self) -> Result<Arc<CoreProviderMetadata>, OpenIdError> {
        let now = self.clock.now();
        let mut known = self.known.lock().await;
        if let Some(metadata) = known.metadata.as_ref().filter(|_| now.since(known.discovered) < DISCOVERED) {
            return Ok(metadata.clone());
        }
        match self.discover().await {
            Ok(metadata) => {
                let metadata = Arc::new(metadata);
                known.metadata = Some(metadata.clone());
                known.discovered = now;
                Ok(metadata)
            }
            // What it said before still holds as far as anybody knows.
            Err(error) => match &known.metadata {
                Some(metadata) => {
                    tracing::warn!(provider = self.settings.key, %error, "a provider could not be asked again");
                    let metadata = metadata.clone();
                    known.discovered = now;
                    Ok(metadata)
                }
                None => Err(error),
            },
        }
    }

    async fn discover(&self) -> Result<CoreProviderMetadata, OpenIdError> {
        let unavailable = |error: String| OpenIdError::Unavailable(format!("discovery failed: {error}"));
        let issuer = IssuerUrl::new(self.settings.issuer.clone()).map_err(|error| unavailable(error.to_string()))?;
        let metadata =
            CoreProviderMetadata::discover_async(issuer, &send).await.map_err(|error| unavailable(causes(&error)))?;
        let is_https = self.settings.issuer.starts_with("https://");
        let endpoints = [
            Some(metadata.authorization_endpoint().url()),
            metadata.token_endpoint().map(openidconnect::TokenUrl::url),
            Some(metadata.jwks_uri().url()),
        ];
        if is_https && endpoints.into_iter().flatten().any(|endpoint| endpoint.scheme() != "https") {
            return Err(unavailable("an endpoint is not reached over https".to_owned()));
        }
        Ok(metadata)
    }

    /// Fetches the keys again after a token was signed with one that is not known; none when that was not what is wrong
    /// with it, or when they were fetched a moment ago.
    async fn with_fresh_keys(
        &self,
        error: &openidconnect::ClaimsVerificationError,
    ) -> Result<Option<Arc<CoreProviderMetadata>>, OpenIdError> {
        use openidconnect::{ClaimsVerificationError as Claims, SignatureVerificationError as Signature};
        if !matches!(error, Claims::SignatureVerification(Signature::NoMatchingKey | Signature::CryptoError(_))) {
            return Ok(None);
        }
        let now = self.clock.now();
        let mut known = self.known.lock().await;
        if now.since(known.keys_fetched) < KEYS {
            return Ok(None);
        }
        known.keys_fetched = now;
        let Some(metadata) = known.metadata.clone() else { return Ok(None) };
        let keys = JsonWebKeySet::fetch_async(metadata.jwks_uri(), &send)
            .await
            .map_err(|error| OpenIdError::Unavailable(format!("the keys could not be fetched: {}", causes(&error))))?;
        let metadata = Arc::new(metadata.as_ref().clone().set_jwks(keys));
        known.metadata = Some(metadata.clone());
        tracing::info!(provider = self.settings.key, "fetched the keys of a provider again");
        Ok(Some(metadata))
    }
}

impl fmt::Debug for Provider {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Provider").field("key", &self.settings.key).finish_non_exhaustive()
    }
}

/// When a token may have been issued: not long ago, and not in the future.
fn issue_time(issued: Timestamp, now: Timestamp) -> Result<(), String> {
    if issued.since(now) > SKEW {
        Err("it is from the future; look at the clocks".to_owned())
    } else if now.since(issued) > OLDEST {
        Err("it is too old".to_owned())
    } else {
        Ok(())
    }
}

fn redeeming<E: std::error::Error + 'static>(
    error: &openidconnect::RequestTokenError<E, StandardErrorResponse<CoreErrorResponseType>>,
) -> OpenIdError {
    use openidconnect::RequestTokenError as Cause;
    match error {
        // An expired or redeemed code, a wrong client secret: the provider says which.
        Cause::ServerResponse(response) => OpenIdError::Refused(format!("the code was not redeemed: {response}")),
        Cause::Parse(..) | Cause::Request(_) | Cause::Other(_) => {
            OpenIdError::Unavailable(format!("the code could not be redeemed: {}", causes(error)))
        }
    }
}

fn causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}

fn milliseconds(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

fn date_time(at: Timestamp) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(at.0).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_from_now_as_far_as_clocks_agree() {
        let now = Timestamp(1_795_348_800_000);
        for (seconds, fine) in [(0, true), (119, true), (121, false), (-60, true), (-899, true), (-901, false)] {
            assert_eq!(issue_time(Timestamp(now.0 + seconds * 1000), now).is_ok(), fine, "{seconds}");
        }
    }
}
