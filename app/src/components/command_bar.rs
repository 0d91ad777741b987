//! The bar of commands above a page.

use super::Icon;
use crate::context;
use leptos::prelude::*;

/// The bar of commands above a page.
#[component]
pub fn CommandBar(
    /// The commands.
    children: Children,
) -> impl IntoView {
    view! { <div class="command-bar" role="group" aria-label="Commands">{children()}</div> }.into_any()
}

/// A command that leads to a page. One that is not possible is a disabled button and says why.
#[component]
pub fn CommandLink(
    /// Where it leads.
    #[prop(into)]
    href: String,
    /// Icon before the text.
    icon: &'static str,
    /// Why it is not possible; none when it is.
    #[prop(optional_no_strip, into)]
    disabled: Option<String>,
    /// The text.
    children: Children,
) -> impl IntoView {
    match disabled {
        None => view! { <a class="command" href=href><Icon name=icon/><span>{children()}</span></a> }.into_any(),
        Some(reason) => {
            let id = context::element_id("reason");
            view! {
                <span class="disabled-button">
                    <button type="button" class="command" disabled aria-describedby=id.clone()>
                        <Icon name=icon/>
                        <span>{children()}</span>
                    </button>
                    <span class="reason" id=id>{reason}</span>
                </span>
            }
            .into_any()
        }
    }
}

/// A command that posts a form: a form around it, or the one whose id it names.
#[component]
pub fn Command(
    /// Icon before the text.
    icon: &'static str,
    /// Id of the form it posts.
    #[prop(optional, into)]
    form: Option<String>,
    /// Name of a value to post with the form.
    #[prop(optional, into)]
    name: Option<String>,
    /// The value to post.
    #[prop(optional, into)]
    value: Option<String>,
    /// The text.
    children: Children,
) -> impl IntoView {
    view! {
        <button type="submit" class="command" form=form name=name value=value>
            <Icon name=icon/>
            <span>{children()}</span>
        </button>
    }
    .into_any()
}
