//! Slipway.
use leptos::prelude::*;
use leptos_axum::LeptosRoutes;
#[tokio::main]
async fn main() {
    let conf = get_configuration(None).unwrap();
    let o = conf.leptos_options;
    let routes = leptos_axum::generate_route_list(app::App);
    let app = axum::Router::new().leptos_routes(&o, routes, { let o = o.clone(); move || app::shell(o.clone()) })
      .fallback_service(leptos_axum::serve_site_root_service(&o)).with_state(o.clone());
    let l = tokio::net::TcpListener::bind(o.site_addr).await.unwrap();
    axum::serve(l, app).await.unwrap();
}
