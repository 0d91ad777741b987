//! Who asks: read once for each request from the session and the database, before anything is rendered.

use crate::{
    address, origin, refusal,
    session_store::{self, OPENED},
    slipway::Slipway,
};
use app::context::{LIVE_HEADER, SESSION_USER, Theme, Visitor};
use axum::{
    Extension,
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Redirect, Response},
};
use http::{HeaderMap, Method, header};
use model::{Problem, Timestamp, id::UserId};
use pipelines::{Origin, user};
use tower_sessions::Session;

/// Name of the cookie that keeps the theme.
pub const THEME_COOKIE: &str = "slipway-theme";

/// The page where people sign in.
const SIGN_IN: &str = "/sign-in";

/// The page where a one-time password is changed.
const ACCOUNT: &str = "/account";

/// Where server functions begin.
const FUNCTIONS: &str = "/api/";

/// Finds out who asks, and gives the request its [`Visitor`] and its [`Theme`].
pub async fn recognise(State(slipway): State<Slipway>, session: Session, mut request: Request, next: Next) -> Response {
    let name = session.id().map(|id| session_store::name(&id));
    let origin = origin::of(&slipway, request.extensions(), request.headers(), name);
    let visitor = match visitor_of(&slipway, &session, origin).await {
        Ok(visitor) => visitor,
        Err(problem) => return refusal::response(request.headers(), &problem),
    };
    let theme = theme(request.headers());
    request.extensions_mut().insert(visitor);
    request.extensions_mut().insert(theme);
    next.run(request).await
}

async fn visitor_of(slipway: &Slipway, session: &Session, origin: Origin) -> Result<Visitor, Problem> {
    let unreadable = |error: tower_sessions::session::Error| {
        tracing::error!(%error, "a session could not be read");
        Problem::Unavailable("Your session could not be read. Try again in a moment.".to_owned())
    };
    let Some(user) = session.get::<UserId>(SESSION_USER).await.map_err(unreadable)? else {
        return Ok(Visitor { origin, ..Visitor::default() });
    };
    let opened = session.get::<Timestamp>(OPENED).await.map_err(unreadable)?;
    let known = user::visitor(&slipway.host, user).await.map_err(|error| refusal::problem(&error))?;
    // Whoever changes a password, or has it reset, ends every session that was opened with the old one.
    let known = known.filter(|(_, person)| opened.is_some_and(|opened| opened >= person.password_set));
    Ok(match known {
        Some((caller, person)) => Visitor { caller: Some(caller.from(origin.clone())), person: Some(person), origin },
        None => Visitor { origin, ..Visitor::default() },
    })
}

fn theme(headers: &HeaderMap) -> Theme {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|cookie| cookie.trim().split_once('='))
        .find(|(name, _)| *name == THEME_COOKIE)
        .and_then(|(_, value)| Theme::from_name(value))
        .unwrap_or_default()
}

/// What happens to a request for a page.
#[derive(Debug, PartialEq, Eq)]
enum Way {
    /// The page itself.
    On,
    /// Another page first.
    To(String),
    /// Nothing: the browser asks in the background and has to be told.
    Refused,
}

/// Sends people to the sign-in page, and people with a one-time password to where they change it, before a page is
/// rendered. Server functions pass: they decide for themselves and keep what was entered.
pub async fn guard_pages(Extension(visitor): Extension<Visitor>, request: Request, next: Next) -> Response {
    let is_background = request.headers().contains_key(LIVE_HEADER);
    match way(&visitor, request.method(), request.uri().path(), address::path_and_query(request.uri()), is_background) {
        Way::On => next.run(request).await,
        Way::To(address) => Redirect::to(&address).into_response(),
        Way::Refused => refusal::response(request.headers(), &Problem::SignInRequired),
    }
}

fn way(visitor: &Visitor, method: &Method, path: &str, address: &str, is_background: bool) -> Way {
    let to = |address: &str| if is_background { Way::Refused } else { Way::To(address.to_owned()) };
    if path.starts_with(FUNCTIONS) {
        return Way::On;
    }
    let Some(person) = &visitor.person else {
        return if path == SIGN_IN {
            Way::On
        } else {
            to(&address::sign_in(if method == Method::GET || method == Method::HEAD { address } else { "/" }))
        };
    };
    match path {
        ACCOUNT => Way::On,
        _ if person.must_change_password => to(ACCOUNT),
        // The sign-in page itself leads whoever is signed in on.
        _ => Way::On,
    }
}

/// Refuses requests for data, files and live streams by people who did not sign in or have yet to change their one-time
/// password.
pub async fn guard_data(Extension(visitor): Extension<Visitor>, mut request: Request, next: Next) -> Response {
    match (visitor.caller, visitor.person) {
        (Some(caller), Some(person)) if !person.must_change_password => {
            request.extensions_mut().insert(caller);
            next.run(request).await
        }
        (Some(_), _) => {
            let problem = Problem::Forbidden("Change your one-time password first.".to_owned());
            refusal::response(request.headers(), &problem)
        }
        (None, _) => refusal::response(request.headers(), &Problem::SignInRequired),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]
    use super::*;
    use model::user::{Person, Roles};

    fn visitor(must_change_password: bool) -> Visitor {
        let person = Person {
            id: UserId(uuid::Uuid::nil()),
            user_name: "ada".to_owned(),
            display_name: "Ada".to_owned(),
            roles: Roles::USER,
            is_service: false,
            must_change_password,
            enabled: true,
            password_set: Timestamp(0),
        };
        Visitor { person: Some(person), ..Visitor::default() }
    }

    #[test]
    fn every_page_has_its_way_for_every_visitor() {
        let (nobody, newcomer, somebody) = (Visitor::default(), visitor(true), visitor(false));
        let to = |address: &str| Way::To(address.to_owned());
        for (who, path, expected) in [
            (&nobody, "/", to("/sign-in")),
            (&nobody, "/runs/1", to("/sign-in?next=/runs/1")),
            (&nobody, "/sign-in", Way::On),
            (&nobody, "/account", to("/sign-in?next=/account")),
            (&nobody, "/api/sign_in42", Way::On),
            (&newcomer, "/", to("/account")),
            (&newcomer, "/sign-in", to("/account")),
            (&newcomer, "/account", Way::On),
            (&newcomer, "/api/change_password42", Way::On),
            (&somebody, "/sign-in", Way::On),
            (&somebody, "/account", Way::On),
            (&somebody, "/runs/1", Way::On),
        ] {
            assert_eq!(way(who, &Method::GET, path, path, false), expected, "{path} {:?}", who.person);
        }
    }

    #[test]
    fn a_posted_address_is_not_gone_on_to_after_signing_in() {
        let way = way(&Visitor::default(), &Method::POST, "/runs/1", "/runs/1", false);
        assert_eq!(way, Way::To("/sign-in".to_owned()));
    }

    #[test]
    fn a_page_asked_for_in_the_background_is_refused_rather_than_replaced_by_the_sign_in_page() {
        assert_eq!(way(&Visitor::default(), &Method::GET, "/runs/1", "/runs/1", true), Way::Refused);
    }

    #[test]
    fn the_theme_is_read_from_its_cookie_and_nonsense_is_no_theme() {
        for (cookie, expected) in [
            ("a=b; slipway-theme=dark; c=d", Theme::Dark),
            ("slipway-theme=light", Theme::Light),
            ("slipway-theme=purple", Theme::System),
            ("theme=dark", Theme::System),
        ] {
            let headers = [(header::COOKIE, cookie.parse().unwrap())].into_iter().collect();
            assert_eq!(theme(&headers), expected, "{cookie}");
        }
    }
}
