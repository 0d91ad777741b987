//! A panel: a task of its own, with what to do at its foot.

use super::Icon;
use leptos::prelude::*;

/// A task of its own, such as the wizard: a heading, something at its side, the content. The buttons stand at the
/// foot of the content, in `<div class="panel-footer">`.
#[component]
pub fn Panel(
    /// The heading, which is the heading of the page.
    #[prop(into)]
    title: String,
    /// Where closing it leads.
    #[prop(into)]
    close: String,
    /// What stands at its side, such as a [`super::Stepper`].
    #[prop(optional, into)]
    side: Option<ViewFnOnce>,
    /// The content.
    children: Children,
) -> impl IntoView {
    view! {
        <section class="panel">
            <header>
                <h1>{title}</h1>
                <a class="button subtle icon-only" href=close aria-label="Close">
                    <Icon name="dismiss"/>
                </a>
            </header>
            {side.map(|side| view! { <div class="panel-side">{side.run()}</div> })}
            <div class="panel-content">{children()}</div>
        </section>
    }
    .into_any()
}
