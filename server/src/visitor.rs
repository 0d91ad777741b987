//! Who asks: read once for each request from the session and the database, before anything is rendered.

use crate::{
    address, device,
    observation::REQUEST_ID,
    reached::Reached,
    refusal,
    session_store::{self, DatabaseSessions, OPENED},
    slipway::Slipway,
};
use app::{
    context::{Browser, LIVE_HEADER, SIGNED_IN, SignedIn, Theme, Visitor},
    cookie::Cookie,
};
use axum::{
    Extension,
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Redirect, Response},
};
use http::{HeaderMap, Method, StatusCode, header};
use model::{Problem, Timestamp, audit::AuditThrough, token::Scope};
use pipelines::{
    Origin, Proof, audit,
    secret::Secret,
    session,
    token::{self, Answer},
    user,
};
use std::{convert::Infallible, sync::Arc};
use tower::{Layer, ServiceExt, service_fn};
use tower_sessions::{MemoryStore, Session, SessionManagerLayer};

/// The page where people sign in.
const SIGN_IN: &str = "/sign-in";

/// The page where a one-time password is changed.
const ACCOUNT: &str = "/account";

/// Where server functions begin.
const FUNCTIONS: &str = "/api/";

/// The ways in: with a session, over http or https, or with a token.
#[derive(Clone)]
pub struct Entrance {
    slipway: Slipway,
    plain: SessionManagerLayer<DatabaseSessions>,
    secure: SessionManagerLayer<DatabaseSessions>,
}

impl Entrance {
    /// The ways in.
    pub fn new(slipway: &Slipway) -> Self {
        let store = DatabaseSessions::new(slipway.host.clone(), slipway.session_idle, slipway.session_longest);
        Self {
            slipway: slipway.clone(),
            plain: session_store::layer(store.clone(), false),
            secure: session_store::layer(store, true),
        }
    }
}

/// Finds out who asks, and gives the request its session, its [`Visitor`], its [`Proof`] and its [`Theme`].
pub async fn recognise(State(entrance): State<Entrance>, mut request: Request, next: Next) -> Response {
    let reached = request.extensions().get::<Reached>().copied().unwrap_or_default();
    let agent = request.headers().get(header::USER_AGENT).and_then(|agent| agent.to_str().ok()).unwrap_or_default();
    let browser = Browser { is_secure: reached.is_secure, device: device::describe(agent) };
    let theme = theme(request.headers(), reached.is_secure);
    request.extensions_mut().insert(browser);
    request.extensions_mut().insert(theme);
    if let Some(token) = bearer(request.headers()) {
        return with_token(&entrance.slipway, reached, &token, request, next).await;
    }
    let layer = if reached.is_secure { &entrance.secure } else { &entrance.plain };
    let slipway = entrance.slipway;
    let inner = service_fn(move |request: Request| {
        let (slipway, next) = (slipway.clone(), next.clone());
        async move { Ok::<_, Infallible>(with_session(&slipway, reached, request, next).await) }
    });
    match layer.layer(inner).oneshot(request).await {
        Ok(response) => response.map(axum::body::Body::new),
        Err(never) => match never {},
    }
}

/// The token that a program sent, if it sent one.
pub fn bearer(headers: &HeaderMap) -> Option<Secret> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ').unwrap_or((value, ""));
    scheme.eq_ignore_ascii_case("bearer").then(|| Secret::from(token.trim()))
}

/// Where a request comes from.
pub(crate) fn origin(reached: Reached, headers: &HeaderMap) -> Origin {
    Origin {
        through: AuditThrough::Session,
        through_id: None,
        remote_address: reached.address,
        request_id: headers.get(REQUEST_ID).and_then(|id| id.to_str().ok()).map(str::to_owned),
    }
}

/// Tells what finds out by itself who asks, where the request comes from.
pub async fn tell_origin(mut request: Request, next: Next) -> Response {
    let reached = request.extensions().get::<Reached>().copied().unwrap_or_default();
    let origin = origin(reached, request.headers());
    request.extensions_mut().insert(origin);
    next.run(request).await
}

/// Goes on for the person of a token. There is no session and no cookie: what would be kept for the next page is kept for
/// this request alone.
async fn with_token(slipway: &Slipway, reached: Reached, token: &Secret, mut request: Request, next: Next) -> Response {
    let origin = origin(reached, request.headers());
    let (caller, person) = match token::recognise(&slipway.host, token, &origin).await {
        Ok(Answer::Known(caller, person)) => (*caller, *person),
        Ok(Answer::Unknown) => return refusal::unknown_token(),
        Ok(Answer::Waits(until)) => return refusal::too_many_tokens(until.since(slipway.host.clock().now())),
        Err(error) => return refusal::of(request.headers(), &error),
    };
    // Every change is decided where it is made; a token for reading need not get that far.
    let changes = ![Method::GET, Method::HEAD].contains(request.method());
    if changes && !caller.scopes.allow(Scope::Deploy) && !caller.scopes.allow(Scope::Administer) {
        let problem = Problem::Forbidden("This token is for reading only.".to_owned());
        return refusal::response(request.headers(), &problem);
    }
    let extensions = request.extensions_mut();
    if let Some(id) = caller.origin.through_id.as_deref().and_then(|id| id.parse().ok()) {
        extensions.insert(Proof::Token(id));
    }
    extensions.insert(Session::new(None, Arc::new(MemoryStore::default()), None));
    extensions.insert(Visitor { origin: caller.origin.clone(), caller: Some(caller), person: Some(person) });
    next.run(request).await
}

/// Goes on for the person of a session, if somebody signed in.
async fn with_session(slipway: &Slipway, reached: Reached, mut request: Request, next: Next) -> Response {
    let Some(session) = request.extensions().get::<Session>().cloned() else {
        let problem = Problem::Internal("There is no session. Try again.".to_owned());
        return refusal::response(request.headers(), &problem);
    };
    let asking = Asking {
        origin: origin(reached, request.headers()),
        device: request.extensions().get::<Browser>().map(|browser| browser.device.clone()).unwrap_or_default(),
        is_navigation: is_navigation(&request),
    };
    let visitor = match visitor_of(slipway, &session, asking).await {
        Ok(visitor) => visitor,
        Err(problem) => return refusal::response(request.headers(), &problem),
    };
    if let Some(id) = session.id() {
        request.extensions_mut().insert(Proof::Session(session_store::hash(&id)));
    }
    request.extensions_mut().insert(visitor);
    next.run(request).await
}

/// What a request says of whoever sends it.
struct Asking {
    origin: Origin,
    device: String,
    is_navigation: bool,
}

async fn visitor_of(slipway: &Slipway, session: &Session, asking: Asking) -> Result<Visitor, Problem> {
    let Asking { mut origin, device, is_navigation } = asking;
    let Some(signed_in) = session.get::<SignedIn>(SIGNED_IN).await.map_err(unreadable)? else {
        return Ok(Visitor { origin, ..Visitor::default() });
    };
    let opened = session.get::<Timestamp>(OPENED).await.map_err(unreadable)?;
    let known = user::visitor(&slipway.host, signed_in.user).await.map_err(|error| refusal::problem(&error))?;
    // Whoever changes a password, or has it reset, ends every session that was opened with the old one.
    let known = known.filter(|(_, person)| opened.is_some_and(|opened| opened >= person.password_set));
    let Some((caller, person)) = known else { return Ok(Visitor { origin, ..Visitor::default() }) };
    let address = origin.remote_address.map(|address| address.to_string()).unwrap_or_default();
    let now = SignedIn { roles: person.roles, address, device, ..signed_in.clone() };
    // The new id goes back with a page that the browser waits for, so that no other request is on its way with the old.
    let is_promoted = now.roles != signed_in.roles && is_navigation;
    if is_promoted {
        session.cycle_id().await.map_err(unreadable)?;
        session.insert(SIGNED_IN, &now).await.map_err(unreadable)?;
        session.save().await.map_err(unreadable)?;
    } else if (&now.address, &now.device) != (&signed_in.address, &signed_in.device) {
        session.insert(SIGNED_IN, SignedIn { roles: signed_in.roles, ..now }).await.map_err(unreadable)?;
    }
    origin.through_id = session.id().map(|id| session::public_id(session_store::hash(&id)).to_string());
    Ok(Visitor { caller: Some(caller.from(origin.clone())), person: Some(person), origin })
}

#[allow(clippy::needless_pass_by_value, reason = "for map_err")]
fn unreadable(error: tower_sessions::session::Error) -> Problem {
    tracing::error!(%error, "a session could not be read or written");
    Problem::Unavailable("Your session could not be read. Try again in a moment.".to_owned())
}

/// Whether a browser asks for a page to show.
fn is_navigation(request: &Request) -> bool {
    request.method() == Method::GET
        && address::wants_html(request.headers())
        && !request.headers().contains_key(LIVE_HEADER)
}

fn theme(headers: &HeaderMap, is_secure: bool) -> Theme {
    Cookie::Theme.read(headers, is_secure).and_then(|name| Theme::from_name(&name)).unwrap_or_default()
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

/// Writes into the audit log who was refused something that they wanted to look at.
pub async fn record_refused_looks(
    State(slipway): State<Slipway>,
    Extension(visitor): Extension<Visitor>,
    request: Request,
    next: Next,
) -> Response {
    let looks = [Method::GET, Method::HEAD].contains(request.method());
    let path = request.uri().path().to_owned();
    let response = next.run(request).await;
    if let (true, StatusCode::FORBIDDEN, Some(caller)) = (looks, response.status(), visitor.caller)
        && let Err(error) = audit::record_refused_look(&slipway.host, &caller, &path).await
    {
        tracing::error!(error = &error as &dyn std::error::Error, "a refusal could not be written into the audit log");
    }
    response
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]
    use super::*;
    use model::{
        id::UserId,
        user::{Person, Roles},
    };

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
            assert_eq!(theme(&headers, false), expected, "{cookie}");
        }
    }
}
