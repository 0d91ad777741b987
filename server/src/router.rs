//! Every address, and what every request passes on the way to it.

use crate::{
    applications, observation, pages, reached, refusal,
    route::{artifact, audit, comparison, delivery, events, health, provider, settings_file, sign_out, theme, upload},
    security,
    slipway::Slipway,
    visitor::{self, Entrance},
};
use axum::{
    Router,
    extract::{DefaultBodyLimit, Request, State},
    handler::Handler,
    middleware::{Next, from_fn, from_fn_with_state, map_response},
    response::{IntoResponse, Response},
    routing::{self, MethodRouter},
};
use host_api::HostApi;
use http::{Method, StatusCode};
use std::{sync::Arc, time::Duration};
use tower::{Layer, ServiceExt};
use tower_http::{
    CompressionLevel,
    compression::CompressionLayer,
    csrf::{ConfigError, CsrfLayer, ProtectionError},
    limit::RequestBodyLimitLayer,
    timeout::{RequestBodyTimeoutLayer, TimeoutLayer},
};
use web_api::{Limits, WebApi};

/// Most bytes of a posted form.
const MAX_FORM: usize = 1024 * 1024;

/// Most bytes of the small forms that the server itself takes.
const MAX_SMALL_FORM: usize = 4 * 1024;

/// How long a page or a form may take.
const PATIENCE: Duration = Duration::from_mins(1);

/// How long a sender may pause within a body.
const PAUSE: Duration = Duration::from_secs(30);

/// Brotli's quality for pages: the best that costs no more time than it saves.
const QUALITY: i32 = 4;

/// The whole site.
pub fn router(slipway: &Slipway) -> Result<Router, ConfigError> {
    let recognised = pages(slipway)
        .merge(together(data(slipway)).route_layer(from_fn(visitor::guard_data)).with_state(slipway.clone()))
        .merge(
            together(small_forms()).route_layer(RequestBodyLimitLayer::new(MAX_SMALL_FORM)).with_state(slipway.clone()),
        )
        .layer(from_fn_with_state(slipway.clone(), visitor::record_refused_looks))
        .layer(from_fn_with_state(Entrance::new(slipway), visitor::recognise));
    let mut csrf = CsrfLayer::new();
    if let Some(url) = &slipway.public_url {
        csrf = csrf.add_trusted_origin(url)?;
    }
    let csrf = csrf.with_rejection_response(cross_site as fn(ProtectionError) -> Response);
    Ok(together(anonymous(slipway))
        .with_state(slipway.clone())
        .merge(recognised)
        .merge(web_api(slipway))
        .merge(host_api(slipway))
        .layer(RequestBodyTimeoutLayer::new(PAUSE))
        .layer(from_fn_with_state(csrf, same_site))
        .layer(from_fn(security::headers))
        .layer(from_fn_with_state(slipway.clone(), reached::tell))
        .layer(from_fn_with_state(slipway.ids.clone(), observation::observe)))
}

/// What tells requests of other sites, and what they get.
type CrossSite = CsrfLayer<fn(ProtectionError) -> Response>;

/// Refuses what pages of other sites have browsers send. A program with a token is no browser: what it sends is its own.
async fn same_site(State(csrf): State<CrossSite>, request: Request, next: Next) -> Response {
    if visitor::bearer(request.headers()).is_some() {
        return next.run(request).await;
    }
    match csrf.layer(next).oneshot(request).await {
        Ok(response) => response,
        Err(never) => match never {},
    }
}

/// What the application renders, and its server functions.
fn pages(slipway: &Slipway) -> Router {
    pages::routes(slipway)
        .layer(from_fn(visitor::guard_pages))
        .layer(RequestBodyLimitLayer::new(MAX_FORM))
        .layer(map_response(explain_size))
        .layer(TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, PATIENCE))
        .layer(CompressionLayer::new().quality(CompressionLevel::Precise(QUALITY)))
}

/// An address that the server itself answers.
struct Own {
    method: Method,
    path: String,
    handler: MethodRouter<Slipway>,
}

impl Own {
    fn get<H: Handler<T, Slipway>, T: 'static>(path: impl Into<String>, handler: H) -> Self {
        Self { method: Method::GET, path: path.into(), handler: routing::get(handler) }
    }

    fn post<H: Handler<T, Slipway>, T: 'static>(path: impl Into<String>, handler: H) -> Self {
        Self { method: Method::POST, path: path.into(), handler: routing::post(handler) }
    }
}

/// Method and path of every address that the server itself answers, those of the Web APIs with the method that comes
/// first; pages and server functions are listed by leptos.
pub fn own_addresses(slipway: &Slipway) -> Vec<(Method, String)> {
    let own = data(slipway).into_iter().chain(small_forms()).chain(anonymous(slipway));
    let web_api = web_api::ADDRESSES.into_iter().chain(host_api::ADDRESSES);
    own.map(|own| (own.method, own.path)).chain(web_api.map(|(method, path)| (method, path.to_owned()))).collect()
}

fn together(routes: Vec<Own>) -> Router<Slipway> {
    routes.into_iter().fold(Router::new(), |router, own| router.route(&own.path, own.handler))
}

/// What is prepared for a solution at a stage, as a file.
const SETTINGS_FILE: &str = "/deployment-settings/{environment}/{solution}/{stage}";

/// Files and live streams.
fn data(slipway: &Slipway) -> Vec<Own> {
    let most = usize::try_from(slipway.max_upload.saturating_add(upload::OVERHEAD)).unwrap_or(usize::MAX);
    let upload = Own::post("/upload/{environment}", upload::upload);
    let settings = Own::post(SETTINGS_FILE, settings_file::import);
    vec![
        Own { handler: upload.handler.layer(DefaultBodyLimit::max(most)), ..upload },
        Own::get("/artifacts/{id}/{kind}", artifact::download),
        Own::get("/audit/{format}", audit::export),
        Own::get("/delivery/csv", delivery::export),
        Own::get("/comparison/{before}/{after}/{form}", comparison::download),
        Own::get(SETTINGS_FILE, settings_file::export),
        Own { handler: settings.handler.layer(DefaultBodyLimit::max(settings_file::MOST)), ..settings },
        Own::get("/events/runs/{id}", events::run),
        Own::get("/events/environments/{id}", events::environment),
    ]
}

/// Forms that need nobody to have signed in.
fn small_forms() -> Vec<Own> {
    vec![
        Own::post("/sign-out", sign_out::sign_out),
        Own::post("/sign-in/{provider}", provider::depart),
        Own::get("/sign-in/{provider}/callback", provider::arrive),
        Own::post("/theme", theme::theme),
    ]
}

/// The Web API of built-in environments, which has clients and tokens of its own.
fn web_api(slipway: &Slipway) -> Router {
    let host = &slipway.host;
    let built_in = host.built_in().clone();
    web_api::routes(WebApi::new(
        built_in.clone(),
        host.packages().clone(),
        Arc::new(built_in),
        Arc::clone(host.shared_clock()),
        Limits::default(),
        slipway.public_url.clone(),
    ))
    .layer(from_fn_with_state(slipway.clone(), applications::record))
}

/// The Web API of the host's own tables, for programs with a person's token.
fn host_api(slipway: &Slipway) -> Router {
    host_api::routes(HostApi::new(slipway.host.clone(), Limits::default(), slipway.public_url.clone()))
        .layer(from_fn(visitor::tell_origin))
}

/// What is the same for everybody, and needs neither session nor database.
fn anonymous(slipway: &Slipway) -> Vec<Own> {
    let mut routes: Vec<_> = slipway.site.loose_paths().map(|path| Own::get(path, file)).collect();
    routes.extend([
        Own::get("/pkg/{*path}", file),
        Own::get("/health/live", health::live),
        Own::get("/health/ready", health::ready),
    ]);
    routes
}

async fn file(State(slipway): State<Slipway>, request: Request) -> Response {
    slipway
        .site
        .answer(request.uri().path(), request.headers())
        .unwrap_or_else(|| (StatusCode::NOT_FOUND, "There is no such file.\n").into_response())
}

/// Says what the limit on the size of a form says by its status only.
async fn explain_size(response: Response) -> Response {
    if response.status() != StatusCode::PAYLOAD_TOO_LARGE {
        return response;
    }
    let message = "What was entered is too long to be sent. Go back, shorten it, and send it again.";
    (StatusCode::PAYLOAD_TOO_LARGE, refusal::page(message)).into_response()
}

/// What a form that was posted from another site gets.
#[allow(clippy::needless_pass_by_value, reason = "the layer hands it over")]
fn cross_site(error: ProtectionError) -> Response {
    tracing::warn!(%error, "a request from another site was refused");
    let message = "This was sent from a page that is not part of Slipway, so nothing was done. Open Slipway and try again there. \
                   If you did: the address in your browser must be the one Slipway knows, see the setting public_url.";

    (StatusCode::FORBIDDEN, refusal::page(message)).into_response()
}
