//! Headers that tell the browser what pages of Slipway may do.

use crate::reached::Reached;
use axum::{extract::Request, middleware::Next, response::Response};
use http::{HeaderName, HeaderValue, header};
use leptos::nonce::Nonce;

/// What holds for every answer.
const ALWAYS: [(HeaderName, HeaderValue); 7] = [
    (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
    (header::REFERRER_POLICY, HeaderValue::from_static("same-origin")),
    (
        HeaderName::from_static("permissions-policy"),
        HeaderValue::from_static("camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
    ),
    (HeaderName::from_static("cross-origin-opener-policy"), HeaderValue::from_static("same-origin")),
    (HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("same-origin")),
    (HeaderName::from_static("x-permitted-cross-domain-policies"), HeaderValue::from_static("none")),
];

/// For two years, once somebody came over https.
const ONLY_HTTPS: HeaderValue = HeaderValue::from_static("max-age=63072000");

/// Gives a request its nonce, and its answer the headers.
pub async fn headers(mut request: Request, next: Next) -> Response {
    let nonce = Nonce::new();
    let policy = policy(&nonce);
    let is_secure = request.extensions().get::<Reached>().is_some_and(|reached| reached.is_secure);
    request.extensions_mut().insert(nonce);
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in ALWAYS {
        headers.insert(name, value);
    }
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    if is_secure {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, ONLY_HTTPS);
    }
    // Whatever does not say otherwise may hold what one person may see and another may not.
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

fn policy(nonce: &Nonce) -> String {
    format!(
        "default-src 'self'; script-src 'nonce-{nonce}' 'strict-dynamic' 'wasm-unsafe-eval'; style-src 'self'; \
         img-src 'self' data:; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'; object-src 'none'"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_policy_allows_scripts_by_nonce_only_and_nothing_inline() {
        let policy = policy(&Nonce::from_value("abc"));
        assert!(policy.contains("script-src 'nonce-abc' 'strict-dynamic' 'wasm-unsafe-eval';"), "{policy}");
        assert!(!policy.contains("unsafe-inline") && !policy.contains("'unsafe-eval'"), "{policy}");
    }

    #[test]
    fn no_two_nonces_are_alike() {
        assert_ne!(Nonce::new().to_string(), Nonce::new().to_string());
    }
}
