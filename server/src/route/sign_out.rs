//! Signing out.

use crate::{refusal, slipway::Slipway};
use app::context::Visitor;
use axum::{
    Extension,
    extract::State,
    response::{IntoResponse, Redirect, Response},
};
use http::HeaderMap;
use model::Problem;
use pipelines::session;
use tower_sessions::Session;

/// Ends the session.
pub async fn sign_out(
    State(slipway): State<Slipway>,
    Extension(visitor): Extension<Visitor>,
    own: Session,
    headers: HeaderMap,
) -> Response {
    match own.flush().await {
        Ok(()) => {
            if let Some(caller) = &visitor.caller
                && let Err(error) = session::note_sign_out(&slipway.host, caller).await
            {
                tracing::error!(?error, "a sign-out could not be written down");
            }
            Redirect::to("/sign-in").into_response()
        }
        Err(error) => {
            tracing::error!(%error, "a session could not be ended");
            let message = "You are still signed in, because the session could not be ended. Try again.";
            refusal::response(&headers, &Problem::Unavailable(message.to_owned()))
        }
    }
}
