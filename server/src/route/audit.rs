//! Exports of the audit log, sent while they are read.

use crate::{refusal, slipway::Slipway};
use axum::{
    Extension,
    body::{Body, Bytes},
    extract::{Path, Query, State},
    response::Response,
};
use futures::{StreamExt, TryStreamExt, stream};
use http::{HeaderMap, HeaderValue, header};
use model::{Problem, audit::AuditEntry};
use pipelines::{Caller, Result, audit};
use std::collections::BTreeMap;

/// The columns of the table, in order.
const COLUMNS: &str = "id,at,actor,actor_name,through,through_id,action,subject,subject_id,subject_name,changes,\
                       outcome,reason,remote_address,request_id\r\n";

/// What an entry is written as.
type Line = fn(&AuditEntry) -> Result<String>;

/// Sends the entries of a filter: `/audit/csv` or `/audit/jsonl`, with the query of the page.
pub async fn export(
    State(slipway): State<Slipway>,
    Extension(caller): Extension<Caller>,
    Path(format): Path<String>,
    Query(query): Query<BTreeMap<String, String>>,
    headers: HeaderMap,
) -> Response {
    let (first, line, kind): (&'static str, Line, _) = match format.as_str() {
        "csv" => (COLUMNS, comma_separated, "text/csv; charset=utf-8"),
        "jsonl" => ("", json_line, "application/jsonl"),
        _ => {
            return refusal::response(&headers, &Problem::NotFound("There is no such export.".to_owned()));
        }
    };
    let filter = app::audit_filter(|name| query.get(name).map(String::as_str));
    let entries = match audit::export(&slipway.host, &caller, filter).await {
        Ok(entries) => entries,
        Err(error) => return refusal::of(&headers, &error),
    };
    let lines = entries.and_then(move |entry| async move { line(&entry) }).map_ok(Bytes::from);
    let first = stream::iter((!first.is_empty()).then(|| Ok(Bytes::from_static(first.as_bytes()))));
    let mut response = Response::new(Body::from_stream(first.chain(lines.inspect_err(|error| {
        tracing::error!(%error, "an export of the audit log broke off");
    }))));
    let answer = response.headers_mut();
    answer.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    answer.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Ok(disposition) = HeaderValue::from_str(&format!("attachment; filename=\"audit-log.{format}\"")) {
        answer.insert(header::CONTENT_DISPOSITION, disposition);
    }
    response
}

fn json_line(entry: &AuditEntry) -> Result<String> {
    let mut line = serde_json::to_string(entry).map_err(|error| pipelines::Error::Internal(error.to_string()))?;
    line.push('\n');
    Ok(line)
}

fn comma_separated(entry: &AuditEntry) -> Result<String> {
    let changes =
        serde_json::to_string(&entry.changes).map_err(|error| pipelines::Error::Internal(error.to_string()))?;
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let cells = [
        entry.id.to_string(),
        entry.at.to_rfc3339(),
        entry.actor.map(|actor| actor.to_string()).unwrap_or_default(),
        entry.actor_name.clone(),
        entry.through.name().to_owned(),
        text(&entry.through_id),
        entry.action.name().to_owned(),
        entry.subject.name().to_owned(),
        text(&entry.subject_id),
        entry.subject_name.clone(),
        changes,
        entry.outcome.name().to_owned(),
        text(&entry.reason),
        text(&entry.remote_address),
        text(&entry.request_id),
    ];
    Ok(format!("{}\r\n", cells.map(|cell| self::cell(&cell)).join(",")))
}

/// A cell of a table (RFC 4180). What a spreadsheet would take for a formula begins with an apostrophe, so that it stays
/// text: the log holds what strangers typed.
fn cell(text: &str) -> String {
    let is_formula = text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']);
    let text = if is_formula { format!("'{text}") } else { text.to_owned() };
    if text.contains(['"', ',', '\n', '\r']) || is_formula {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_text_whatever_stands_in_it() {
        for (text, expected) in [
            ("Ada", "Ada"),
            ("", ""),
            ("a, b", "\"a, b\""),
            ("say \"x\"", "\"say \"\"x\"\"\""),
            ("a\r\nb", "\"a\r\nb\""),
            ("=HYPERLINK(\"http://evil.example\")", "\"'=HYPERLINK(\"\"http://evil.example\"\")\""),
            ("@SUM(A1)", "\"'@SUM(A1)\""),
            ("-1+1", "\"'-1+1\""),
            ("+1", "\"'+1\""),
            ("\t=1", "\"'\t=1\""),
        ] {
            assert_eq!(cell(text), expected);
        }
    }
}
