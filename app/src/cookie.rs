//! Cookies: none that scripts can read, none that other sites' requests carry, and none that go over plain http where
//! people come over https.

use http::{HeaderMap, header};
use std::time::Duration;

/// A cookie of Slipway.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cookie {
    /// The session.
    Session,
    /// Light or dark.
    Theme,
    /// Tells a browser in which its person signed in before.
    KnownBrowser,
    /// Tells the browser that went to a provider when it comes back.
    PendingSignIn,
}

impl Cookie {
    /// Its name. Where people come over https, the browser itself sees to it that nobody but this very host sets it
    /// (`__Host-`).
    pub fn name(self, is_secure: bool) -> &'static str {
        match (self, is_secure) {
            (Self::Session, false) => "slipway",
            (Self::Session, true) => "__Host-slipway",
            (Self::Theme, false) => "slipway-theme",
            (Self::Theme, true) => "__Host-slipway-theme",
            (Self::KnownBrowser, false) => "slipway-browser",
            (Self::KnownBrowser, true) => "__Host-slipway-browser",
            (Self::PendingSignIn, false) => "slipway-sign-in",
            (Self::PendingSignIn, true) => "__Host-slipway-sign-in",
        }
    }

    /// Its value in a request.
    pub fn read(self, headers: &HeaderMap, is_secure: bool) -> Option<String> {
        let name = self.name(is_secure);
        headers
            .get_all(header::COOKIE)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(';'))
            .filter_map(|cookie| cookie.trim().split_once('='))
            .find(|(own, _)| *own == name)
            .map(|(_, value)| value.to_owned())
    }

    /// The header that has a browser keep it. `value` is of letters, digits and hyphens; anything else is left out.
    pub fn write(self, value: &str, kept: Duration, is_secure: bool) -> String {
        let value: String = value.chars().filter(|letter| letter.is_ascii_alphanumeric() || *letter == '-').collect();
        let secure = if is_secure { "; Secure" } else { "" };
        let (name, seconds) = (self.name(is_secure), kept.as_secs());
        format!("{name}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}")
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]
    use super::*;

    fn sent(cookies: &str) -> HeaderMap {
        [(header::COOKIE, cookies.parse().unwrap())].into_iter().collect()
    }

    #[test]
    fn a_cookie_is_found_by_the_name_it_has_over_this_connection() {
        let headers = sent("a=b; slipway-theme=dark; __Host-slipway-theme=light");
        assert_eq!(Cookie::Theme.read(&headers, false).as_deref(), Some("dark"));
        assert_eq!(Cookie::Theme.read(&headers, true).as_deref(), Some("light"));
        assert_eq!(Cookie::Session.read(&headers, false), None);
    }

    #[test]
    fn a_cookie_is_for_this_host_alone_and_its_value_cannot_leave_it() {
        let minute = Duration::from_mins(1);
        assert_eq!(
            Cookie::KnownBrowser.write("ab; Domain=evil.test\r\nX: y", minute, true),
            "__Host-slipway-browser=abDomaineviltestXy; Path=/; Max-Age=60; HttpOnly; SameSite=Lax; Secure"
        );
        assert!(!Cookie::Theme.write("dark", minute, false).contains("Secure"));
    }
}
