//! One request to the Web API, whether it came alone or in a batch, and its answer.

use crate::{
    error::{ApiError, JSON, Result},
    odata::query::{decode, options, split},
    organization::OwnFile,
};
use axum::{
    body::Body,
    response::{IntoResponse, Response},
};
use environment::{PackageStore, StoredPackage, base64_body::Outgoing};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use serde_json::{Map, Value};
use std::sync::{Mutex, PoisonError};
use tokio_util::io::ReaderStream;

/// Bytes of a JSON body, a file in it not counted.
pub const MOST_JSON: usize = 4 * 1024 * 1024;

/// Bytes of a file read from the disk at once.
const CHUNK: usize = 64 * 1024;

/// The header with the address of a record.
pub const ENTITY_ID: HeaderName = HeaderName::from_static("odata-entityid");

/// A request.
pub struct Call {
    /// Method.
    pub method: Method,
    /// What stands between slashes, percent signs undone.
    pub segments: Vec<Segment>,
    /// What stands after the question mark, as it is.
    pub query: String,
    /// Headers.
    pub headers: HeaderMap,
    /// Body. Behind a lock because a body alone cannot be looked at from two threads, and a request can.
    pub body: Mutex<Body>,
}

/// A part of an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Segment {
    /// `solutions`
    pub name: String,
    /// `uniquename='x'` of `solutions(uniquename='x')`.
    pub key: Option<String>,
}

/// What follows from `Prefer` and the like.
#[derive(Clone, Copy, Debug, Default)]
pub struct Preferences {
    /// Whether a change is answered with the record.
    pub representation: bool,
    /// Records of a part.
    pub page_size: Option<usize>,
    /// Whether values are accompanied by annotations.
    pub annotated: bool,
    /// Whether a batch goes on after a failure.
    pub continue_on_error: bool,
}

/// An answer.
pub struct Answer {
    /// Status.
    pub status: StatusCode,
    /// Headers beyond what every answer has.
    pub headers: HeaderMap,
    /// Content.
    pub content: Content,
}

/// Content of an answer.
pub enum Content {
    /// None.
    Empty,
    /// JSON.
    Json(Value),
    /// Text of a media type.
    Text(&'static str, String),
    /// JSON with a package as base64 in it.
    Package {
        /// The rest of the object.
        object: Map<String, Value>,
        /// The field.
        field: &'static str,
        /// The package.
        package: StoredPackage,
    },
    /// A file as it is.
    File(OwnFile),
}

impl Call {
    /// Reads a path below the service's address.
    pub fn segments(path: &str) -> Result<Vec<Segment>> {
        let decoded = decode(path, false)?;
        let parts = split(decoded.trim_matches('/'), '/')?;
        let segments = parts.into_iter().map(|part| match part.split_once('(') {
            Some((name, rest)) => {
                let key = rest.strip_suffix(')').ok_or_else(|| ApiError::odata("The address has an open bracket."))?;
                Ok(Segment { name: name.to_owned(), key: Some(key.trim().to_owned()) })
            }
            None => Ok(Segment { name: part.to_owned(), key: None }),
        });
        segments.collect()
    }

    /// The body.
    pub fn into_body(self) -> Body {
        self.body.into_inner().unwrap_or_else(PoisonError::into_inner)
    }

    /// Preferences of the client.
    pub fn preferences(&self) -> Preferences {
        preferences(&self.headers)
    }

    /// Parameters of a function: those in brackets, with aliases (`@p1`) looked up in the query.
    pub fn parameters(&self, key: Option<&str>) -> Result<Map<String, Value>> {
        let aliases = options(&self.query)?;
        let mut parameters = Map::new();
        for part in split(key.unwrap_or_default(), ',')? {
            let (name, value) = part.split_once('=').ok_or_else(|| ApiError::odata("A parameter has no value."))?;
            let value = value.trim();
            let value = match value.strip_prefix('@') {
                Some(_) => {
                    aliases.iter().find(|(name, _)| name == value).map(|(_, value)| value.clone()).ok_or_else(|| {
                        ApiError::odata(format!("The parameter alias '{value}' has no value in the address."))
                    })?
                }
                None => value.to_owned(),
            };
            parameters.insert(name.trim().to_owned(), parameter(&value));
        }
        Ok(parameters)
    }

    /// Reads a JSON object.
    pub async fn object(self) -> Result<Map<String, Value>> {
        let bytes = axum::body::to_bytes(self.into_body(), MOST_JSON).await;
        let bytes = bytes.map_err(|_| ApiError::too_large(format!("The body has more than {MOST_JSON} bytes.")))?;
        if bytes.iter().all(u8::is_ascii_whitespace) {
            return Ok(Map::new());
        }
        match serde_json::from_slice(&bytes) {
            Ok(Value::Object(object)) => Ok(object),
            Ok(_) => Err(ApiError::argument("The body has to be a JSON object.")),
            Err(error) => Err(ApiError::argument(format!("The body is not JSON: {error}."))),
        }
    }
}

fn parameter(value: &str) -> Value {
    match value.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\'')) {
        Some(text) => text.replace("''", "'").into(),
        None => match value {
            "true" => true.into(),
            "false" => false.into(),
            "null" => Value::Null,
            other => other.into(),
        },
    }
}

/// Reads `Prefer`.
pub fn preferences(headers: &HeaderMap) -> Preferences {
    let mut preferences = Preferences::default();
    let values = headers.get_all("prefer").iter().filter_map(|value| value.to_str().ok());
    for part in values.flat_map(|value| value.split([',', ';'])) {
        let (name, value) = part.split_once('=').unwrap_or((part, ""));
        let value = value.trim().trim_matches('"');
        match name.trim().to_ascii_lowercase().as_str() {
            "return" => preferences.representation = value.eq_ignore_ascii_case("representation"),
            "odata.maxpagesize" | "maxpagesize" => preferences.page_size = value.parse().ok().filter(|size| *size > 0),
            "odata.include-annotations" => preferences.annotated = true,
            "odata.continue-on-error" | "continue-on-error" => preferences.continue_on_error = value != "false",
            _ => {}
        }
    }
    preferences
}

impl Answer {
    /// JSON.
    pub fn json(value: Value) -> Self {
        Self { status: StatusCode::OK, headers: HeaderMap::new(), content: Content::Json(value) }
    }

    /// Done, and nothing to say.
    pub fn done() -> Self {
        Self { status: StatusCode::NO_CONTENT, headers: HeaderMap::new(), content: Content::Empty }
    }

    /// Text of a media type.
    pub fn text(media_type: &'static str, text: String) -> Self {
        Self { status: StatusCode::OK, headers: HeaderMap::new(), content: Content::Text(media_type, text) }
    }

    /// With a header.
    #[must_use]
    pub fn with(mut self, name: HeaderName, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.insert(name, value);
        }
        self
    }

    /// With a status.
    #[must_use]
    pub fn status(mut self, status: StatusCode) -> Self {
        self.status = status;
        self
    }

    /// As HTTP.
    pub async fn respond(self, packages: &PackageStore) -> Response {
        match self.try_respond(packages).await {
            Ok(response) => response,
            Err(error) => error.into_response(),
        }
    }

    async fn try_respond(self, packages: &PackageStore) -> Result<Response> {
        let mut response = match self.content {
            Content::Empty => Response::new(Body::empty()),
            Content::Json(value) => with_type(Body::from(value.to_string()), JSON),
            Content::Text(media_type, text) => with_type(Body::from(text), HeaderValue::from_static(media_type)),
            Content::Package { object, field, package } => {
                let file = tokio::fs::File::open(packages.path(&package)).await?;
                let outgoing = Outgoing::new(&object, field, file, package.bytes);
                let length = outgoing.length();
                let mut response = with_type(Body::from_stream(outgoing.stream()), JSON);
                response.headers_mut().insert(header::CONTENT_LENGTH, length.into());
                response
            }
            Content::File(OwnFile { name, path, bytes }) => {
                let file = tokio::fs::File::open(path).await?;
                let body = Body::from_stream(ReaderStream::with_capacity(file, CHUNK));
                let mut response = with_type(body, HeaderValue::from_static("application/octet-stream"));
                let headers = response.headers_mut();
                headers.insert(header::CONTENT_LENGTH, bytes.into());
                headers.insert("x-ms-file-size", bytes.into());
                let plain: String =
                    name.chars().map(|c| if c.is_ascii_graphic() && c != '"' { c } else { '_' }).collect();
                for (header, value) in [
                    (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{plain}\"")),
                    (HeaderName::from_static("x-ms-file-name"), plain),
                ] {
                    headers.insert(header, HeaderValue::from_str(&value).unwrap_or(HeaderValue::from_static("")));
                }
                response
            }
        };
        *response.status_mut() = self.status;
        response.headers_mut().extend(self.headers);
        response.headers_mut().insert("odata-version", HeaderValue::from_static("4.0"));
        Ok(response)
    }
}

fn with_type(body: Body, media_type: HeaderValue) -> Response {
    let mut response = Response::new(body);
    response.headers_mut().insert(header::CONTENT_TYPE, media_type);
    response
}

/// A response of a function or an action, with its context.
pub fn with_context(base: &str, name: &str, body: Value) -> Value {
    let mut object = Map::new();
    let context = format!("{base}$metadata#Microsoft.Dynamics.CRM.{name}");
    object.insert("@odata.context".to_owned(), context.into());
    if let Value::Object(body) = body {
        object.extend(body);
    }
    Value::Object(object)
}

/// A text parameter of an action.
pub fn required<'a>(body: &'a Map<String, Value>, name: &str) -> Result<&'a str> {
    let found = body.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    found.ok_or_else(|| ApiError::argument(format!("Required field '{name}' is missing.")))
}
