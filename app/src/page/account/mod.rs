//! One's own account: password, sessions, tokens, time zone, and the providers one signs in with.

#![allow(clippy::needless_pass_by_value, reason = "components take their properties by value")]

pub mod password;
pub mod providers;
pub mod sessions;
pub mod time_zone;
pub mod tokens;

use crate::{
    components::{Tab, Tabs},
    context,
    layout::PageHeader,
};
use leptos::prelude::*;

/// Address of the first page, the only one for somebody with a one-time password.
pub const PATH: &str = "/account";

/// A page of one's account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Password,
    Sessions,
    Tokens,
    TimeZone,
    Providers,
}

impl Part {
    fn tab(self, current: Self) -> Tab {
        let (label, path) = match self {
            Self::Password => ("Password", PATH),
            Self::Sessions => ("Sessions", sessions::PATH),
            Self::Tokens => ("API tokens", tokens::PATH),
            Self::TimeZone => ("Time zone", time_zone::PATH),
            Self::Providers => ("Sign-in", providers::PATH),
        };
        Tab::new(label, path, self == current)
    }
}

/// The heading of a page of one's account, with the way to the others.
#[component]
fn AccountHeader(
    /// The heading.
    title: &'static str,
    /// Which page it is.
    part: Part,
) -> impl IntoView {
    let mut parts = vec![Part::Password, Part::Sessions, Part::Tokens, Part::TimeZone];
    if !context::providers().is_empty() {
        parts.push(Part::Providers);
    }
    // Somebody with a one-time password changes it before anything else.
    let leads_on = context::caller().is_ok();
    let tabs = parts.into_iter().map(|other| other.tab(part)).collect::<Vec<_>>();
    view! {
        <PageHeader title/>
        {leads_on.then(|| view! { <Tabs label="Parts of your account" tabs/> })}
    }
    .into_any()
}
