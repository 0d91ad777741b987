//! The one way of pages, through the real renderer: does the status arrive, does the way on?

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod maker;
pub(in crate::page) mod site;

use super::*;
use crate::{context::ElementIds, layout::PageHeader};
use axum::{Router, body::Body};
use http::{Request, header};
use leptos_axum::LeptosRoutes;
use leptos_meta::{MetaTags, provide_meta_context};
use leptos_router::{
    SsrMode,
    components::{FlatRoutes, Route, Router as PageRouter},
    path,
};
use tower::ServiceExt;

#[component]
fn Pages() -> impl IntoView {
    provide_meta_context();
    provide_context(ElementIds::default());
    let failing = || {
        load(
            Area::Public,
            async {
                // As a database would: answers later, on whatever thread.
                tokio::task::yield_now().await;
                let text = || "The reason.".to_owned();
                let problem = match parameter::<String>("problem")?.as_str() {
                    "forbidden" => Problem::Forbidden(text()),
                    "not-found" => Problem::NotFound(text()),
                    "refused" => Problem::Refused(text()),
                    "unavailable" => Problem::Unavailable(text()),
                    "internal" => Problem::Internal(text()),
                    _ => return Ok(query("show").unwrap_or_default()),
                };
                Err(AppError(problem))
            },
            |shown| view! { <PageHeader title=shown/> },
        )
    };
    let private = || load(Area::General, async { Ok::<_, AppError>(()) }, |()| "secret");
    view! {
        <PageRouter>
            <FlatRoutes fallback=not_found::NotFound>
                <Route path=path!("/private") view=private ssr=SsrMode::Async/>
                <Route path=path!("/problems/:problem") view=failing ssr=SsrMode::Async/>
            </FlatRoutes>
        </PageRouter>
    }
}

fn shell() -> impl IntoView {
    view! { <!DOCTYPE html><html lang="en"><head><MetaTags/></head><body><Pages/></body></html> }
}

/// Asks as a browser does. Status, address to go on to, body.
async fn get(address: &str) -> (u16, Option<String>, String) {
    let options = LeptosOptions::builder().output_name("slipway").build();
    let routes = leptos_axum::generate_route_list(Pages);
    let app: Router = Router::new().leptos_routes(&options, routes, shell).with_state(options);
    let request = Request::get(address).header(header::ACCEPT, "text/html").body(Body::empty()).unwrap();
    let response = app.oneshot(request).await.unwrap();
    let status = response.status().as_u16();
    let location = response.headers().get(header::LOCATION).map(|value| value.to_str().unwrap().to_owned());
    let body = axum::body::to_bytes(response.into_body(), 1 << 20).await.unwrap();
    (status, location, String::from_utf8(body.to_vec()).unwrap())
}

#[tokio::test]
async fn the_status_of_a_problem_arrives_with_its_reason_and_a_way_on() {
    for (name, expected) in
        [("forbidden", 403), ("not-found", 404), ("refused", 409), ("unavailable", 503), ("internal", 500)]
    {
        let (status, _, body) = get(&format!("/problems/{name}")).await;
        assert_eq!(status, expected, "{name}");
        assert!(body.contains("The reason."), "{body}");
        assert!(body.contains(r#"href="/""#), "{body}");
    }
}

#[tokio::test]
async fn a_page_without_a_problem_is_shown_under_its_title() {
    let (status, _, body) = get("/problems/none?show=Hello%20there").await;
    assert_eq!(status, 200);
    assert!(body.contains("<h1>Hello there"), "{body}");
    assert!(body.contains("<title>Hello there - Slipway</title>"), "{body}");
}

#[tokio::test]
async fn a_hostile_title_stays_text() {
    let (_, _, body) = get("/problems/none?show=%3C%2Ftitle%3E%3Cscript%3Ealert(1)%3C%2Fscript%3E%26").await;
    assert!(!body.contains("<script>alert"), "{body}");
    assert!(body.contains("<title>&lt;/title>&lt;script>alert(1)&lt;/script>&amp; - Slipway</title>"), "{body}");
}

#[tokio::test]
async fn whoever_has_not_signed_in_is_sent_to_do_so_and_comes_back() {
    let (status, location, body) = get("/private?tab=1").await;
    assert_eq!(status, 303);
    assert_eq!(location.as_deref(), Some("/sign-in?next=%2Fprivate%3Ftab%3D1"));
    assert!(!body.contains("secret"), "{body}");
}
