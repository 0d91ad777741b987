//! Moments.

use leptos::prelude::*;
use model::Timestamp;

/// A moment, absolute and relative: *Oct 24, 2025 5:46 PM (2 hours ago)*. In UTC from the server; the browser shows
/// it in the reader's own time zone and keeps the relative part up to date.
#[component]
pub fn Moment(
    /// The moment.
    at: Timestamp,
    /// The moment it is now; the host's clock tells where it is left out.
    #[prop(optional, into)]
    now: Option<Timestamp>,
    /// Whether to leave the relative part out.
    #[prop(optional)]
    absolute: bool,
) -> impl IntoView {
    #[cfg(feature = "ssr")]
    let now = now.or_else(crate::context::now);
    let relative = if absolute { None } else { now.map(|now| at.relative_to(now)) };
    let style = if absolute { "absolute" } else { "relative" };
    let text = match relative {
        Some(relative) => format!("{} UTC ({relative})", at.to_text()),
        None => format!("{} UTC", at.to_text()),
    };
    view! { <time datetime=at.to_rfc3339() data-moment=style>{text}</time> }
}
