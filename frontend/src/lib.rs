//! The WebAssembly entry point: wakes up the islands of the pages.

use app::island::SCRIPTING_COOKIE;
use js_sys::Reflect;
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

/// Tells the next pages, and whoever waits for it, such as a browser test, that the islands are awake.
fn mark_as_hydrated() {
    // Forgotten after a while, in case scripting is switched off.
    let cookie = format!("{SCRIPTING_COOKIE}; path=/; max-age=600; samesite=lax");
    // A page that cannot be marked works all the same.
    let _ = Reflect::set(&document(), &"cookie".into(), &cookie.into());
    if let Some(body) = document().body() {
        let _ = body.set_attribute("data-hydrated", "");
    }
}
