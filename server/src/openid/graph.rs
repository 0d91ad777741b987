//! Groups of accounts that are in more of them than fit into a token: Microsoft Graph tells them.
//!
//! <https://learn.microsoft.com/graph/api/directoryobject-getmemberobjects>

use super::http::{HttpError, send};
use http::{Method, Request, StatusCode, header};
use openidconnect::AccessToken;
use serde::Deserialize;
use url::Url;

/// Groups that Microsoft Graph tells at most.
const MOST: usize = 11_000;

/// Why the groups are not known.
#[derive(Debug, thiserror::Error)]
pub enum GraphError {
    /// There is no answer.
    #[error(transparent)]
    Http(#[from] HttpError),
    /// It is refused.
    #[error("Microsoft Graph answered {0}; the token needs the permission User.Read or GroupMember.Read.All")]
    Refused(StatusCode),
    /// It is not what was asked for.
    #[error("Microsoft Graph did not answer with a list of groups")]
    Malformed,
}

#[derive(Deserialize)]
struct Answer {
    value: Vec<String>,
}

/// The ids of all groups of the account that a token is for.
pub async fn groups(graph: &Url, token: &AccessToken) -> Result<Vec<String>, GraphError> {
    let address = format!("{}/v1.0/me/getMemberObjects", graph.as_str().trim_end_matches('/'));
    let request = Request::builder()
        .method(Method::POST)
        .uri(address)
        .header(header::AUTHORIZATION, format!("Bearer {}", token.secret()))
        .header(header::CONTENT_TYPE, "application/json")
        .body(br#"{"securityEnabledOnly":true}"#.to_vec())
        .map_err(HttpError::from)?;
    let answer = send(request).await?;
    if answer.status() != StatusCode::OK {
        return Err(GraphError::Refused(answer.status()));
    }
    let answer: Answer = serde_json::from_slice(answer.body()).map_err(|_| GraphError::Malformed)?;
    if answer.value.len() > MOST {
        return Err(GraphError::Malformed);
    }
    Ok(answer.value)
}
