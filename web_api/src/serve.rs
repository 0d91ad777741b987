//! What every service does with a request, whoever keeps its rows.

use crate::{
    batch,
    call::Call,
    error::{ApiError, Result},
    organization::Organization,
    service,
    throttle::Throttle,
    token::TENANT,
};
use axum::{
    extract::Request,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, HeaderValue, StatusCode, header, uri::Scheme};
use std::sync::Arc;

/// Versions of the platform's Web API that are served, all alike.
const VERSIONS: [&str; 3] = ["v9.0", "v9.1", "v9.2"];

/// The version that an address names.
pub fn version_of(text: &str) -> Result<&'static str> {
    let found = VERSIONS.into_iter().find(|known| known.eq_ignore_ascii_case(text));
    found.ok_or_else(|| ApiError::no_segment(text))
}

/// Answers a request to an organisation, in the name of its user.
pub async fn serve(throttle: &Arc<Throttle>, organization: &dyn Organization, request: Request) -> Result<Response> {
    let permit = throttle.admit(organization.user())?;
    let (head, body) = request.into_parts();
    // The path as it was sent: what is percent-encoded in it may be a slash.
    let path =
        head.uri.path().split("/api/data/").nth(1).and_then(|rest| rest.split_once('/')).map_or("", |(_, path)| path);
    let mut response = if path.trim_matches('/') == "$batch" || path.trim_matches('/') == "%24batch" {
        if head.method != http::Method::POST {
            return Err(ApiError::not_allowed("A batch is sent with POST."));
        }
        batch::answer(organization, &head.headers, body).await?
    } else {
        let call = Call {
            segments: Call::segments(path)?,
            method: head.method,
            query: head.uri.query().unwrap_or_default().to_owned(),
            headers: head.headers,
            body: body.into(),
        };
        match service::dispatch(organization, call).await {
            Ok(answer) => answer.respond(organization.packages()).await,
            Err(error) => error.into_response(),
        }
    };
    response.headers_mut().insert("x-ms-ratelimit-burst-remaining-xrm-requests", HeaderValue::from(permit.left));
    Ok(response)
}

/// The token that a client sent, if it sent one.
pub fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token.trim()).filter(|token| !token.is_empty())
}

/// Says where tokens come from, as the platform does.
pub fn unauthorized(origin: &str, resource: &str) -> Response {
    let mut response = (StatusCode::UNAUTHORIZED, "").into_response();
    let challenge =
        format!("Bearer authorization_uri={origin}/{TENANT}/oauth2/v2.0/authorize, resource_id={resource}/");
    if let Ok(challenge) = HeaderValue::from_str(&challenge) {
        response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
    }
    response
}

/// The address clients use: what is configured, or else what the client itself says.
pub fn origin(public_url: Option<&str>, request: &Request) -> String {
    if let Some(url) = public_url {
        return url.trim_end_matches('/').to_owned();
    }
    let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok());
    let host = host.or_else(|| request.uri().authority().map(http::uri::Authority::as_str)).unwrap_or("localhost");
    let is_plain = |c: char| c.is_ascii_alphanumeric() || ".-:[]_".contains(c);
    let host = if host.chars().all(is_plain) { host } else { "localhost" };
    let scheme = request.uri().scheme().map_or("http", Scheme::as_str);
    format!("{scheme}://{host}")
}
