//! Addresses of the Web API: an organisation for each built-in environment, and the token endpoint.

use crate::{
    built_in::{BuiltInOrganization, connectivity},
    call::Call,
    error::{ApiError, Result},
    serve::{bearer, origin, serve, unauthorized, version_of},
    token::token,
    web_api::{Admission, Asked, WebApi},
};
use axum::{
    Json, Router,
    extract::{DefaultBodyLimit, Path, Request, State},
    response::{IntoResponse, Response},
    routing::{any, post},
};
use http::{Method, StatusCode};
use model::id::EnvironmentId;

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
    let version = version_of(version)?;
    let visit = Visit::of(api, &request);
    let organization = match enter(api, id, version, visit).await? {
        Ok(organization) => organization,
        Err(response) => return Ok(response),
    };
    let asked = Asked::Environment(organization.id, organization.user.clone());
    Ok(by(asked, serve(&api.throttle, &organization, request).await))
}

/// The answer, with who asked for it.
fn by(asked: Asked, response: Result<Response>) -> Response {
    let mut response = or_error(response);
    response.extensions_mut().insert(asked);
    response
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

async fn serve_connections(api: &WebApi, organization: &BuiltInOrganization, request: Request) -> Result<Response> {
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
        Self { origin: origin(api.public_url.as_deref(), request), token: bearer(request.headers()).map(str::to_owned) }
    }
}

/// Finds out who asks and whether they may. The inner error is the answer to somebody who did not say who they are.
async fn enter(
    api: &WebApi,
    id: &str,
    version: &str,
    Visit { origin, token }: Visit,
) -> Result<std::result::Result<BuiltInOrganization, Response>> {
    let Ok(id) = id.parse::<EnvironmentId>() else {
        return Ok(Err(unauthorized(&origin, "")));
    };
    let address = format!("{origin}/environments/{id}");
    let Some(token) = token else { return Ok(Err(unauthorized(&origin, &address))) };
    match api.gate.admit(&token, id).await? {
        Admission::Unknown => Ok(Err(unauthorized(&origin, &address))),
        Admission::Elsewhere => Err(ApiError::not_a_member()),
        Admission::Admitted(user) => {
            let base = format!("{address}/api/data/{version}/");
            Ok(Ok(BuiltInOrganization { api: api.clone(), id, user, base }))
        }
    }
}
