//! Messages above the content they are about.

use super::{Icon, badge::Intent};
use leptos::prelude::*;

/// A message. Errors and warnings interrupt a screen reader, the others wait.
#[component]
pub fn MessageBar(
    /// What it is about.
    #[prop(optional)]
    intent: Intent,
    /// A few words before the text.
    #[prop(optional, into)]
    title: Option<String>,
    /// The text, and what can be done.
    children: Children,
) -> impl IntoView {
    let role = if matches!(intent, Intent::Error | Intent::Warning) { "alert" } else { "status" };
    view! {
        <div class=format!("message-bar {}", intent.name()) role=role>
            <Icon name=intent.icon()/>
            <div class="message">
                {title.map(|title| view! { <strong>{title}</strong>" " })}
                {children()}
            </div>
        </div>
    }
    .into_any()
}
