//! What the way to a provider and back has in common with the pages it begins and ends on.

use crate::{context, page::account::providers};

pub use crate::page::{account::providers::connect_form, sign_in::FORM as SIGN_IN};

/// Address of the page on which somebody connects their account with a provider.
pub const CONNECTING: &str = providers::PATH;

/// Where a person goes after signing in: within this site, and never in a circle.
pub fn onward(next: &str) -> String {
    context::local_address(next).filter(|next| !next.starts_with("/sign-in")).unwrap_or("/").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signing_in_leads_on_within_this_site_and_never_in_a_circle() {
        assert_eq!(onward("/runs/1?x=2"), "/runs/1?x=2");
        assert_eq!(onward("//evil.example"), "/");
        assert_eq!(onward("/\\evil.example"), "/");
        assert_eq!(onward("https://evil.example"), "/");
        assert_eq!(onward("/sign-in?next=/sign-in"), "/");
        assert_eq!(onward(""), "/");
    }
}
