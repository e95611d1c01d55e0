//! The few things that every island does with the document.

use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use web_sys::{
    Document, Element, Event, EventTarget, FormData, HtmlFormElement, HtmlInputElement, HtmlSelectElement,
    HtmlTextAreaElement, RequestInit, UrlSearchParams, Window,
};

/// Says that the address changed without a page being loaded.
pub(super) const ADDRESS_CHANGED: &str = "address-changed";

/// Says that the session has ended.
pub(super) const SESSION_OVER: &str = "session-over";

/// Says that there is a session again after it had ended.
pub(super) const SESSION_BACK: &str = "session-back";

/// The window.
pub(super) fn window() -> Option<Window> {
    web_sys::window()
}

/// The document.
pub(super) fn document() -> Option<Document> {
    window()?.document()
}

/// Listens for as long as the page lives.
pub(super) fn on(target: &EventTarget, kind: &str, heard: impl FnMut(Event) + 'static) {
    let closure = Closure::<dyn FnMut(Event)>::new(heard);
    if target.add_event_listener_with_callback(kind, closure.as_ref().unchecked_ref()).is_ok() {
        closure.forget();
    }
}

/// The element on which an event happened.
pub(super) fn target(event: &Event) -> Option<Element> {
    event.target()?.dyn_into().ok()
}

/// All elements below `root` that match.
pub(super) fn all(root: &Element, selector: &str) -> Vec<Element> {
    let Ok(found) = root.query_selector_all(selector) else { return Vec::new() };
    (0..found.length()).filter_map(|place| found.item(place)?.dyn_into().ok()).collect()
}

/// All elements of the document that match.
pub(super) fn everywhere(selector: &str) -> Vec<Element> {
    document()
        .and_then(|document| document.document_element())
        .map(|root| all(&root, selector))
        .unwrap_or_default()
}

/// The element with this id, as the type asked for.
pub(super) fn by_id<T: JsCast>(id: &str) -> Option<T> {
    document()?.get_element_by_id(id)?.dyn_into().ok()
}

/// The first element that matches, as the type asked for.
pub(super) fn first<T: JsCast>(selector: &str) -> Option<T> {
    document()?.query_selector(selector).ok()??.dyn_into().ok()
}

/// Lets people hear it who listen to the page.
pub(super) fn announce(text: &str) {
    if let Some(region) = by_id::<Element>("announcement") {
        region.set_text_content(Some(text));
    }
}

/// What a form would send, without empty fields.
pub(super) fn form_query(form: &HtmlFormElement) -> Option<UrlSearchParams> {
    let query = UrlSearchParams::new().ok()?;
    let fields = FormData::new_with_form(form).ok()?;
    for pair in js_sys::Array::from(&fields).iter() {
        let pair: js_sys::Array = pair.unchecked_into();
        if let (Some(name), Some(value)) = (pair.get(0).as_string(), pair.get(1).as_string())
            && !value.is_empty()
        {
            query.append(&name, &value);
        }
    }
    Some(query)
}

/// Shows another address without loading it.
pub(super) fn replace_address(url: &str) {
    if let Some(history) = window().and_then(|window| window.history().ok()) {
        let _kept = history.replace_state_with_url(&JsValue::NULL, "", Some(url));
        dispatch(ADDRESS_CHANGED);
    }
}

/// Tells the other islands that something happened.
pub(super) fn dispatch(event: &str) {
    if let (Some(document), Ok(event)) = (document(), Event::new(event)) {
        let _handled = document.dispatch_event(&event);
    }
}

/// What a form with these fields would post.
pub(super) fn form_post(fields: &[(&str, &str)]) -> Option<RequestInit> {
    let body = UrlSearchParams::new().ok()?;
    for (name, value) in fields {
        body.append(name, value);
    }
    let init = RequestInit::new();
    init.set_method("POST");
    init.set_body(body.as_ref());
    Some(init)
}

/// Whether somebody typed something on the page that was not sent. A search stands in the address and is not lost.
pub(super) fn holds_typed_work() -> bool {
    everywhere("form:not([data-search]) :is(input, textarea)").into_iter().any(is_typed)
}

/// Whether somebody typed, chose or attached something in this part of the page that was not sent.
pub(super) fn holds_work_in(part: &Element) -> bool {
    all(part, "input, textarea").into_iter().any(is_typed)
        || all(part, "select").into_iter().any(is_chosen)
        || all(part, "input[type=file]").into_iter().any(holds_file)
}

/// Whether another option is chosen than the server chose; a list in which it chose none begins with its first.
fn is_chosen(list: Element) -> bool {
    let first = all(&list, "option").iter().position(|option| option.has_attribute("selected"));
    let given = i32::try_from(first.unwrap_or(0)).unwrap_or(0);
    list.dyn_into::<HtmlSelectElement>().is_ok_and(|list| list.selected_index() != given)
}

fn holds_file(field: Element) -> bool {
    let files = field.dyn_into::<HtmlInputElement>().ok().and_then(|field| field.files());
    files.is_some_and(|files| files.length() > 0)
}

/// Whether a field holds other words than the server wrote into it. Ticks are no words: lists keep them by themselves.
fn is_typed(field: Element) -> bool {
    match field.dyn_into::<HtmlInputElement>() {
        Ok(input) => {
            let of_words = !matches!(input.type_().as_str(), "checkbox" | "radio" | "hidden" | "file");
            of_words && input.value() != input.default_value()
        }
        Err(field) => field
            .dyn_into::<HtmlTextAreaElement>()
            .is_ok_and(|area| area.default_value().is_ok_and(|before| area.value() != before)),
    }
}

/// The present path with this query string.
pub(super) fn with_query(query: &UrlSearchParams) -> Option<String> {
    let path = window()?.location().pathname().ok()?;
    let query = String::from(query.to_string());
    Some(if query.is_empty() { path } else { format!("{path}?{query}") })
}
