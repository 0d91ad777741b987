//! Downloads of comparisons: what differs between two artifacts, as Markdown and as JSON.

use crate::{comparison_report::as_markdown, refusal, slipway::Slipway};
use axum::{
    Extension,
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use http::{HeaderMap, header};
use model::{Problem, id::ArtifactId};
use pipelines::{Caller, comparison};

/// Sends a comparison: `/comparison/{before}/{after}/markdown` or `/comparison/{before}/{after}/json`.
pub async fn download(
    State(slipway): State<Slipway>,
    Extension(caller): Extension<Caller>,
    Path((before, after, form)): Path<(String, String, String)>,
    headers: HeaderMap,
) -> Response {
    let not_found = || {
        refusal::response(&headers, &Problem::NotFound("There is no such artifact, or you may not see it.".to_owned()))
    };
    let (Ok(before), Ok(after)) = (before.parse::<ArtifactId>(), after.parse::<ArtifactId>()) else {
        return not_found();
    };
    let comparison = match comparison::of_artifacts(&slipway.host, &caller, before, after).await {
        Ok(comparison) => comparison,
        Err(error) => return refusal::of(&headers, &error),
    };
    let (kind, name, body) = match form.as_str() {
        "markdown" => ("text/markdown; charset=utf-8", "comparison.md", as_markdown(&comparison)),
        // Plain data always has a JSON form.
        "json" => ("application/json", "comparison.json", serde_json::to_string(&*comparison).unwrap_or_default()),
        _ => return not_found(),
    };
    let disposition = format!("attachment; filename=\"{name}\"");
    let fields = [
        (header::CONTENT_TYPE, kind),
        (header::CONTENT_DISPOSITION, disposition.as_str()),
        (header::CACHE_CONTROL, "private, no-cache"),
    ];
    (fields, body).into_response()
}
