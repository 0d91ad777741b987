//! The token endpoint: client credentials, as Entra ID answers them.

use crate::{
    odata::query::options,
    web_api::{Asked, WebApi},
};
use axum::{
    Json,
    body::Body,
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use environment::builtin::TOKEN_LASTS;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde_json::json;
use uuid::Uuid;

/// The tenant there is.
pub use environment::builtin::APPLICATION_TENANT as TENANT;

/// Bytes of the form.
const MOST_FORM: usize = 16 * 1024;

/// `POST /{tenant}/oauth2/v2.0/token`
pub async fn token(State(api): State<WebApi>, Path(tenant): Path<String>, headers: HeaderMap, body: Body) -> Response {
    if !tenant.eq_ignore_ascii_case(TENANT) {
        let shown: String = tenant.chars().take(60).collect();
        let message = format!("Tenant '{shown}' not found. The tenant of Slipway's environments is '{TENANT}'.");
        return refusal(StatusCode::BAD_REQUEST, "invalid_request", 90_002, &message);
    }
    let Ok(bytes) = axum::body::to_bytes(body, MOST_FORM).await else {
        return refusal(StatusCode::PAYLOAD_TOO_LARGE, "invalid_request", 900_144, "The form is too long.");
    };
    let Some(form) = std::str::from_utf8(&bytes).ok().and_then(|text| options(text).ok()) else {
        return refusal(StatusCode::BAD_REQUEST, "invalid_request", 900_144, "The body has to be a form.");
    };
    let field = |name: &str| form.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str());
    match field("grant_type") {
        Some("client_credentials") => {}
        Some(other) => {
            let message = format!("The grant type '{other}' is not supported; it has to be client_credentials.");
            return refusal(StatusCode::BAD_REQUEST, "unsupported_grant_type", 70_003, &message);
        }
        None => {
            let message = "The request body must contain the following parameter: 'grant_type'.";
            return refusal(StatusCode::BAD_REQUEST, "invalid_request", 900_144, message);
        }
    }
    let basic = basic(&headers);
    let (client, secret) = match (field("client_id"), field("client_secret"), &basic) {
        (Some(client), Some(secret), _) => (client, secret),
        (_, _, Some((client, secret))) => (client.as_str(), secret.as_str()),
        (None, _, None) => {
            let message = "The request body must contain the following parameter: 'client_id'.";
            return refusal(StatusCode::BAD_REQUEST, "invalid_request", 900_144, message);
        }
        (Some(_), None, None) => {
            let message =
                "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.";
            return refusal(StatusCode::UNAUTHORIZED, "invalid_client", 7_000_218, message);
        }
    };
    let scope = field("scope").or_else(|| field("resource"));
    if scope.is_none_or(str::is_empty) {
        let message = "The request body must contain the following parameter: 'scope'.";
        return refusal(StatusCode::BAD_REQUEST, "invalid_request", 900_144, message);
    }
    let mut answer = answer(&api, client, secret).await;
    answer.extensions_mut().insert(Asked::Token(client.chars().take(60).collect()));
    answer
}

async fn answer(api: &WebApi, client: &str, secret: &str) -> Response {
    let issued = match Uuid::parse_str(client) {
        Ok(client) => api.built_in.issue_token(client, secret).await,
        Err(_) => Ok(None),
    };
    match issued {
        Ok(Some(token)) => {
            let lasts = TOKEN_LASTS.as_secs() - 1;
            let body = json!({
                "token_type": "Bearer", "expires_in": lasts, "ext_expires_in": lasts, "access_token": token,
            });
            no_store((StatusCode::OK, Json(body)).into_response())
        }
        Ok(None) => {
            let shown: String = client.chars().take(60).collect();
            let message = format!(
                "Invalid client secret provided, or no application '{shown}' is registered. Ensure the secret being sent in the request is the client secret value, for a secret added to the application user '{shown}'."
            );
            refusal(StatusCode::UNAUTHORIZED, "invalid_client", 7_000_215, &message)
        }
        Err(error) => {
            tracing::error!(%error, "a token could not be issued");
            refusal(
                StatusCode::SERVICE_UNAVAILABLE,
                "temporarily_unavailable",
                90_033,
                "A transient error has occurred. Please try again.",
            )
        }
    }
}

/// Client id and secret in an `Authorization` header.
fn basic(headers: &HeaderMap) -> Option<(String, String)> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let encoded = value.strip_prefix("Basic ").or_else(|| value.strip_prefix("basic "))?;
    let decoded = environment::base64_body::decode(encoded.trim()).ok()?;
    let (client, secret) = std::str::from_utf8(&decoded).ok()?.split_once(':')?;
    let undo = |text: &str| crate::odata::query::decode(text, true).ok();
    Some((undo(client)?, undo(secret)?))
}

fn refusal(status: StatusCode, error: &str, number: u32, message: &str) -> Response {
    let body = json!({
        "error": error, "error_description": format!("AADSTS{number}: {message}"), "error_codes": [number],
    });
    no_store((status, Json(body)).into_response())
}

fn no_store(mut response: Response) -> Response {
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
