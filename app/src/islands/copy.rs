//! Copies the text of the button that is pressed.

use gloo_timers::callback::Timeout;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::Element;

use super::dom;

/// How long a button says that it has copied, in milliseconds.
const SHOWN: u32 = 1_500;

/// Listens for buttons that copy.
pub(super) fn start() {
    let Some(document) = dom::document() else { return };
    dom::on(&document, "click", |event| {
        let button = dom::target(&event).and_then(|element| element.closest("[data-copy]").ok().flatten());
        if let Some(button) = button {
            spawn_local(copy(button));
        }
    });
}

async fn copy(button: Element) {
    let text = button.get_attribute("data-copy").unwrap_or_default();
    if write(&text).await.is_none() {
        dom::announce("The browser does not allow copying here. Select the text instead.");
        return;
    }
    let _marked = button.set_attribute("data-copied", "");
    dom::announce("Copied.");
    Timeout::new(SHOWN, move || {
        let _unmarked = button.remove_attribute("data-copied");
    })
    .forget();
}

async fn write(text: &str) -> Option<()> {
    let clipboard = dom::window()?.navigator().clipboard();
    // Browsers hide the clipboard from pages that came without encryption.
    if clipboard.is_undefined() {
        return None;
    }
    JsFuture::from(clipboard.write_text(text)).await.ok().map(|_| ())
}
