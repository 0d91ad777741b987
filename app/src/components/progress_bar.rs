//! Progress.

use leptos::prelude::*;

/// How far something is.
#[component]
pub fn ProgressBar(
    /// What is in progress.
    #[prop(into)]
    label: String,
    /// Percent done; none while that is not known.
    #[prop(optional_no_strip, into)]
    percent: Option<u8>,
) -> impl IntoView {
    let shown = percent.map(|percent| format!("{}%", percent.min(100)));
    view! {
        <span class="progress">
            <progress aria-label=label max="100" value=percent.map(|percent| percent.min(100).to_string())>{shown.clone()}</progress>
            {shown.map(|shown| view! { <span>{shown}</span> })}
        </span>
    }
    .into_any()
}
