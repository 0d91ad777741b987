//! Turning the pages of a list.

use super::Icon;
use leptos::prelude::*;

/// Turns the pages of a list. Nothing when there is only one.
#[component]
pub fn Pager<F>(
    /// Number of this page, from 1.
    number: u64,
    /// Number of the last page.
    last: u64,
    /// Whether there are more pages than were counted.
    #[prop(optional)]
    more: bool,
    /// What the pages are of: *Runs*.
    #[prop(into)]
    label: String,
    /// The address of a page.
    href: F,
) -> impl IntoView
where
    F: Fn(u64) -> String,
{
    if last <= 1 && number <= 1 && !more {
        return ().into_any();
    }
    let previous = (number > 1).then(|| href(number - 1));
    let next = (number < last || more).then(|| href(number + 1));
    let place = if more { format!("Page {number} of more than {last}") } else { format!("Page {number} of {last}") };
    view! {
        <nav class="pager" aria-label=format!("Pages of {label}")>
            {previous.map(|href| view! { <a class="button subtle" rel="prev" href=href><Icon name="chevron-left"/><span>"Previous page"</span></a> })}
            <span>{place}</span>
            {next.map(|href| view! { <a class="button subtle" rel="next" href=href><span>"Next page"</span><Icon name="chevron-right"/></a> })}
        </nav>
    }
    .into_any()
}
