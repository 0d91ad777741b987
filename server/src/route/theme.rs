//! Light or dark.

use crate::{address, refusal, slipway::Slipway, visitor::THEME_COOKIE};
use app::context::Theme;
use axum::{
    Form,
    extract::State,
    response::{AppendHeaders, IntoResponse, Redirect, Response},
};
use http::{HeaderMap, header};
use model::Problem;
use serde::Deserialize;

/// Seconds the choice is kept: a year.
const KEPT: u32 = 365 * 24 * 3600;

/// The posted choice.
#[derive(Debug, Deserialize)]
pub struct Choice {
    theme: String,
}

/// Keeps the choice in a cookie and shows the page again.
pub async fn theme(State(slipway): State<Slipway>, headers: HeaderMap, Form(choice): Form<Choice>) -> Response {
    let Some(theme) = Theme::from_name(&choice.theme) else {
        return refusal::response(&headers, &Problem::Refused("There is no such theme.".to_owned()));
    };
    let secure = if slipway.is_secure { "; Secure" } else { "" };
    let cookie = format!("{THEME_COOKIE}={}; Path=/; Max-Age={KEPT}; HttpOnly; SameSite=Lax{secure}", theme.name());
    let back = address::came_from(&headers).unwrap_or_else(|| "/".to_owned());
    (AppendHeaders([(header::SET_COOKIE, cookie)]), Redirect::to(&back)).into_response()
}
