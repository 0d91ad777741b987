//! Addresses of the host's Web API.

use crate::organization::HostOrganization;
use axum::{
    Extension, Router,
    extract::{DefaultBodyLimit, Path, Request, State},
    response::{IntoResponse, Response},
    routing::any,
};
use http::Method;
use pipelines::{
    Host, Origin,
    secret::Secret,
    token::{self, Answer},
};
use std::sync::Arc;
use web_api::{
    Limits, Throttle, bearer,
    error::{ApiError, Result},
    origin, serve, unauthorized, version_of,
};

const ROOT: &str = "/api/data/{version}";
const ROOT_WITH_SLASH: &str = "/api/data/{version}/";
const DATA: &str = "/api/data/{version}/{*path}";

/// Every address, with the method that a client begins with.
pub const ADDRESSES: [(Method, &str); 3] = [(Method::GET, ROOT), (Method::GET, ROOT_WITH_SLASH), (Method::GET, DATA)];

/// The host's Web API. Cheap to clone: every clone is the same.
#[derive(Clone)]
pub struct HostApi {
    host: Host,
    throttle: Arc<Throttle>,
    public_url: Option<String>,
}

impl HostApi {
    /// The Web API of a host. `public_url` is the address clients use, where a proxy stands in front.
    pub fn new(host: Host, limits: Limits, public_url: Option<String>) -> Self {
        let throttle = Arc::new(Throttle::new(limits, Arc::clone(host.shared_clock())));
        Self { host, throttle, public_url }
    }
}

/// The routes. Whoever mounts them says where a request comes from, as an extension of it ([`Origin`]).
pub fn routes(api: HostApi) -> Router {
    Router::new()
        .route(ROOT, any(root))
        .route(ROOT_WITH_SLASH, any(root))
        .route(DATA, any(data))
        // Bodies are read with a limit of their own.
        .layer(DefaultBodyLimit::disable())
        .with_state(api)
}

async fn root(
    State(api): State<HostApi>,
    Extension(from): Extension<Origin>,
    Path(version): Path<String>,
    request: Request,
) -> Response {
    handle(&api, &from, &version, request).await.unwrap_or_else(ApiError::into_response)
}

async fn data(
    State(api): State<HostApi>,
    Extension(from): Extension<Origin>,
    Path((version, _)): Path<(String, String)>,
    request: Request,
) -> Response {
    handle(&api, &from, &version, request).await.unwrap_or_else(ApiError::into_response)
}

async fn handle(api: &HostApi, from: &Origin, version: &str, request: Request) -> Result<Response> {
    let version = version_of(version)?;
    let address = origin(api.public_url.as_deref(), &request);
    let Some(token) = bearer(request.headers()) else { return Ok(unauthorized(&address, &address)) };
    let known = token::recognise(&api.host, &Secret::from(token), from).await.map_err(crate::error::refusal)?;
    let caller = match known {
        Answer::Known(caller, _) => *caller,
        Answer::Unknown => return Ok(unauthorized(&address, &address)),
        Answer::Waits(until) => {
            let wait = until.since(api.host.clock().now()).as_secs() + 1;
            return Err(ApiError::too_many_attempts(wait));
        }
    };
    let base = format!("{address}/api/data/{version}/");
    let organization = HostOrganization { host: api.host.clone(), caller, base };
    serve(&api.throttle, &organization, request).await
}
