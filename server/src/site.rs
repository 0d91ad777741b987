//! The built site: scripts, styles and pictures, embedded into the program.
//!
//! What `cargo leptos` builds has the same names in every release, so the pages ask for it below a folder that is named
//! after the content of the whole build (`/pkg/<build>/slipway.js`): browsers keep it for good, and a new release is
//! fetched at once. Files outside of that folder (`/icons.svg`) are asked for again and answered with 304.

use axum::{
    body::Body,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use rust_embed::Embed;
use sha2::{Digest, Sha256};
use std::{borrow::Cow, collections::BTreeMap};

/// What the build left in the site's folder. Empty when the server was built without it, as in tests.
#[derive(Embed)]
#[folder = "../target/site"]
#[allow_missing = true]
struct Built;

/// The folder of scripts and styles.
const PACKAGE: &str = "pkg";

/// Kept for good: the address changes with the content.
const FOR_GOOD: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");

/// Asked for again every time.
const ASK_AGAIN: HeaderValue = HeaderValue::from_static("no-cache");

/// The files of the site.
#[derive(Debug, Default)]
pub struct Site {
    files: BTreeMap<String, File>,
    build: String,
}

#[derive(Debug, Default)]
struct File {
    plain: Option<Cow<'static, [u8]>>,
    brotli: Option<Cow<'static, [u8]>>,
    gzip: Option<Cow<'static, [u8]>>,
    tag: String,
}

impl Site {
    /// The site that was built into this program.
    pub fn embedded() -> Self {
        Self::of(Built::iter().filter_map(|path| Some((path.to_string(), Built::get(&path)?.data))))
    }

    /// A site of some files, by their path. `x.br` and `x.gz` are what `x` is sent as to browsers that understand it.
    pub fn of(files: impl IntoIterator<Item = (String, Cow<'static, [u8]>)>) -> Self {
        let mut site = Self::default();
        for (path, content) in files {
            if let Some(path) = path.strip_suffix(".br") {
                site.files.entry(path.to_owned()).or_default().brotli = Some(content);
            } else if let Some(path) = path.strip_suffix(".gz") {
                site.files.entry(path.to_owned()).or_default().gzip = Some(content);
            } else {
                let file = site.files.entry(path).or_default();
                file.tag = hex::encode(Sha256::digest(&content)).chars().take(32).collect();
                file.plain = Some(content);
            }
        }
        site.files.retain(|_, file| file.plain.is_some());
        let mut hash = Sha256::new();
        for (path, file) in &site.files {
            hash.update(format!("{path}\n{}\n", file.tag));
        }
        site.build = hex::encode(hash.finalize()).chars().take(16).collect();
        site
    }

    /// The folder, without slashes around it, below which pages ask for scripts and styles.
    pub fn package_url(&self) -> String {
        format!("{PACKAGE}/{}", self.build)
    }

    /// Paths of the files outside of the folder of scripts and styles, each beginning with a slash.
    pub fn loose_paths(&self) -> impl Iterator<Item = String> {
        self.files.keys().filter(|path| !path.starts_with("pkg/")).map(|path| format!("/{path}"))
    }

    /// Answers a request for a file; nothing when there is none at this path.
    pub fn answer(&self, path: &str, headers: &HeaderMap) -> Option<Response> {
        let path = path.strip_prefix('/')?;
        if let Some(file) = self.files.get(path) {
            return Some(file.answer(path, headers, ASK_AGAIN));
        }
        // A page of another release asks for its own build. What this one has is the best there is, but not for good.
        let (build, name) = path.strip_prefix(PACKAGE)?.strip_prefix('/')?.split_once('/')?;
        let file = self.files.get(&format!("{PACKAGE}/{name}"))?;
        Some(file.answer(name, headers, if build == self.build { FOR_GOOD } else { ASK_AGAIN }))
    }
}

impl File {
    fn answer(&self, name: &str, headers: &HeaderMap, keep: HeaderValue) -> Response {
        let accepts = |coding| accepts(headers, coding);
        let (content, coding) = match (&self.brotli, &self.gzip) {
            (Some(content), _) if accepts("br") => (content, Some("br")),
            (_, Some(content)) if accepts("gzip") => (content, Some("gzip")),
            _ => match &self.plain {
                Some(content) => (content, None),
                None => return StatusCode::NOT_FOUND.into_response(),
            },
        };
        let tag = format!("\"{}{}\"", self.tag, coding.map(|coding| format!("-{coding}")).unwrap_or_default());
        let is_known = is_known(headers, &tag);
        let body = if is_known {
            Body::empty()
        } else {
            match content {
                Cow::Borrowed(bytes) => Body::from(*bytes),
                Cow::Owned(bytes) => Body::from(bytes.clone()),
            }
        };
        let mut response = Response::new(body);
        let answer = response.headers_mut();
        answer.insert(header::CACHE_CONTROL, keep);
        answer.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
        if let Ok(tag) = HeaderValue::from_str(&tag) {
            answer.insert(header::ETAG, tag);
        }
        if is_known {
            *response.status_mut() = StatusCode::NOT_MODIFIED;
            return response;
        }
        answer.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type(name)));
        if let Some(coding) = coding {
            answer.insert(header::CONTENT_ENCODING, HeaderValue::from_static(coding));
        }
        response
    }
}

/// Whether the browser has this content already (`If-None-Match`).
pub fn is_known(headers: &HeaderMap, tag: &str) -> bool {
    headers.get_all(header::IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok()).any(|value| {
        value.split(',').map(str::trim).any(|known| known == "*" || known.strip_prefix("W/").unwrap_or(known) == tag)
    })
}

fn accepts(headers: &HeaderMap, coding: &str) -> bool {
    headers.get_all(header::ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok()).any(|value| {
        value.split(',').any(|part| {
            let (name, quality) = part.split_once(';').unwrap_or((part, ""));
            name.trim().eq_ignore_ascii_case(coding)
                && !matches!(quality.trim(), "q=0" | "q=0.0" | "q=0.00" | "q=0.000")
        })
    })
}

fn content_type(name: &str) -> &'static str {
    match name.rsplit('.').next().unwrap_or_default() {
        "css" => "text/css; charset=utf-8",
        "html" => "text/html; charset=utf-8",
        "ico" => "image/x-icon",
        "js" => "text/javascript; charset=utf-8",
        "json" => "application/json",
        "png" => "image/png",
        "svg" => "image/svg+xml",
        "txt" => "text/plain; charset=utf-8",
        "wasm" => "application/wasm",
        "webmanifest" => "application/manifest+json",
        "woff2" => "font/woff2",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]
    use super::*;

    fn site() -> Site {
        Site::of([
            ("pkg/slipway.js".to_owned(), Cow::Borrowed(b"plain".as_slice())),
            ("pkg/slipway.js.br".to_owned(), Cow::Borrowed(b"brotli".as_slice())),
            ("pkg/slipway.js.gz".to_owned(), Cow::Borrowed(b"gzip".as_slice())),
            ("pkg/slipway.wasm".to_owned(), Cow::Borrowed(b"\0asm".as_slice())),
            ("icons.svg".to_owned(), Cow::Borrowed(b"<svg/>".as_slice())),
        ])
    }

    fn headers(pairs: &[(header::HeaderName, &str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.clone(), value.parse().unwrap())).collect()
    }

    async fn body(response: Response) -> Vec<u8> {
        axum::body::to_bytes(response.into_body(), 1024).await.unwrap().to_vec()
    }

    #[tokio::test]
    async fn a_browser_gets_the_smallest_form_it_understands() {
        for (accept, expected, coding) in [
            ("gzip, deflate, br", "brotli", Some("br")),
            ("gzip", "gzip", Some("gzip")),
            ("br;q=0, gzip;q=0.5", "gzip", Some("gzip")),
            ("identity", "plain", None),
        ] {
            let response = site().answer("/pkg/slipway.js", &headers(&[(header::ACCEPT_ENCODING, accept)])).unwrap();
            let sent = response.headers().get(header::CONTENT_ENCODING).map(|value| value.to_str().unwrap());
            assert_eq!(sent, coding, "{accept}");
            assert_eq!(response.headers()[header::CONTENT_TYPE], "text/javascript; charset=utf-8");
            assert_eq!(body(response).await, expected.as_bytes());
        }
    }

    #[test]
    fn the_folder_of_the_build_is_kept_for_good_and_any_other_address_is_asked_for_again() {
        let site = site();
        let kept = |path: &str| site.answer(path, &HeaderMap::new()).unwrap().headers()[header::CACHE_CONTROL].clone();
        assert_eq!(kept(&format!("/{}/slipway.wasm", site.package_url())), FOR_GOOD);
        assert_eq!(kept("/pkg/0123456789abcdef/slipway.wasm"), ASK_AGAIN);
        assert_eq!(kept("/icons.svg"), ASK_AGAIN);
        assert_eq!(site.loose_paths().collect::<Vec<_>>(), ["/icons.svg"]);
    }

    #[test]
    fn another_content_has_another_folder() {
        let other = Site::of([("pkg/slipway.js".to_owned(), Cow::Borrowed(b"other".as_slice()))]);
        assert_ne!(site().package_url(), other.package_url());
    }

    #[tokio::test]
    async fn what_the_browser_has_already_is_not_sent_again() {
        let first = site().answer("/icons.svg", &HeaderMap::new()).unwrap();
        let tag = first.headers()[header::ETAG].to_str().unwrap().to_owned();
        for known in [tag.clone(), format!("W/{tag}"), format!("\"x\", {tag}"), "*".to_owned()] {
            let again = site().answer("/icons.svg", &headers(&[(header::IF_NONE_MATCH, &known)])).unwrap();
            assert_eq!(again.status(), StatusCode::NOT_MODIFIED);
            assert!(body(again).await.is_empty());
        }
        let changed = site().answer("/icons.svg", &headers(&[(header::IF_NONE_MATCH, "\"x\"")])).unwrap();
        assert_eq!(changed.status(), StatusCode::OK);
    }

    #[test]
    fn nothing_is_found_beside_the_files() {
        for path in
            ["/", "/pkg", "/pkg/", "/pkg/x/y/slipway.js", "/../Cargo.toml", "/pkg/../icons.svg", "/slipway.js.br"]
        {
            assert!(site().answer(path, &HeaderMap::new()).is_none(), "{path}");
        }
    }
}
