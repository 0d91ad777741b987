//! Requests to providers: over https, without following redirects, limited in time and size.

use http::{Request, Response};
use std::{sync::OnceLock, time::Duration};

/// How long a provider may take for an answer.
const PATIENCE: Duration = Duration::from_secs(10);
/// Bytes of an answer at most.
const LONGEST: usize = 1024 * 1024;

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum HttpError {
    /// The provider cannot be reached, or breaks off.
    #[error("no answer: {0}")]
    Unreachable(#[from] reqwest::Error),
    /// The answer is too long.
    #[error("the answer is longer than {LONGEST} bytes")]
    TooLong,
    /// The request or the answer is none.
    #[error("not HTTP: {0}")]
    Malformed(#[from] http::Error),
    /// TLS cannot be set up on this machine.
    #[error("no TLS: {0}")]
    Tls(String),
}

/// Sends a request and reads the whole answer.
pub async fn send(request: Request<Vec<u8>>) -> Result<Response<Vec<u8>>, HttpError> {
    let mut answer = client()?.execute(reqwest::Request::try_from(request)?).await?;
    let mut response = Response::builder().status(answer.status());
    if let Some(headers) = response.headers_mut() {
        headers.clone_from(answer.headers());
    }
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await? {
        if body.len() + chunk.len() > LONGEST {
            return Err(HttpError::TooLong);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(response.body(body)?)
}

/// The one client: it keeps connections.
fn client() -> Result<&'static reqwest::Client, HttpError> {
    static CLIENT: OnceLock<Result<reqwest::Client, String>> = OnceLock::new();
    CLIENT.get_or_init(build).as_ref().map_err(|error| HttpError::Tls(error.clone()))
}

fn build() -> Result<reqwest::Client, String> {
    // Somebody else in the process may have chosen one already, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .timeout(PATIENCE)
        .user_agent("Slipway")
        .build()
        .map_err(|error| error.to_string())
}
