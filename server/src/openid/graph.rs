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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

    use super::*;
    use axum::{Json, Router, http::HeaderMap, routing::post};
    use serde_json::{Value, json};

    /// A Graph on this machine that knows one token.
    async fn graph(answer: Value) -> Url {
        let route = post(move |headers: HeaderMap, Json(asked): Json<Value>| async move {
            assert_eq!(asked, json!({ "securityEnabledOnly": true }));
            let known = headers.get(header::AUTHORIZATION).is_some_and(|token| token == "Bearer of-ada");
            if known { Ok(Json(answer)) } else { Err(StatusCode::UNAUTHORIZED) }
        });
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}/graph/", listener.local_addr().unwrap());
        let router = Router::new().route("/graph/v1.0/me/getMemberObjects", route);
        tokio::spawn(async move { axum::serve(listener, router).await });
        address.parse().unwrap()
    }

    fn token(text: &str) -> AccessToken {
        AccessToken::new(text.to_owned())
    }

    #[tokio::test]
    async fn groups_that_do_not_fit_into_a_token_are_asked_of_graph_with_it() {
        let many: Vec<String> = (0..500).map(|number| format!("group-{number}")).collect();
        let graph = graph(json!({ "value": many })).await;
        assert_eq!(groups(&graph, &token("of-ada")).await.unwrap(), many);
        let refused = groups(&graph, &token("of-nobody")).await;
        assert!(matches!(refused, Err(GraphError::Refused(StatusCode::UNAUTHORIZED))), "{refused:?}");
    }

    #[tokio::test]
    async fn an_answer_without_groups_or_with_too_many_is_no_answer() {
        for answer in [json!({}), json!({ "value": "all" }), json!({ "value": vec!["x"; MOST + 1] })] {
            let graph = graph(answer).await;
            let answer = groups(&graph, &token("of-ada")).await;
            assert!(matches!(answer, Err(GraphError::Malformed)), "{answer:?}");
        }
        let nobody: Url = "http://127.0.0.1:9/".parse().unwrap();
        assert!(matches!(groups(&nobody, &token("of-ada")).await, Err(GraphError::Http(_))));
    }
}
