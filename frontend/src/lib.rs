//! The WebAssembly entry point: wakes up the islands of the pages.

// Named, so that the islands are linked in.
use app as _;
use leptos::prelude::{document, set_timeout};
use std::time::Duration;

/// Called by the page's own script once this module is loaded.
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn hydrate() {
    console_error_panic_hook::set_once();
    leptos::mount::hydrate_islands();
    // The page's script wakes the islands right after this returns, without giving the browser a turn in between.
    // Where the browser has no timers, nobody waits for the mark.
    let _ = set_timeout(mark_as_hydrated, Duration::ZERO);
}

/// Tells whoever waits for it, such as a browser test, that the islands are awake.
fn mark_as_hydrated() {
    if let Some(body) = document().body() {
        // A page that cannot be marked works all the same.
        let _ = body.set_attribute("data-hydrated", "");
    }
}
