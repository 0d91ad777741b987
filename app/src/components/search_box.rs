//! Searching a list.

use super::Icon;
use leptos::prelude::*;

/// Searches a list by its address.
#[component]
pub fn SearchBox(
    /// Address of the list.
    #[prop(into)]
    action: String,
    /// What is searched: *Search solutions*.
    #[prop(into)]
    label: String,
    /// What is searched for now.
    #[prop(optional, into)]
    value: String,
    /// Name of the field in the address.
    #[prop(default = "search")]
    name: &'static str,
) -> impl IntoView {
    view! {
        <form class="search-box" role="search" method="get" action=action>
            <Icon name="search"/>
            <input type="search" name=name value=value aria-label=label.clone() placeholder=label maxlength="200"/>
            <button type="submit" class="button subtle small">"Search"</button>
        </form>
    }
    .into_any()
}
