//! Requests to the Web API: signed in, with a deadline each, repeated only where that does no harm.

use super::{access::Access, sign_in::Tokens};
use crate::{
    Clock, EnvironmentError, PackageStore, StoredPackage,
    base64_body::{Incoming, Outgoing},
    port::Result,
};
use bytes::Bytes;
use futures::StreamExt;
use model::ErrorCode;
use reqwest::{Method, Response, StatusCode, header};
use serde::Deserialize;
use serde_json::{Map, Value};
use std::{sync::Arc, time::Duration};
use tokio::sync::Semaphore;

/// How long an answer may take that has no package in it.
const DEADLINE: Duration = Duration::from_mins(2);

/// How long a package may take on its way.
const PACKAGE_DEADLINE: Duration = Duration::from_mins(20);

/// How long a connection may take.
const CONNECT: Duration = Duration::from_secs(10);

/// Requests at once; the platform's limit for one user is 52.
const AT_ONCE: usize = 8;

/// Tries of a request that does no harm when it is repeated.
const TRIES: u32 = 4;

/// The longest wait within a request. Whoever is asked to wait longer is told so.
const LONGEST_WAIT: Duration = Duration::from_secs(20);

/// Bytes of a JSON answer.
const MOST: usize = 64 * 1024 * 1024;

/// Parts of a list.
const MOST_PARTS: usize = 200;

/// A request.
pub(super) struct Ask<'a> {
    pub method: Method,
    /// Below the service: `solutions?$select=…`, percent signs done. Or a whole address.
    pub path: &'a str,
    pub body: Sent<'a>,
    /// Whether it may be sent again when nobody knows what became of it.
    pub repeatable: bool,
}

/// What is sent along.
pub(super) enum Sent<'a> {
    Nothing,
    Json(&'a Value),
    Package(&'a Map<String, Value>, &'static str, &'a StoredPackage),
}

/// Why a request came to nothing.
#[derive(Debug)]
pub(super) struct Failure {
    /// The answer's status, where there was an answer.
    pub status: Option<StatusCode>,
    pub error: EnvironmentError,
    /// Whether the environment may have done what it was asked all the same.
    pub may_be_done: bool,
}

impl From<Failure> for EnvironmentError {
    fn from(failure: Failure) -> Self {
        failure.error
    }
}

impl From<EnvironmentError> for Failure {
    fn from(error: EnvironmentError) -> Self {
        Self { status: None, error, may_be_done: false }
    }
}

impl Failure {
    /// Whether there is no such record.
    pub fn is_missing(&self) -> bool {
        self.status == Some(StatusCode::NOT_FOUND)
    }
}

/// The client.
pub(super) struct Http {
    pub access: Access,
    client: reqwest::Client,
    tokens: Tokens,
    at_once: Semaphore,
    packages: PackageStore,
}

#[derive(Deserialize)]
struct Refused {
    error: RefusedError,
}

#[derive(Deserialize)]
struct RefusedError {
    #[serde(default)]
    code: String,
    #[serde(default)]
    message: String,
}

impl Http {
    pub fn new(access: Access, packages: PackageStore, clock: Arc<dyn Clock>) -> Result<Self> {
        // Where something else chose the cryptography of this process already, that is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::builder()
            .connect_timeout(CONNECT)
            .user_agent(concat!("Slipway/", env!("CARGO_PKG_VERSION")))
            // A token must not follow to where an answer points.
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .map_err(|error| EnvironmentError::Internal(Box::new(error)))?;
        let tokens = Tokens::new(client.clone(), clock);
        Ok(Self { access, client, tokens, at_once: Semaphore::new(AT_ONCE), packages })
    }

    /// Gets a token, or has one.
    pub async fn sign_in(&self) -> Result<()> {
        self.tokens.get(&self.access, &self.access.scope()).await.map(drop)
    }

    /// Reads a JSON object.
    pub async fn get(&self, path: &str) -> std::result::Result<Value, Failure> {
        self.json(Ask { method: Method::GET, path, body: Sent::Nothing, repeatable: true }).await
    }

    /// Reads a list, part by part.
    pub async fn list(&self, path: &str) -> std::result::Result<Vec<Map<String, Value>>, Failure> {
        let mut rows = Vec::new();
        let mut next = Some(path.to_owned());
        for _ in 0..MOST_PARTS {
            let Some(path) = next.take() else { return Ok(rows) };
            let mut part = self.get(&path).await?;
            if let Some(Value::Array(found)) = part.get_mut("value").map(Value::take) {
                rows.extend(found.into_iter().filter_map(|row| match row {
                    Value::Object(row) => Some(row),
                    _ => None,
                }));
            }
            next = part.get("@odata.nextLink").and_then(Value::as_str).map(str::to_owned);
        }
        if next.is_none() {
            return Ok(rows);
        }
        Err(refused("The environment's list does not come to an end.").into())
    }

    /// Sends JSON and reads JSON; an empty answer is null.
    pub async fn post(&self, path: &str, body: &Value, repeatable: bool) -> std::result::Result<Value, Failure> {
        self.json(Ask { method: Method::POST, path, body: Sent::Json(body), repeatable }).await
    }

    /// Sends a request and reads JSON.
    pub async fn json(&self, ask: Ask<'_>) -> std::result::Result<Value, Failure> {
        let answer = self.send(&ask).await?;
        let status = answer.status();
        let bytes = limited(answer, MOST).await?;
        if bytes.is_empty() {
            return Ok(Value::Null);
        }
        serde_json::from_slice(&bytes).map_err(|_| Failure {
            status: Some(status),
            error: refused("The environment did not answer with JSON. Check its address."),
            may_be_done: true,
        })
    }

    /// Sends a request whose answer carries a package, and stores it.
    pub async fn download(&self, path: &str, body: &Value, field: &str) -> std::result::Result<StoredPackage, Failure> {
        let answer = self.send(&Ask { method: Method::POST, path, body: Sent::Json(body), repeatable: true }).await?;
        let mut incoming = Incoming::new(answer.bytes_stream(), field, MOST);
        let broken = |error: std::io::Error| {
            Failure::from(EnvironmentError::Unreachable {
                reason: format!("The package broke off on its way from the environment: {error}."),
                retry_after: None,
            })
        };
        let Some(content) = incoming.content().await.map_err(broken)? else {
            return Err(refused("The environment answered without a package.").into());
        };
        Ok(self.packages.put(content).await.map_err(EnvironmentError::from)?)
    }

    /// Sends a request until it is answered, waiting as the environment asks.
    async fn send(&self, ask: &Ask<'_>) -> std::result::Result<Response, Failure> {
        let scope = self.scope(ask.path);
        let mut renewed = false;
        let mut tried = 0;
        loop {
            tried += 1;
            let token = self.tokens.get(&self.access, &scope).await?;
            let failure = match self.once(ask, &token).await {
                Ok(answer) if answer.status().is_success() => return Ok(answer),
                // The token ended early, or its key was changed: another one, once.
                Ok(answer) if answer.status() == StatusCode::UNAUTHORIZED && !renewed => {
                    renewed = true;
                    self.tokens.forget(&scope, &token).await;
                    continue;
                }
                Ok(answer) => failure(answer).await,
                Err(failure) => failure,
            };
            let EnvironmentError::Unreachable { retry_after, .. } = &failure.error else { return Err(failure) };
            let wait = retry_after.unwrap_or_else(|| Duration::from_millis(250) * 2_u32.saturating_pow(tried));
            let may_repeat = ask.repeatable || !failure.may_be_done;
            if !may_repeat || tried >= TRIES || wait > LONGEST_WAIT {
                return Err(failure);
            }
            tracing::debug!(path = ask.path, ?wait, "a request to Dataverse is repeated");
            tokio::time::sleep(wait).await;
        }
    }

    async fn once(&self, ask: &Ask<'_>, token: &str) -> std::result::Result<Response, Failure> {
        let _place = self.at_once.acquire().await.map_err(|error| EnvironmentError::Internal(Box::new(error)))?;
        let mut request = self
            .client
            .request(ask.method.clone(), self.address(ask.path)?)
            .bearer_auth(token)
            .header(header::ACCEPT, "application/json")
            .header("OData-Version", "4.0")
            .header("OData-MaxVersion", "4.0")
            .header("If-None-Match", "null")
            .header("Prefer", "odata.maxpagesize=500")
            .timeout(DEADLINE);
        request = match ask.body {
            Sent::Nothing => request,
            Sent::Json(body) => request
                .header(header::CONTENT_TYPE, "application/json; charset=utf-8")
                .body(body.to_string())
                .timeout(if ask.path.starts_with("Download") { PACKAGE_DEADLINE } else { DEADLINE }),
            Sent::Package(object, field, package) => {
                let file = tokio::fs::File::open(self.packages.path(package)).await.map_err(EnvironmentError::from)?;
                let outgoing = Outgoing::new(object, field, file, package.bytes);
                request
                    .header(header::CONTENT_TYPE, "application/json; charset=utf-8")
                    .header(header::CONTENT_LENGTH, outgoing.length())
                    .body(reqwest::Body::wrap_stream(outgoing.stream()))
                    .timeout(PACKAGE_DEADLINE)
            }
        };
        request.send().await.map_err(|error| Failure {
            status: None,
            may_be_done: !error.is_connect(),
            error: unreachable(&error, "The environment"),
        })
    }

    /// The address of a request. A whole one has to be the environment's own, so that no token leaves for elsewhere.
    fn address(&self, path: &str) -> Result<String> {
        let service = format!("{}/api/data/v9.2/", self.access.base());
        if !path.contains("://") {
            return Ok(format!("{service}{path}"));
        }
        let own =
            path.starts_with(&format!("{}/", self.access.base())) || path.starts_with(&self.access.connectivity());
        if own { Ok(path.to_owned()) } else { Err(refused("The environment leads to an address that is not its own.")) }
    }

    fn scope(&self, path: &str) -> String {
        if path.starts_with(&self.access.connectivity()) {
            self.access.connectivity_scope()
        } else {
            self.access.scope()
        }
    }
}

/// Reads an answer of bounded length.
pub(super) async fn limited(answer: Response, most: usize) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut stream = answer.bytes_stream();
    while let Some(piece) = stream.next().await {
        let piece: Bytes = piece.map_err(|error| unreachable(&error, "The environment"))?;
        if bytes.len() + piece.len() > most {
            return Err(refused("The environment's answer is longer than any should be."));
        }
        bytes.extend_from_slice(&piece);
    }
    Ok(bytes)
}

/// What a failure of the network comes to, in a sentence.
pub(super) fn unreachable(error: &reqwest::Error, whom: &str) -> EnvironmentError {
    let mut causes = String::new();
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        causes = cause.to_string();
        source = cause.source();
    }
    let lower = causes.to_lowercase();
    let host = error.url().and_then(|url| url.host_str()).unwrap_or_default().to_owned();
    let reason = if error.is_timeout() {
        format!("{whom} ({host}) did not answer in time.")
    } else if lower.contains("certificate") || lower.contains("tls") || lower.contains("handshake") {
        format!(
            "{whom} ({host}) cannot prove who it is: {causes}. Check the address, the clock of this machine, and that its certificate is trusted here."
        )
    } else if lower.contains("dns") || lower.contains("lookup") || lower.contains("name or service") {
        format!("There is no machine named {host}: {causes}. Check the address.")
    } else if error.is_connect() {
        format!("{whom} ({host}) cannot be reached: {causes}.")
    } else {
        format!("The connection with {host} broke off: {causes}.")
    };
    EnvironmentError::Unreachable { reason, retry_after: None }
}

pub(super) fn refused(message: impl Into<String>) -> EnvironmentError {
    EnvironmentError::Refused { code: None, message: message.into() }
}

/// What an answer that is no success means.
async fn failure(answer: Response) -> Failure {
    let status = answer.status();
    let retry_after = answer
        .headers()
        .get(header::RETRY_AFTER)
        .and_then(|value| value.to_str().ok())
        .and_then(|text| text.trim().parse().ok())
        .map(Duration::from_secs);
    let bytes = limited(answer, MOST).await.unwrap_or_default();
    let said: Option<Refused> = serde_json::from_slice(&bytes).ok();
    let (code, message) = said.map(|said| (said.error.code, said.error.message)).unwrap_or_default();
    let code = read_code(&code);
    // What was not let in was not done; what broke inside may have been.
    let may_be_done = status.is_server_error() && status != StatusCode::SERVICE_UNAVAILABLE;
    Failure { status: Some(status), error: meaning(status, code, message, retry_after), may_be_done }
}

fn meaning(
    status: StatusCode,
    code: Option<ErrorCode>,
    message: String,
    retry_after: Option<Duration>,
) -> EnvironmentError {
    if status == StatusCode::TOO_MANY_REQUESTS || status.is_server_error() {
        let reason = if message.is_empty() { format!("The environment answered {status}.") } else { message };
        return EnvironmentError::Unreachable { reason, retry_after };
    }
    if code == Some(ErrorCode::SOLUTION_CONCURRENCY) {
        return EnvironmentError::Busy { running: running(&message) };
    }
    let message = match (status, code) {
        (StatusCode::FORBIDDEN, Some(ErrorCode(0x8007_2560))) => format!(
            "The application is no user of this environment. Add it there as an application user with the role System Administrator. ({message})"
        ),
        (StatusCode::UNAUTHORIZED, _) => {
            "The environment does not accept the application's token. Check that tenant and environment belong together.".to_owned()
        }
        (StatusCode::FORBIDDEN, _) => format!("The application lacks a privilege in this environment. {message}"),
        _ if message.is_empty() => format!("The environment answered {status}. Check its address."),
        _ => message,
    };
    EnvironmentError::Refused { code, message }
}

/// The operation in `because there is another [Import] running`.
fn running(message: &str) -> String {
    let after = message.split("another [").nth(1).and_then(|rest| rest.split(']').next());
    after.filter(|name| !name.is_empty()).unwrap_or("Import").to_owned()
}

/// Reads a code in either of the platform's forms.
pub(super) fn read_code(text: &str) -> Option<ErrorCode> {
    let text = text.trim();
    if let Some(digits) = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        return u32::from_str_radix(digits, 16).ok().map(ErrorCode).filter(|code| code.0 != 0);
    }
    let number: i64 = text.parse().ok()?;
    code_of(number)
}

/// The code of a signed number.
pub(super) fn code_of(number: i64) -> Option<ErrorCode> {
    let number = i32::try_from(number).ok().map(i32::cast_unsigned).or_else(|| u32::try_from(number).ok())?;
    (number != 0).then_some(ErrorCode(number))
}

/// A text within a filter, percent signs done.
pub(super) fn quoted(text: &str) -> String {
    percent(&format!("'{}'", text.replace('\'', "''")))
}

/// A text within an address.
pub(super) fn percent(text: &str) -> String {
    use std::fmt::Write;
    text.bytes().fold(String::new(), |mut done, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~'(),$=:/".contains(&byte) {
            done.push(char::from(byte));
        } else {
            // Writing to a String does not fail.
            let _ = write!(done, "%{byte:02X}");
        }
        done
    })
}
