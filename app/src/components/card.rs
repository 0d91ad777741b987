//! Cards.

use leptos::prelude::*;

/// A card with a heading.
#[component]
pub fn Card(
    /// The heading.
    #[prop(into)]
    title: String,
    /// Sets the card off from the others.
    #[prop(optional)]
    emphasized: bool,
    /// What stands opposite to the heading.
    #[prop(optional, into)]
    aside: Option<ViewFnOnce>,
    /// What stands at the foot: buttons.
    #[prop(optional, into)]
    footer: Option<ViewFnOnce>,
    /// The content.
    children: Children,
) -> impl IntoView {
    view! {
        <section class=if emphasized { "card emphasized" } else { "card" }>
            <header><h2>{title}</h2> {aside.map(ViewFnOnce::run)}</header>
            <div class="content">{children()}</div>
            {footer.map(|footer| view! { <footer>{footer.run()}</footer> })}
        </section>
    }
    .into_any()
}
