//! What a page or a server function knows of the request it answers.
//!
//! The server provides, for pages and for server functions alike: [`Host`], [`Visitor`], [`Theme`],
//! `tower_sessions::Session` and `leptos::nonce::Nonce`. leptos provides `http::request::Parts` and
//! `leptos_axum::ResponseOptions`.

use crate::{cookie::Cookie, error::AppError, island::SCRIPTING_COOKIE};
use http::{HeaderName, HeaderValue, StatusCode, header, request::Parts};
use leptos::prelude::{expect_context, use_context};
use leptos_axum::ResponseOptions;
use model::{
    Problem, Timestamp,
    id::UserId,
    user::{Person, Roles},
};
use pipelines::{Caller, Host, Origin, Proof, sign_in};
use serde::{Deserialize, Serialize};
use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};
use tower_sessions::Session;

/// The key of the session under which stands who signed in, as [`SignedIn`].
pub const SIGNED_IN: &str = "signed-in";

/// Who signed in, as the session keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignedIn {
    /// The person.
    pub user: UserId,
    /// When.
    pub at: Timestamp,
    /// With a password, or with the provider of this name.
    pub method: String,
    /// Network address the session was last used from; empty when it is not known.
    pub address: String,
    /// Browser and system.
    pub device: String,
    /// The roles for which the session got its id: for others it gets a new one.
    pub roles: Roles,
}

/// How a browser came to Slipway.
#[derive(Clone, Debug, Default)]
pub struct Browser {
    /// Whether it came over https.
    pub is_secure: bool,
    /// Browser and system: *Firefox on Windows*.
    pub device: String,
}

/// A provider that people can sign in with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProviderChoice {
    /// Its key, which stands in addresses.
    pub key: String,
    /// Its name on the button.
    pub name: String,
    /// The security roles it decides over.
    pub managed_roles: Roles,
}

/// The providers, as the server provides them.
#[derive(Clone, Debug, Default)]
pub struct ProviderChoices(pub Vec<ProviderChoice>);

/// The header with which the browser asks for a page again to refresh a part of it.
pub const LIVE_HEADER: &str = "x-slipway-live";

/// Who looks, if anybody signed in.
#[derive(Clone, Debug, Default)]
pub struct Visitor {
    /// For operations of the host.
    pub caller: Option<Caller>,
    /// For pages.
    pub person: Option<Person>,
    /// Where the request came from.
    pub origin: Origin,
}

/// Light, dark, or as the reader's system has it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Theme {
    /// As the reader's system has it.
    #[default]
    System,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

impl Theme {
    /// Every theme, in the order of the menu.
    pub const ALL: [Self; 3] = [Self::System, Self::Light, Self::Dark];

    /// The word in the cookie, in the form and in the page.
    pub fn name(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// The theme of a word.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|theme| theme.name() == name)
    }

    /// The words on screen.
    pub fn label(self) -> &'static str {
        match self {
            Self::System => "As the system",
            Self::Light => "Light",
            Self::Dark => "Dark",
        }
    }
}

/// The host. The server provides it for every request.
pub fn host() -> Host {
    expect_context::<Host>()
}

/// The person who asks. Somebody with a one-time password has to change it before anything else.
pub fn caller() -> Result<Caller, AppError> {
    let visitor = visitor();
    if visitor.person.is_some_and(|person| person.must_change_password) {
        return Err(Problem::Forbidden("Change your one-time password first.".to_owned()).into());
    }
    visitor.caller.ok_or(AppError(Problem::SignInRequired))
}

/// The person who asks, even with a one-time password. Only for changing that password.
pub fn caller_with_one_time_password() -> Result<Caller, AppError> {
    visitor().caller.ok_or(AppError(Problem::SignInRequired))
}

/// Who looks, if anybody signed in.
pub fn visitor() -> Visitor {
    use_context::<Visitor>().unwrap_or_default()
}

/// The theme the reader chose.
pub fn theme() -> Theme {
    use_context::<Theme>().unwrap_or_default()
}

/// The session.
pub fn session() -> Result<Session, AppError> {
    use_context::<Session>().ok_or_else(|| Problem::Internal("There is no session. Try again.".to_owned()).into())
}

/// What shows who asks.
pub fn proof() -> Option<Proof> {
    use_context::<Proof>()
}

/// The providers that people can sign in with.
pub fn providers() -> Vec<ProviderChoice> {
    use_context::<ProviderChoices>().unwrap_or_default().0
}

/// Opens a session for somebody who has just signed in. It gets a new id, so that one that somebody else planted before
/// is worth nothing.
pub async fn open_session(person: &Person, method: &str) -> Result<(), AppError> {
    let session = session()?;
    session.cycle_id().await?;
    let address = visitor().origin.remote_address.map(|address| address.to_string());
    let signed_in = SignedIn {
        user: person.id,
        at: now().unwrap_or_default(),
        method: method.to_owned(),
        address: address.unwrap_or_default(),
        device: browser().device,
        roles: person.roles,
    };
    Ok(session.insert(SIGNED_IN, signed_in).await?)
}

/// The token of a browser in which somebody signed in before.
pub fn known_browser() -> Option<String> {
    Cookie::KnownBrowser.read(&use_context::<Parts>()?.headers, browser().is_secure)
}

/// Has the browser keep a token, to be known by the next time.
pub fn know_browser(token: &str) {
    let cookie = Cookie::KnownBrowser.write(token, sign_in::BROWSER_KNOWN, browser().is_secure);
    if let (Some(response), Ok(value)) = (use_context::<ResponseOptions>(), HeaderValue::from_str(&cookie)) {
        response.append_header(header::SET_COOKIE, value);
    }
}

fn browser() -> Browser {
    use_context::<Browser>().unwrap_or_default()
}

/// The moment it is for the host; none outside a request.
pub fn now() -> Option<Timestamp> {
    use_context::<Host>().map(|host| host.clock().now())
}

/// Path and query of the request.
pub fn address() -> String {
    use_context::<Parts>()
        .and_then(|parts| parts.uri.path_and_query().map(|path| path.as_str().to_owned()))
        .unwrap_or_else(|| "/".to_owned())
}

/// Path of the request.
pub fn path() -> String {
    use_context::<Parts>().map_or_else(|| "/".to_owned(), |parts| parts.uri.path().to_owned())
}

/// A header of the request.
pub fn header(name: impl Into<HeaderName>) -> Option<String> {
    use_context::<Parts>()?.headers.get(name.into())?.to_str().ok().map(str::to_owned)
}

/// Whether the browser asks only to refresh a part of the page.
pub fn is_refresh() -> bool {
    header(HeaderName::from_static(LIVE_HEADER)).is_some()
}

/// Whether whoever asks wants a page rather than data: a browser that follows a link or posts a form.
pub fn wants_html() -> bool {
    header(header::ACCEPT).is_some_and(|accept| accept.contains("text/html"))
}

/// Sets the status of the answer.
pub fn set_status(status: StatusCode) {
    if let Some(response) = use_context::<ResponseOptions>() {
        response.set_status(status);
    }
}

/// Sets a header of the answer.
pub fn set_header(name: HeaderName, value: &str) {
    if let (Some(response), Ok(value)) = (use_context::<ResponseOptions>(), HeaderValue::from_str(value)) {
        response.insert_header(name, value);
    }
}

/// Has a browser without scripting ask for the page again after some seconds. One with scripting follows events.
pub fn refresh_without_scripting(seconds: u8) {
    let scripting = header(header::COOKIE)
        .is_some_and(|cookies| cookies.split(';').any(|cookie| cookie.trim() == SCRIPTING_COOKIE));
    if !scripting {
        set_header(header::REFRESH, &seconds.to_string());
    }
}

/// Sends the browser on to an address of this site, to be fetched with GET.
pub fn redirect(address: &str) {
    if let Some(address) = local_address(address) {
        set_header(header::LOCATION, address);
        set_status(StatusCode::SEE_OTHER);
    }
}

/// Whether the answer sends the browser on.
pub fn is_redirected() -> bool {
    use_context::<ResponseOptions>()
        .and_then(|response| response.0.read().ok().map(|parts| parts.status == Some(StatusCode::SEE_OTHER)))
        .unwrap_or(false)
}

/// The address, if it is a path of this site and nothing else: not `//host`, not `/\host`, not `https:`.
pub fn local_address(address: &str) -> Option<&str> {
    let is_local = address.starts_with('/')
        && !address.starts_with("//")
        && !address.contains('\\')
        && !address.chars().any(char::is_control);
    is_local.then_some(address)
}

/// Counts the elements of one page that need an id.
#[derive(Clone, Debug, Default)]
pub struct ElementIds(Arc<AtomicU32>);

/// An id that no other element of the page has.
pub fn element_id(prefix: &str) -> String {
    let number = use_context::<ElementIds>().map_or(0, |ids| ids.0.fetch_add(1, Ordering::Relaxed) + 1);
    format!("{prefix}-{number}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_paths_of_this_site_are_followed() {
        for good in ["/", "/runs/1", "/environments?view=target#x"] {
            assert_eq!(local_address(good), Some(good));
        }
        for bad in [
            "",
            "runs",
            "//evil.example",
            "/\\evil.example",
            "https://evil.example",
            "/a\r\nSet-Cookie: x",
            "/\t/evil.example",
        ] {
            assert_eq!(local_address(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn themes_are_read_by_their_words() {
        for theme in Theme::ALL {
            assert_eq!(Theme::from_name(theme.name()), Some(theme));
        }
        assert_eq!(Theme::from_name("purple"), None);
    }
}
