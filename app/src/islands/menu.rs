//! Closes the person's menu when it is left, and says that the page is ready.

use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlDetailsElement, KeyboardEvent, Node};

use super::dom;

/// Says that every island is ready, and listens for reasons to close the menu.
pub(super) fn start() {
    let Some(document) = dom::document() else { return };
    dom::on(&document, "click", |event| close_unless(dom::target(&event).as_ref()));
    dom::on(&document, "keydown", |event| {
        if event.dyn_ref::<KeyboardEvent>().is_some_and(|event| event.key() == "Escape") {
            close_unless(None);
        }
    });
    if let Some(root) = document.document_element() {
        let _marked = root.set_attribute("data-hydrated", "true");
    }
}

fn close_unless(inside: Option<&Element>) {
    for menu in dom::everywhere("details.person[open]") {
        let within = inside.is_some_and(|element| menu.contains(Some(element.unchecked_ref::<Node>())));
        if !within && let Ok(menu) = menu.dyn_into::<HtmlDetailsElement>() {
            menu.set_open(false);
        }
    }
}
