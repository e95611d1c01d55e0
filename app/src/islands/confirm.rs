//! Enables a button once the name is typed. The server checks the name in any case.

use wasm_bindgen::JsCast;
use web_sys::{HtmlButtonElement, HtmlInputElement};

use super::dom;

/// Watches the field that must hold a name, if the page has one.
pub(super) fn start() {
    let Some(input) = dom::first::<HtmlInputElement>("input[data-must-be]") else { return };
    let Some(button) = button(&input) else { return };
    check(&input, &button);
    let of = input.clone();
    dom::on(&input, "input", move |_| check(&of, &button));
}

/// The form's button, unless the server has refused the act: then it stays as it is.
fn button(input: &HtmlInputElement) -> Option<HtmlButtonElement> {
    let button = input.form()?.query_selector("button[type=submit]").ok()??;
    button.dyn_into::<HtmlButtonElement>().ok().filter(|button| !button.disabled())
}

fn check(input: &HtmlInputElement, button: &HtmlButtonElement) {
    let wanted = input.get_attribute("data-must-be").unwrap_or_default();
    button.set_disabled(input.value().trim() != wanted.trim());
}
