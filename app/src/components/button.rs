//! Buttons, and links that look like them.

use super::Icon;
use crate::context;
use leptos::prelude::*;

/// How much a button stands out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Appearance {
    /// The one thing to do on the page.
    Primary,
    /// Anything else.
    #[default]
    Default,
    /// Without a border.
    Subtle,
}

impl Appearance {
    fn class(self) -> &'static str {
        match self {
            Self::Primary => "button primary",
            Self::Default => "button",
            Self::Subtle => "button subtle",
        }
    }
}

/// A button that posts its form. One that cannot be pressed says why, right next to it.
#[component]
pub fn Button(
    /// How much it stands out.
    #[prop(optional)]
    appearance: Appearance,
    /// Icon before the text.
    #[prop(optional_no_strip, into)]
    icon: Option<&'static str>,
    /// Why it cannot be pressed; none when it can.
    #[prop(optional_no_strip, into)]
    disabled: Option<String>,
    /// Name of a value to post with the form.
    #[prop(optional, into)]
    name: Option<String>,
    /// The value to post.
    #[prop(optional, into)]
    value: Option<String>,
    /// Id of the form it posts, when it stands outside of it.
    #[prop(optional, into)]
    form: Option<String>,
    /// Address to post to, when it is not the form's own.
    #[prop(optional, into)]
    formaction: Option<String>,
    /// Posts even when required fields are empty, as *Back* does.
    #[prop(optional)]
    formnovalidate: bool,
    /// The text.
    children: Children,
) -> impl IntoView {
    let reason = disabled.map(|reason| (context::element_id("reason"), reason));
    let button = view! {
        <button
            type="submit"
            class=appearance.class()
            disabled=reason.is_some()
            aria-describedby=reason.as_ref().map(|(id, _)| id.clone())
            name=name
            value=value
            form=form
            formaction=formaction
            formnovalidate=formnovalidate
        >
            {icon.map(|name| view! { <Icon name/> })}
            <span>{children()}</span>
        </button>
    };
    match reason {
        None => button.into_any(),
        Some((id, reason)) => view! {
            <span class="disabled-button">{button}<span class="reason" id=id>{reason}</span></span>
        }
        .into_any(),
    }
}

/// A link that looks like a button. One that cannot be followed is a disabled button and says why.
#[component]
pub fn LinkButton(
    /// Where it leads.
    #[prop(into)]
    href: String,
    /// How much it stands out.
    #[prop(optional)]
    appearance: Appearance,
    /// Icon before the text.
    #[prop(optional_no_strip, into)]
    icon: Option<&'static str>,
    /// Why it cannot be followed; none when it can.
    #[prop(optional_no_strip, into)]
    disabled: Option<String>,
    /// The text.
    children: Children,
) -> impl IntoView {
    match disabled {
        Some(reason) => view! {
            <Button appearance icon disabled=reason>{children()}</Button>
        }
        .into_any(),
        None => view! {
            <a class=appearance.class() href=href>
                {icon.map(|name| view! { <Icon name/> })}
                <span>{children()}</span>
            </a>
        }
        .into_any(),
    }
}
