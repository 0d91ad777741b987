//! Tells that the islands are awake.

use leptos::prelude::*;

/// Sets `data-hydrated` on the body once the islands are awake. It stands last on the page, because islands wake up
/// in their order.
#[island]
pub fn Hydrated() -> impl IntoView {
    Effect::new(|| {
        if let Some(body) = document().body() {
            let _ = body.set_attribute("data-hydrated", "true");
        }
    });
}
