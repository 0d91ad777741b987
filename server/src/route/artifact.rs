//! Downloads of stored artifacts.

use crate::{refusal, site, slipway::Slipway};
use axum::{
    Extension,
    body::Body,
    extract::{Path, State},
    response::Response,
};
use environment::PackageKind;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use model::{Problem, id::ArtifactId};
use pipelines::{
    Caller,
    artifact::{self, ArtifactFile},
};
use tokio_util::io::ReaderStream;

/// Bytes read from the disk at once.
const CHUNK: usize = 64 * 1024;

/// Sends a package of an artifact: `/artifacts/{id}/managed` or `/artifacts/{id}/unmanaged`.
pub async fn download(
    State(slipway): State<Slipway>,
    Extension(caller): Extension<Caller>,
    Path((id, kind)): Path<(String, String)>,
    headers: HeaderMap,
) -> Response {
    let kind = match kind.as_str() {
        "managed" => PackageKind::Managed,
        "unmanaged" => PackageKind::Unmanaged,
        _ => return refusal::response(&headers, &not_found()),
    };
    let Ok(id) = id.parse::<ArtifactId>() else { return refusal::response(&headers, &not_found()) };
    match artifact::open(&slipway.host, &caller, id, kind).await {
        Ok(file) => send(&headers, &file).await,
        Err(error) => refusal::of(&headers, &error),
    }
}

fn not_found() -> Problem {
    Problem::NotFound("The artifact does not exist, or you may not see it.".to_owned())
}

async fn send(headers: &HeaderMap, file: &ArtifactFile) -> Response {
    let tag = format!("\"{}\"", file.sha256);
    let is_known = site::is_known(headers, &tag);
    let body = if is_known {
        Body::empty()
    } else {
        match tokio::fs::File::open(&file.path).await {
            Ok(opened) => Body::from_stream(ReaderStream::with_capacity(opened, CHUNK)),
            Err(error) => {
                tracing::error!(%error, sha256 = file.sha256, "the package of an artifact cannot be read");
                let message =
                    "The package cannot be read from the data folder. Ask your administrator to look into the log.";
                return refusal::response(headers, &Problem::Internal(message.to_owned()));
            }
        }
    };
    let mut response = Response::new(body);
    let answer = response.headers_mut();
    // The bytes never change, but who may have them does.
    answer.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        answer.insert(header::ETAG, tag);
    }
    if is_known {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        return response;
    }
    answer.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/zip"));
    answer.insert(header::CONTENT_LENGTH, HeaderValue::from(file.bytes));
    if let Ok(disposition) = HeaderValue::from_str(&disposition(&file.file_name)) {
        answer.insert(header::CONTENT_DISPOSITION, disposition);
    }
    response
}

/// `Content-Disposition` for a file that is to be saved, whatever its name is made of (RFC 6266).
pub(super) fn disposition(name: &str) -> String {
    let plain: String = name
        .chars()
        .map(
            |character| if character.is_ascii_alphanumeric() || "-_.() ".contains(character) { character } else { '_' },
        )
        .collect();
    let mut disposition = format!("attachment; filename=\"{plain}\"");
    if plain != name {
        disposition.push_str("; filename*=UTF-8''");
        disposition.push_str(&crate::address::encoded(&name.replace(['/', '\\'], "_")));
    }
    disposition
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_name_cannot_leave_its_header_nor_its_folder() {
        for (name, expected) in [
            ("Expenses_1_0_0_1_managed.zip", "attachment; filename=\"Expenses_1_0_0_1_managed.zip\""),
            ("Über.zip", "attachment; filename=\"_ber.zip\"; filename*=UTF-8''%C3%9Cber.zip"),
            ("a\"\r\nx: y.zip", "attachment; filename=\"a___x_ y.zip\"; filename*=UTF-8''a%22%0D%0Ax%3A%20y.zip"),
            ("../x.zip", "attachment; filename=\".._x.zip\"; filename*=UTF-8''.._x.zip"),
        ] {
            assert_eq!(disposition(name), expected);
        }
    }
}
