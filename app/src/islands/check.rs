//! Checks what is typed into settings by the domain's own rule. The server checks it in any case.

use domain::settings::Kind;
use wasm_bindgen::JsCast;
use web_sys::{Element, Event};

use super::dom;

/// The word that sets nothing, where nothing is a value.
const NOTHING: &str = "none";

/// Watches every field that says what it takes.
pub(super) fn start() {
    let Some(document) = dom::document() else { return };
    dom::on(&document, "change", |event: Event| {
        let Some(target) = event.target().and_then(|it| it.dyn_into::<Element>().ok()) else { return };
        if let Some(spec) = target.get_attribute("data-takes") {
            judge(&target, &spec);
        }
    });
}

fn judge(field: &Element, spec: &str) {
    let Some(kind) = Kind::of_spec(spec) else { return };
    let typed = js_sys::Reflect::get(field, &"value".into()).ok().and_then(|it| it.as_string());
    let typed = typed.unwrap_or_default();
    let typed = typed.trim();
    let nothing = typed.eq_ignore_ascii_case(NOTHING) && kind.takes_nothing();
    let problem =
        if typed.is_empty() || nothing { None } else { kind.judge(typed).err().map(|it| it.to_string()) };
    show(field, problem.as_deref());
}

fn show(field: &Element, problem: Option<&str>) {
    let Some(place) = dom::document().and_then(|it| it.get_element_by_id(&format!("{}-error", field.id())))
    else {
        return;
    };
    if let Ok(Some(text)) = place.query_selector("span") {
        text.set_text_content(problem);
    }
    // An attribute that is gone and one that is there cannot both fail.
    let _ = match problem {
        Some(_) => field.set_attribute("aria-invalid", "true").and(place.remove_attribute("hidden")),
        None => field.remove_attribute("aria-invalid").and(place.set_attribute("hidden", "")),
    };
}
