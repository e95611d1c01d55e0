//! The WebAssembly entry point: starts the islands of the page.

use wasm_bindgen::prelude::wasm_bindgen;

// Links the islands in; the page names the ones it holds.
use app as _;

/// Called by the page's own script once the module is loaded.
#[wasm_bindgen]
pub fn hydrate() {
    leptos::mount::hydrate_islands();
}
