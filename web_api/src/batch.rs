//! `$batch`: several requests in one, and change sets that are done as a whole or not at all.

use crate::{
    call::{Answer, Call, Content, Segment, preferences},
    change::{Change, Failed},
    error::{ApiError, Result},
    organization::Organization,
    record::{self, Shown},
    service,
    table::Table,
};
use axum::{
    body::Body,
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use std::fmt::Write;

/// Bytes of a batch.
const MOST_BATCH: usize = 32 * 1024 * 1024;

/// Requests of a batch; the platform's own limit.
/// Bytes of all answers of a batch.
const MOST_ANSWER: usize = 64 << 20;
const MOST_REQUESTS: usize = 1000;

/// Bytes of an address in a batch.
const MOST_ADDRESS: usize = 64 * 1024;

/// Headers of one request.
const MOST_HEADERS: usize = 50;

/// A request within a batch.
#[derive(Debug)]
struct Part {
    content_id: Option<String>,
    method: Method,
    address: String,
    headers: HeaderMap,
    body: Bytes,
}

/// What a batch is made of.
#[derive(Debug)]
enum Item {
    One(Box<Part>),
    ChangeSet(Vec<Part>),
}

/// Answers a batch.
pub async fn answer(organization: &dyn Organization, headers: &HeaderMap, body: Body) -> Result<Response> {
    let boundary = boundary(headers)?;
    let bytes = axum::body::to_bytes(body, MOST_BATCH)
        .await
        .map_err(|_| ApiError::too_large(format!("A batch has at most {MOST_BATCH} bytes.")))?;
    let items = items(&bytes, &boundary)?;
    let count: usize = items
        .iter()
        .map(|item| match item {
            Item::One(_) => 1,
            Item::ChangeSet(parts) => parts.len(),
        })
        .sum();
    if count > MOST_REQUESTS {
        return Err(ApiError::argument(format!("A batch has at most {MOST_REQUESTS} requests.")));
    }
    let goes_on = preferences(headers).continue_on_error;
    let outer = format!("batchresponse_{}", organization.new_id());
    let mut text = String::new();
    for item in items {
        let ok = match item {
            Item::One(part) => {
                let answer = one(organization, *part).await;
                let ok = answer.is_ok();
                let _ = write!(text, "--{outer}\r\n");
                append(&mut text, organization, answer, None).await?;
                ok
            }
            Item::ChangeSet(parts) => {
                let answers = change_set(organization, parts).await;
                let _ = write!(text, "--{outer}\r\n");
                match answers {
                    Ok(answers) => {
                        let inner = format!("changesetresponse_{}", organization.new_id());
                        let _ = write!(text, "Content-Type: multipart/mixed; boundary={inner}\r\n\r\n");
                        for (content_id, answer) in answers {
                            let _ = write!(text, "--{inner}\r\n");
                            append(&mut text, organization, Ok(answer), content_id.as_deref()).await?;
                        }
                        let _ = write!(text, "--{inner}--\r\n");
                        true
                    }
                    Err((content_id, error)) => {
                        append(&mut text, organization, Err(error), content_id.as_deref()).await?;
                        false
                    }
                }
            }
        };
        if !ok && !goes_on {
            break;
        }
        if text.len() > MOST_ANSWER {
            return Err(ApiError::argument(
                "The answers of the batch are too long. Send fewer requests, or ask for less.",
            ));
        }
    }
    let _ = write!(text, "--{outer}--\r\n");
    let mut response = text.into_response();
    let kind = HeaderValue::from_str(&format!("multipart/mixed; boundary={outer}"));
    response.headers_mut().insert(header::CONTENT_TYPE, kind.map_err(|_| ApiError::odata("No boundary."))?);
    response.headers_mut().insert("odata-version", HeaderValue::from_static("4.0"));
    Ok(response)
}

async fn one(organization: &dyn Organization, part: Part) -> Result<Answer> {
    let call = call(part)?;
    Box::pin(service::dispatch(organization, call)).await
}

fn call(part: Part) -> Result<Call> {
    let (path, query) = below_service(&part.address);
    Ok(Call {
        segments: Call::segments(&path)?,
        method: part.method,
        query,
        headers: part.headers,
        body: Body::from(part.body).into(),
    })
}

/// The part of an address that is below the service: addresses in a batch are absolute, or relative to it.
fn below_service(address: &str) -> (String, String) {
    let (path, query) = address.split_once('?').unwrap_or((address, ""));
    let path = match path.find("/api/data/v9.") {
        Some(at) => {
            let rest = path.get(at + "/api/data/v9.".len()..).unwrap_or_default();
            rest.split_once('/').map_or("", |(_, rest)| rest)
        }
        None => path,
    };
    (path.trim_start_matches('/').to_owned(), query.to_owned())
}

/// A change that was asked for: its `Content-ID`, its table, and how its record is shown afterwards.
type Asked = (Option<String>, &'static Table, Shown, String);

/// A refusal, with the `Content-ID` of what was refused.
type Refused = (Option<String>, ApiError);

/// Works out every change, does all of them at once, and answers each.
async fn change_set(
    organization: &dyn Organization,
    parts: Vec<Part>,
) -> std::result::Result<Vec<(Option<String>, Answer)>, Refused> {
    if let [only] = parts.as_slice()
        && !matches!(only.method, Method::GET)
        && is_action(organization, &only.address)
    {
        let Some(part) = parts.into_iter().next() else { return Ok(Vec::new()) };
        let content_id = part.content_id.clone();
        let answer = one(organization, part).await.map_err(|error| (content_id.clone(), error))?;
        return Ok(vec![(content_id, answer)]);
    }
    let (mut changes, mut asked): (Vec<Change>, Vec<Asked>) = (Vec::new(), Vec::new());
    for part in parts {
        let content_id = part.content_id.clone();
        let named = |name: &str| {
            let mut earlier = asked.iter();
            let of_name = earlier.find(|(id, ..): &&Asked| id.as_deref() == Some(name));
            of_name.map(|(_, table, ..)| *table)
        };
        let planned = plan(organization, part, named).await;
        let (change, shown, query) = planned.map_err(|error| (content_id.clone(), error))?;
        asked.push((content_id, change.table, shown, query));
        changes.push(change);
    }
    let done = organization.change(changes).await.map_err(|Failed { at, error }| {
        let content_id = at.and_then(|at| asked.get(at)).and_then(|(content_id, ..)| content_id.clone());
        (content_id, error)
    })?;
    let mut answers = Vec::new();
    for (found, (content_id, table, shown, query)) in done.into_iter().zip(asked) {
        let answer = match found {
            Some(found) => record::changed(organization, table, &found, shown, &query)
                .await
                .map_err(|error| (content_id.clone(), error))?,
            None => Answer::done(),
        };
        answers.push((content_id, answer));
    }
    Ok(answers)
}

fn is_action(organization: &dyn Organization, address: &str) -> bool {
    let (path, _) = below_service(address);
    let name = path.split(['/', '(', '?']).next().unwrap_or_default().to_owned();
    organization.schema().set(&name).is_none() && !name.starts_with('$')
}

/// The change that a request within a change set asks for, and how its record is shown afterwards. `named` is the table in
/// which an earlier request creates a record, by its `Content-ID`: an address may begin with that.
async fn plan(
    organization: &dyn Organization,
    part: Part,
    named: impl Fn(&str) -> Option<&'static Table>,
) -> Result<(Change, Shown, String)> {
    let content_id = part.content_id.clone();
    let mut call = call(part)?;
    if let Some(first) = call.segments.first_mut()
        && let Some(table) = first.name.strip_prefix('$').and_then(&named)
    {
        *first = Segment { name: table.set_name.to_owned(), key: Some(first.name.clone()) };
    }
    if call.method == Method::GET {
        return Err(ApiError::odata("A change set cannot contain a GET."));
    }
    let name = call.segments.first().map(|first| first.name.as_str()).unwrap_or_default();
    let table: &'static Table = organization.schema().set(name).ok_or_else(|| {
        ApiError::not_allowed(
            "A change set with several requests changes records only; put an action into a change set of its own.",
        )
    })?;
    let (shown, query) = (Shown::of(organization, &call, table), call.query.clone());
    Ok((record::change_of(organization, call, table, content_id).await?, shown, query))
}

async fn append(
    text: &mut String,
    organization: &dyn Organization,
    answer: Result<Answer>,
    content_id: Option<&str>,
) -> Result<()> {
    if let Ok(Answer { content: Content::Package { .. } | Content::File(_), .. }) = &answer {
        let refusal = Err(ApiError::not_allowed("A file is not sent in a batch. Ask for it alone."));
        return Box::pin(append(text, organization, refusal, content_id)).await;
    }
    let response = match answer {
        Ok(answer) => answer.respond(organization.packages()).await,
        Err(error) => error.into_response(),
    };
    let (head, body) = response.into_parts();
    let body = axum::body::to_bytes(body, usize::MAX).await.map_err(|_| ApiError::odata("An answer broke off."))?;
    text.push_str("Content-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n");
    if let Some(content_id) = content_id {
        let _ = write!(text, "Content-ID: {content_id}\r\n");
    }
    let reason = head.status.canonical_reason().unwrap_or("Unknown");
    let _ = write!(text, "\r\nHTTP/1.1 {} {reason}\r\n", head.status.as_u16());
    for (name, value) in &head.headers {
        if let Ok(value) = value.to_str() {
            let _ = write!(text, "{}: {value}\r\n", title(name));
        }
    }
    text.push_str("\r\n");
    text.push_str(&String::from_utf8_lossy(&body));
    text.push_str("\r\n");
    Ok(())
}

/// A header's name as clients that compare it letter by letter expect it.
fn title(name: &HeaderName) -> &str {
    match name.as_str() {
        "odata-entityid" => "OData-EntityId",
        "odata-version" => "OData-Version",
        "content-type" => "Content-Type",
        "location" => "Location",
        "etag" => "ETag",
        other => other,
    }
}

fn boundary(headers: &HeaderMap) -> Result<String> {
    let value = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    boundary_of(value).ok_or_else(|| ApiError::odata("A batch is multipart/mixed and says its boundary."))
}

fn boundary_of(content_type: &str) -> Option<String> {
    if !content_type.trim().to_ascii_lowercase().starts_with("multipart/mixed") {
        return None;
    }
    let boundary = content_type.split(';').find_map(|part| {
        let (name, value) = part.split_once('=')?;
        name.trim().eq_ignore_ascii_case("boundary").then(|| value.trim().trim_matches('"').to_owned())
    })?;
    (!boundary.is_empty() && boundary.len() <= 200).then_some(boundary)
}

fn items(bytes: &[u8], boundary: &str) -> Result<Vec<Item>> {
    let mut items = Vec::new();
    for section in sections(bytes, boundary)? {
        let (headers, body) = head(section)?;
        let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        match boundary_of(kind) {
            Some(inner) => {
                let parts: Result<Vec<Part>> = sections(body, &inner)?.into_iter().map(part).collect();
                items.push(Item::ChangeSet(parts?));
            }
            None => items.push(Item::One(Box::new(part(section)?))),
        }
        if items.len() > MOST_REQUESTS {
            return Err(ApiError::argument(format!("A batch has at most {MOST_REQUESTS} requests.")));
        }
    }
    Ok(items)
}

/// What stands between lines that are the boundary.
fn sections<'a>(bytes: &'a [u8], boundary: &str) -> Result<Vec<&'a [u8]>> {
    let mark = format!("--{boundary}");
    let mut sections = Vec::new();
    let mut begin = None;
    let mut at = 0;
    let mut ended = false;
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        let text = line.trim_ascii_end();
        if text.strip_prefix(mark.as_bytes()).is_some_and(|rest| rest.is_empty() || rest == b"--") {
            if let Some(begin) = begin {
                sections.push(bytes.get(begin..at).unwrap_or_default());
            }
            begin = Some(at + line.len());
            ended = text.len() > mark.len();
            if ended {
                break;
            }
        }
        at += line.len();
    }
    if !ended {
        return Err(ApiError::odata(format!("The batch has no end: the line --{boundary}-- is missing.")));
    }
    Ok(sections)
}

/// Splits headers from what follows them.
fn head(bytes: &[u8]) -> Result<(HeaderMap, &[u8])> {
    let mut headers = HeaderMap::new();
    let mut at = 0;
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        at += line.len();
        let text = line.trim_ascii();
        if text.is_empty() {
            // Empty lines before the first header are passed over.
            if headers.is_empty() && bytes.get(at..).is_some_and(|rest| !rest.is_empty()) && at == line.len() {
                continue;
            }
            return Ok((headers, bytes.get(at..).unwrap_or_default()));
        }
        let bad = || ApiError::odata("A header in the batch cannot be read.");
        let text = std::str::from_utf8(text).map_err(|_| bad())?;
        let (name, value) = text.split_once(':').ok_or_else(bad)?;
        let name = HeaderName::try_from(name.trim()).map_err(|_| bad())?;
        headers.append(name, HeaderValue::from_str(value.trim()).map_err(|_| bad())?);
        if headers.len() > MOST_HEADERS {
            return Err(ApiError::odata(format!("A request in the batch has more than {MOST_HEADERS} headers.")));
        }
    }
    Ok((headers, &[]))
}

fn part(section: &[u8]) -> Result<Part> {
    let (outer, rest) = head(section)?;
    let content_id = outer.get("content-id").and_then(|value| value.to_str().ok()).map(str::to_owned);
    let rest = rest.trim_ascii_start();
    let end = rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len());
    let (line, after) = rest.split_at(end);
    let bad = || ApiError::odata("A request in the batch has no line such as 'GET /api/data/v9.2/solutions HTTP/1.1'.");
    if line.len() > MOST_ADDRESS {
        return Err(ApiError::odata(format!("An address in the batch has more than {MOST_ADDRESS} bytes.")));
    }
    let line = std::str::from_utf8(line).map_err(|_| bad())?.trim();
    let (method, address) = line.split_once(' ').ok_or_else(bad)?;
    let address = address.trim();
    let address = address.strip_suffix("HTTP/1.1").unwrap_or(address).trim();
    let method = Method::from_bytes(method.as_bytes()).map_err(|_| bad())?;
    let after = after.get(1..).unwrap_or_default();
    let (headers, body) =
        if after.trim_ascii().is_empty() { (HeaderMap::new(), &[][..]) } else { request_head(after)? };
    Ok(Part {
        content_id,
        method,
        address: address.to_owned(),
        headers,
        body: Bytes::copy_from_slice(body.trim_ascii()),
    })
}

/// Headers of a request; some clients leave them out and begin with the body.
fn request_head(bytes: &[u8]) -> Result<(HeaderMap, &[u8])> {
    let first = bytes.trim_ascii_start();
    if first.starts_with(b"{") { Ok((HeaderMap::new(), first)) } else { head(bytes) }
}
