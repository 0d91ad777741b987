//! Light or dark.

use crate::{address, reached::Reached, refusal};
use app::{context::Theme, cookie::Cookie};
use axum::{
    Extension, Form,
    response::{AppendHeaders, IntoResponse, Redirect, Response},
};
use http::{HeaderMap, header};
use model::Problem;
use serde::Deserialize;
use std::time::Duration;

/// How long the choice is kept: a year.
const KEPT: Duration = Duration::from_hours(365 * 24);

/// The posted choice.
#[derive(Debug, Deserialize)]
pub struct Choice {
    theme: String,
}

/// Keeps the choice in a cookie and shows the page again.
pub async fn theme(Extension(reached): Extension<Reached>, headers: HeaderMap, Form(choice): Form<Choice>) -> Response {
    let Some(theme) = Theme::from_name(&choice.theme) else {
        return refusal::response(&headers, &Problem::Refused("There is no such theme.".to_owned()));
    };
    let cookie = Cookie::Theme.write(theme.name(), KEPT, reached.is_secure);
    let back = address::came_from(&headers).unwrap_or_else(|| "/".to_owned());
    (AppendHeaders([(header::SET_COOKIE, cookie)]), Redirect::to(&back)).into_response()
}
