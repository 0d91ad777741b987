//! Wakes up the islands.
/// Entry.
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn hydrate() {
    use app as _;
    console_error_panic_hook::set_once();
    leptos::mount::hydrate_islands();
}
