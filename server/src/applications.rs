//! What applications do through the Web API, in the audit log: tokens that they ask for, and what they change.

use crate::{reached::Reached, slipway::Slipway, visitor};
use axum::{
    extract::{Request, State},
    middleware::Next,
    response::Response,
};
use http::Method;
use model::audit::{AuditAction, AuditSubject, AuditThrough};
use pipelines::{
    Origin,
    audit::{self, Entry},
};
use web_api::Asked;

/// Answers a request of the Web API, and writes down what it did. A batch is one entry. What cannot be written down is
/// told in the process's log: the answer has been decided by then.
pub async fn record(State(slipway): State<Slipway>, request: Request, next: Next) -> Response {
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let reached = request.extensions().get::<Reached>().copied().unwrap_or_default();
    let origin = visitor::origin(reached, request.headers());
    let response = next.run(request).await;
    let Some(asked) = response.extensions().get::<Asked>() else { return response };
    let (who, id, entry) = match asked {
        Asked::Token(client) => (client.clone(), client.clone(), Entry::new(AuditAction::SignIn, AuditSubject::Token)),
        Asked::Environment(..) if [Method::GET, Method::HEAD].contains(&method) => return response,
        Asked::Environment(environment, application) => {
            let asked = path.split_once(&environment.to_string()).map_or("", |(_, rest)| rest);
            let entry = Entry::new(AuditAction::Use, AuditSubject::BuiltInEnvironment).of(environment, "");
            (application.name.clone(), application.id.to_string(), entry.set("request", format!("{method} {asked}")))
        }
    };
    let status = response.status();
    let entry = if status.is_client_error() || status.is_server_error() {
        entry.refused(format!("It was answered with {status}."))
    } else {
        entry
    };
    let origin = Origin { through: AuditThrough::Token, through_id: Some(id), ..origin };
    if let Err(error) = audit::record_stranger(&slipway.host, &slipway.database, &who, &origin, entry).await {
        tracing::error!(error = &error as &dyn std::error::Error, "what an application did could not be written down");
    }
    response
}
