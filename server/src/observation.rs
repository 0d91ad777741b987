//! What is seen of requests from outside: an id for each, a span with it for everything logged meanwhile, one line about
//! its end, and a proper answer when the code behind it panics.

use crate::{address, refusal};
use axum::{
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use environment::Ids;
use futures::FutureExt;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use std::{panic::AssertUnwindSafe, sync::Arc, time::Instant};
use tracing::Instrument;

/// The header with the request's id, in answers and, for whatever handles it, in the request.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Longest id that is taken over from a proxy.
const MAX_ID: usize = 64;

/// Wraps the handling of every request.
pub async fn observe(State(ids): State<Arc<dyn Ids>>, mut request: Request, next: Next) -> Response {
    let id = given_id(request.headers()).unwrap_or_else(|| ids.next().simple().to_string());
    let wants_html = address::wants_html(request.headers());
    // The query stays out: it may hold what people searched for.
    let span = tracing::info_span!("request", id = %id, method = %request.method(), path = %request.uri().path());
    if let Ok(value) = HeaderValue::from_str(&id) {
        request.headers_mut().insert(REQUEST_ID, value);
    }
    async move {
        let began = Instant::now();
        let answer = AssertUnwindSafe(next.run(request)).catch_unwind().await;
        let mut response = answer.unwrap_or_else(|cause| {
            tracing::error!(cause = panic_message(&*cause), "the code behind a request panicked");
            failure(&id, wants_html)
        });
        if let Ok(id) = HeaderValue::from_str(&id) {
            response.headers_mut().insert(REQUEST_ID, id);
        }
        let (status, milliseconds) = (response.status().as_u16(), began.elapsed().as_millis());
        if response.status().is_server_error() {
            tracing::warn!(status, milliseconds, "answered");
        } else {
            tracing::debug!(status, milliseconds, "answered");
        }
        response
    }
    .instrument(span)
    .await
}

/// The id a proxy gave the request, when it is one that can stand in a log.
fn given_id(headers: &HeaderMap) -> Option<String> {
    let id = headers.get(REQUEST_ID)?.to_str().ok()?;
    let is_plain = (1..=MAX_ID).contains(&id.len())
        && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte));
    is_plain.then(|| id.to_owned())
}

fn failure(id: &str, wants_html: bool) -> Response {
    let message = format!(
        "Something failed inside Slipway. Try again; if it happens again, give your administrator this number, which leads to the log: {id}"
    );
    if wants_html {
        (StatusCode::INTERNAL_SERVER_ERROR, refusal::page(&message)).into_response()
    } else {
        (StatusCode::INTERNAL_SERVER_ERROR, axum::Json(model::Problem::Internal(message))).into_response()
    }
}

fn panic_message(cause: &(dyn std::any::Any + Send)) -> &str {
    cause
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| cause.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no message")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]
    use super::*;
    use axum::{Router, body::Body, middleware::from_fn_with_state, routing::get};
    use environment::ids::CountingIds;
    use tower::ServiceExt;

    async fn panics() -> &'static str {
        panic!("a secret of the inside")
    }

    fn router() -> Router {
        let ids: Arc<dyn Ids> = Arc::new(CountingIds::default());
        Router::new()
            .route("/fine", get(|| async { "fine" }))
            .route("/panics", get(panics))
            .layer(from_fn_with_state(ids, observe))
    }

    async fn ask(path: &str, headers: &[(HeaderName, &str)]) -> Response {
        let mut request = Request::builder().uri(path);
        for (name, value) in headers {
            request = request.header(name, *value);
        }
        router().oneshot(request.body(Body::empty()).unwrap()).await.unwrap()
    }

    #[tokio::test]
    async fn every_answer_carries_the_id_of_its_request() {
        assert_eq!(ask("/fine", &[]).await.headers()[REQUEST_ID], "00000000000000000000000000000001");
        assert_eq!(ask("/fine", &[(REQUEST_ID, "from-proxy_7.x")]).await.headers()[REQUEST_ID], "from-proxy_7.x");
    }

    #[tokio::test]
    async fn an_id_that_could_forge_the_log_is_replaced() {
        for bad in ["a b", "x\ty", "", &"x".repeat(65)] {
            assert_ne!(ask("/fine", &[(REQUEST_ID, bad)]).await.headers()[REQUEST_ID], *bad);
        }
    }

    #[tokio::test]
    async fn a_panic_becomes_a_page_with_the_id_and_without_its_message() {
        let response = ask("/panics", &[(http::header::ACCEPT, "text/html")]).await;
        assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
        let body = axum::body::to_bytes(response.into_body(), 10_000).await.unwrap();
        let body = String::from_utf8_lossy(&body).into_owned();
        assert!(body.contains("00000000000000000000000000000001") && !body.contains("secret"), "{body}");
    }
}
