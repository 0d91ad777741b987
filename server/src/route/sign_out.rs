//! Signing out.

use crate::refusal;
use axum::response::{IntoResponse, Redirect, Response};
use http::HeaderMap;
use model::Problem;
use tower_sessions::Session;

/// Ends the session.
pub async fn sign_out(session: Session, headers: HeaderMap) -> Response {
    match session.flush().await {
        Ok(()) => Redirect::to("/sign-in").into_response(),
        Err(error) => {
            tracing::error!(%error, "a session could not be ended");
            let message = "You are still signed in, because the session could not be ended. Try again.";
            refusal::response(&headers, &Problem::Unavailable(message.to_owned()))
        }
    }
}
