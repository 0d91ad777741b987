//! What the server's own routes answer when they cannot do what they were asked: data for programs, a short page for
//! people.

use crate::address;
use axum::{
    Json,
    response::{Html, IntoResponse, Response},
};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use model::Problem;
use std::time::Duration;

/// A refusal with its reason.
pub fn response(headers: &HeaderMap, problem: &Problem) -> Response {
    let status = StatusCode::from_u16(problem.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    if address::wants_html(headers) {
        (status, page(&problem.to_string())).into_response()
    } else {
        (status, Json(problem.clone())).into_response()
    }
}

/// What an operation of the host failed with, its causes left to the log.
pub fn of(headers: &HeaderMap, error: &pipelines::Error) -> Response {
    response(headers, &problem(error))
}

/// What a person may read of an error; its causes go to the log.
pub fn problem(error: &pipelines::Error) -> Problem {
    let problem = error.problem();
    if matches!(problem, Problem::Internal(_)) {
        tracing::error!(?error, "an operation failed");
    }
    problem
}

/// What a program gets whose token is nobody's (RFC 6750, RFC 9457).
pub fn unknown_token() -> Response {
    let mut response = problem_document(StatusCode::UNAUTHORIZED, "The token is not valid, or not any more.");
    response.headers_mut().insert(
        header::WWW_AUTHENTICATE,
        HeaderValue::from_static("Bearer realm=\"Slipway\", error=\"invalid_token\""),
    );
    response
}

/// What a program gets that sent many tokens that are nobody's.
pub fn too_many_tokens(wait: Duration) -> Response {
    let detail = "Too many tokens from this address were not valid. Wait before you try another one.";
    let mut response = problem_document(StatusCode::TOO_MANY_REQUESTS, detail);
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(wait.as_secs().max(1)));
    response
}

fn problem_document(status: StatusCode, detail: &str) -> Response {
    let title = status.canonical_reason().unwrap_or_default();
    let document =
        serde_json::json!({ "type": "about:blank", "title": title, "status": status.as_u16(), "detail": detail });
    let kind = HeaderValue::from_static("application/problem+json");
    (status, [(header::CONTENT_TYPE, kind)], document.to_string()).into_response()
}

/// A page without the application's frame, for when that cannot be shown.
pub fn page(message: &str) -> Html<String> {
    let message = message.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    Html(format!(
        "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
         <title>Slipway</title></head><body><main><h1>This did not work</h1><p>{message}</p>\
         <p><a href=\"/\">Go to the start page</a></p></main></body></html>"
    ))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]
    use super::*;

    #[test]
    fn a_message_is_text_and_never_markup() {
        let Html(page) = page("a <script>alert(1)</script> & b");
        assert!(page.contains("a &lt;script&gt;alert(1)&lt;/script&gt; &amp; b"));
    }

    #[test]
    fn a_browser_gets_a_page_and_a_program_gets_data() {
        let problem = Problem::NotFound("No such run.".to_owned());
        let html: HeaderMap = [(http::header::ACCEPT, "text/html,*/*".parse().unwrap())].into_iter().collect();
        for (headers, kind) in [(html, "text/html; charset=utf-8"), (HeaderMap::new(), "application/json")] {
            let response = response(&headers, &problem);
            assert_eq!(response.status(), StatusCode::NOT_FOUND);
            assert_eq!(response.headers()[http::header::CONTENT_TYPE], kind);
        }
    }
}
