//! Addresses of the Web API: an organisation for each built-in environment, and the token endpoint.

use crate::{
    batch,
    call::Call,
    connectivity,
    error::{ApiError, Result},
    organization::Organization,
    service,
    token::{TENANT, token},
    web_api::{Admission, Asked, WebApi},
};
use axum::{
    Json, Router,
    extract::{DefaultBodyLimit, Path, Request, State},
    response::{IntoResponse, Response},
    routing::{any, post},
};
use http::{HeaderMap, HeaderValue, Method, StatusCode, header, uri::Scheme};
use model::id::EnvironmentId;

/// Versions of the platform's Web API that are served, all alike.
const VERSIONS: [&str; 3] = ["v9.0", "v9.1", "v9.2"];

const ROOT: &str = "/environments/{id}/api/data/{version}";
const ROOT_WITH_SLASH: &str = "/environments/{id}/api/data/{version}/";
const DATA: &str = "/environments/{id}/api/data/{version}/{*path}";
const CONNECTIVITY: &str = "/environments/{id}/connectivity/{*path}";
const TOKEN: &str = "/{tenant}/oauth2/v2.0/token";

/// Every address, with the method that a client begins with.
pub const ADDRESSES: [(Method, &str); 5] = [
    (Method::GET, ROOT),
    (Method::GET, ROOT_WITH_SLASH),
    (Method::GET, DATA),
    (Method::GET, CONNECTIVITY),
    (Method::POST, TOKEN),
];

/// The routes.
pub fn routes(api: WebApi) -> Router {
    Router::new()
        .route(ROOT, any(data_root))
        .route(ROOT_WITH_SLASH, any(data_root))
        .route(DATA, any(data))
        .route(CONNECTIVITY, any(connections))
        .route(TOKEN, post(token))
        // Packages have the limit of the store, everything else is read with a limit of its own.
        .layer(DefaultBodyLimit::disable())
        .with_state(api)
}

async fn data_root(
    State(api): State<WebApi>,
    Path((id, version)): Path<(String, String)>,
    request: Request,
) -> Response {
    or_error(handle(&api, &id, &version, request).await)
}

async fn data(
    State(api): State<WebApi>,
    Path((id, version, _)): Path<(String, String, String)>,
    request: Request,
) -> Response {
    or_error(handle(&api, &id, &version, request).await)
}

fn or_error(response: Result<Response>) -> Response {
    response.unwrap_or_else(ApiError::into_response)
}

async fn handle(api: &WebApi, id: &str, version: &str, request: Request) -> Result<Response> {
    if !VERSIONS.iter().any(|known| known.eq_ignore_ascii_case(version)) {
        return Err(ApiError::no_segment(version));
    }
    let visit = Visit::of(api, &request);
    let organization = match enter(api, id, version, visit).await? {
        Ok(organization) => organization,
        Err(response) => return Ok(response),
    };
    let asked = Asked::Environment(organization.id, organization.user.clone());
    Ok(by(asked, serve(api, &organization, request).await))
}

/// The answer, with who asked for it.
fn by(asked: Asked, response: Result<Response>) -> Response {
    let mut response = or_error(response);
    response.extensions_mut().insert(asked);
    response
}

async fn serve(api: &WebApi, organization: &Organization, request: Request) -> Result<Response> {
    let permit = api.throttle.admit(organization.user.id)?;
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
            Ok(answer) => answer.respond(&api.packages).await,
            Err(error) => error.into_response(),
        }
    };
    response.headers_mut().insert("x-ms-ratelimit-burst-remaining-xrm-requests", HeaderValue::from(permit.left));
    Ok(response)
}

async fn connections(State(api): State<WebApi>, Path((id, _)): Path<(String, String)>, request: Request) -> Response {
    or_error(handle_connections(&api, &id, request).await)
}

async fn handle_connections(api: &WebApi, id: &str, request: Request) -> Result<Response> {
    let visit = Visit::of(api, &request);
    let organization = match enter(api, id, "v9.2", visit).await? {
        Ok(organization) => organization,
        Err(response) => return Ok(response),
    };
    let asked = Asked::Environment(organization.id, organization.user.clone());
    Ok(by(asked, serve_connections(api, &organization, request).await))
}

async fn serve_connections(api: &WebApi, organization: &Organization, request: Request) -> Result<Response> {
    let _permit = api.throttle.admit(organization.user.id)?;
    let (head, body) = request.into_parts();
    let path = head.uri.path().split("/connectivity/").nth(1).unwrap_or_default();
    let call = Call {
        segments: Call::segments(path)?,
        method: head.method,
        query: head.uri.query().unwrap_or_default().to_owned(),
        headers: head.headers,
        body: body.into(),
    };
    let (status, body) = connectivity::answer(organization, call).await?;
    Ok((StatusCode::from_u16(status).unwrap_or(StatusCode::OK), Json(body)).into_response())
}

/// What a request says of its sender.
struct Visit {
    origin: String,
    token: Option<String>,
}

impl Visit {
    fn of(api: &WebApi, request: &Request) -> Self {
        Self { origin: origin(api, request), token: bearer(request.headers()).map(str::to_owned) }
    }
}

/// Finds out who asks and whether they may. The inner error is the answer to somebody who did not say who they are.
async fn enter(
    api: &WebApi,
    id: &str,
    version: &str,
    Visit { origin, token }: Visit,
) -> Result<std::result::Result<Organization, Response>> {
    let Ok(id) = id.parse::<EnvironmentId>() else {
        return Ok(Err(unauthorized(&origin, "")));
    };
    let address = format!("{origin}/environments/{id}");
    let Some(token) = token else { return Ok(Err(unauthorized(&origin, &address))) };
    match api.gate.admit(&token, id).await? {
        Admission::Unknown => Ok(Err(unauthorized(&origin, &address))),
        Admission::Elsewhere => Err(ApiError::not_a_member()),
        Admission::Admitted(user) => {
            let base = format!("{address}/api/data/{}/", version.to_ascii_lowercase());
            Ok(Ok(Organization { api: api.clone(), id, user, base }))
        }
    }
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token.trim()).filter(|token| !token.is_empty())
}

/// Says where tokens come from, as the platform does.
fn unauthorized(origin: &str, resource: &str) -> Response {
    let mut response = (StatusCode::UNAUTHORIZED, "").into_response();
    let challenge =
        format!("Bearer authorization_uri={origin}/{TENANT}/oauth2/v2.0/authorize, resource_id={resource}/");
    if let Ok(challenge) = HeaderValue::from_str(&challenge) {
        response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
    }
    response
}

/// The address clients use: what is configured, or else what the client itself says.
fn origin(api: &WebApi, request: &Request) -> String {
    if let Some(url) = &api.public_url {
        return url.clone();
    }
    let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok());
    let host = host.or_else(|| request.uri().authority().map(http::uri::Authority::as_str)).unwrap_or("localhost");
    let is_plain = |c: char| c.is_ascii_alphanumeric() || ".-:[]_".contains(c);
    let host = if host.chars().all(is_plain) { host } else { "localhost" };
    let scheme = request.uri().scheme().map_or("http", Scheme::as_str);
    format!("{scheme}://{host}")
}
