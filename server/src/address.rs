//! Addresses within this site.

use http::{HeaderMap, Uri, header};

/// The sign-in page that goes on to an address of this site.
pub fn sign_in(next: &str) -> String {
    if next == "/" { "/sign-in".to_owned() } else { format!("/sign-in?next={}", encoded(next)) }
}

/// A text as the value of a query.
pub fn encoded(text: &str) -> String {
    use std::fmt::Write as _;
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

/// Path and query of an address, as it stands on the request line.
pub fn path_and_query(uri: &Uri) -> &str {
    uri.path_and_query().map_or("/", http::uri::PathAndQuery::as_str)
}

/// Path and query of the page that sent the request, when it is a page of this site.
pub fn came_from(headers: &HeaderMap) -> Option<String> {
    let referer: Uri = headers.get(header::REFERER)?.to_str().ok()?.parse().ok()?;
    let host = headers.get(header::HOST)?.to_str().ok()?;
    if referer.authority()?.as_str() != host {
        return None;
    }
    app::context::local_address(path_and_query(&referer)).map(str::to_owned)
}

/// Whether whoever asks wants a page rather than data.
pub fn wants_html(headers: &HeaderMap) -> bool {
    headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).is_some_and(|accept| accept.contains("text/html"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]
    use super::*;

    fn headers(host: &str, referer: &str) -> HeaderMap {
        [(header::HOST, host.parse().unwrap()), (header::REFERER, referer.parse().unwrap())].into_iter().collect()
    }

    #[test]
    fn signing_in_goes_on_to_the_page_that_was_asked_for() {
        assert_eq!(sign_in("/"), "/sign-in");
        assert_eq!(sign_in("/runs/1?tab=a&b=ü"), "/sign-in?next=/runs/1%3Ftab%3Da%26b%3D%C3%BC");
    }

    #[test]
    fn only_a_page_of_this_site_counts_as_where_a_request_came_from() {
        for (host, referer, expected) in [
            ("slipway.test", "https://slipway.test/runs/1?x=y", Some("/runs/1?x=y")),
            ("slipway.test:3000", "http://slipway.test:3000/", Some("/")),
            ("slipway.test", "https://evil.test/runs/1", None),
            ("slipway.test", "https://slipway.test//evil.test", None),
            ("slipway.test", "/runs/1", None),
        ] {
            assert_eq!(came_from(&headers(host, referer)).as_deref(), expected, "{referer}");
        }
    }
}
