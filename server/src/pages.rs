//! The pages and the server functions of the application, with what they know of a request.

use crate::{openid::Provider, slipway::Slipway};
use app::context::{Browser, ProviderChoice, ProviderChoices, Theme, Visitor};
use axum::{Router, body::Body, response::Response};
use http::request::Parts;
use leptos::{
    config::LeptosOptions,
    nonce::Nonce,
    prelude::{Owner, provide_context, use_context},
    reactive::computed::ScopedFuture,
};
use leptos_axum::{ErrorHandler, LeptosRoutes, ResponseOptions, generate_route_list};
use pipelines::Proof;
use tower_sessions::Session;

/// The name of the files that the build makes of the frontend.
const OUTPUT: &str = "slipway";

/// The routes of all pages and server functions. Any other address is answered by the application's own page for it.
pub fn routes(slipway: &Slipway) -> Router {
    let options = LeptosOptions::builder().output_name(OUTPUT).site_pkg_url(slipway.site.package_url()).build();
    let contexts = contexts(slipway);
    let shell = app::shell;
    Router::new()
        .leptos_routes_with_context(&options, generate_route_list(app::App), contexts.clone(), {
            let options = options.clone();
            move || shell(options.clone())
        })
        .fallback_service(ErrorHandler::new_with_context(contexts, shell, options.clone()))
        .with_state(options)
}

/// Provides what pages and server functions look up, out of what the layers before them found out.
fn contexts(slipway: &Slipway) -> impl Fn() + Clone + Send + Sync + 'static {
    let host = slipway.host.clone();
    let choice = |provider: &Provider| {
        let settings = &provider.settings;
        ProviderChoice {
            key: settings.key.clone(),
            name: settings.name.clone(),
            managed_roles: settings.managed_roles(),
        }
    };
    let providers = ProviderChoices(slipway.providers.iter().map(choice).collect());
    move || {
        provide_context(host.clone());
        provide_context(providers.clone());
        let Some(parts) = use_context::<Parts>() else { return };
        let extensions = &parts.extensions;
        provide_context(extensions.get::<Visitor>().cloned().unwrap_or_default());
        provide_context(extensions.get::<Theme>().copied().unwrap_or_default());
        provide_context(extensions.get::<Browser>().cloned().unwrap_or_default());
        if let Some(proof) = extensions.get::<Proof>() {
            provide_context(*proof);
        }
        if let Some(session) = extensions.get::<Session>() {
            provide_context(session.clone());
        }
        if let Some(nonce) = extensions.get::<Nonce>() {
            provide_context(nonce.clone());
        }
    }
}

/// Does something as a server function does: with the same contexts, and with what it set for the response.
pub async fn as_server_function<T>(
    slipway: &Slipway,
    parts: Parts,
    work: impl Future<Output = T> + Send + 'static,
) -> (T, ResponseOptions)
where
    T: Send + 'static,
{
    let contexts = contexts(slipway);
    let response = ResponseOptions::default();
    let options = response.clone();
    let owner = Owner::new();
    let done = owner
        .with(|| {
            provide_context(parts);
            provide_context(options);
            contexts();
            ScopedFuture::new(work)
        })
        .await;
    (done, response)
}

/// The answer that a server function made through its response options alone, such as a redirect.
pub fn with_options(options: &ResponseOptions) -> Response {
    let mut response = Response::new(Body::empty());
    if let Ok(mut parts) = options.0.write() {
        if let Some(status) = parts.status {
            *response.status_mut() = status;
        }
        response.headers_mut().extend(std::mem::take(&mut parts.headers));
    }
    response
}
