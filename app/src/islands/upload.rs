//! Shows how far an upload is. Without this the browser sends the same form by itself.

use wasm_bindgen::JsCast;
use web_sys::{
    Element, Event, FormData, HtmlFormElement, HtmlProgressElement, ProgressEvent, XmlHttpRequest,
};

use super::dom;

/// Enhances the upload form, if the page has one.
pub(super) fn start() {
    let Some(form) = dom::first::<HtmlFormElement>("form[data-upload]") else { return };
    let of = form.clone();
    dom::on(&form, "submit", move |event| {
        // When the request cannot even be made, the browser's own way still works.
        if send(&of).is_some() {
            event.prevent_default();
        }
    });
}

fn send(form: &HtmlFormElement) -> Option<()> {
    let request = XmlHttpRequest::new().ok()?;
    request.open("POST", &form.action()).ok()?;
    // The notice is for the page that is shown afterwards, not for this request.
    request.set_request_header("x-live", "1").ok()?;
    dom::on(request.upload().ok()?.as_ref(), "progress", |event| progress(&event));
    dom::on(request.upload().ok()?.as_ref(), "load", |_| checking());
    let done = request.clone();
    dom::on(&request, "load", move |_| arrived(&done));
    dom::on(&request, "error", |_| {
        failed("The connection broke. Nothing was imported; upload the file again.")
    });
    request.send_with_opt_form_data(Some(&FormData::new_with_form(form).ok()?)).ok()?;
    show("Uploading…");
    enable(false);
    Some(())
}

fn bar() -> Option<HtmlProgressElement> {
    dom::first("[data-upload-progress] progress")
}

fn show(text: &str) {
    if let Some(whole) = dom::first::<Element>("[data-upload-progress]") {
        let _shown = whole.remove_attribute("hidden");
    }
    if let Some(line) = dom::first::<Element>("[data-upload-text]") {
        line.set_text_content(Some(text));
    }
}

fn enable(is: bool) {
    if let Some(button) = dom::by_id::<web_sys::HtmlButtonElement>("upload-file") {
        button.set_disabled(!is);
    }
}

fn progress(event: &Event) {
    let Some(event) = event.dyn_ref::<ProgressEvent>().filter(|event| event.length_computable()) else {
        return;
    };
    let percent = (event.loaded() * 100.0 / event.total().max(1.0)).floor();
    if let Some(bar) = bar() {
        bar.set_value(percent);
    }
    show(&format!("{percent} % uploaded"));
}

fn checking() {
    if let Some(bar) = bar() {
        let _endless = bar.remove_attribute("value");
    }
    show("Uploaded. Checking the rows…");
}

/// The server answers by leading to the preview; that page is shown.
fn arrived(request: &XmlHttpRequest) {
    let address = request.response_url();
    let fine = request.status().is_ok_and(|status| status < 400);
    match dom::window() {
        Some(window) if fine && !address.is_empty() => {
            let _leaving = window.location().assign(&address);
        }
        _ => failed("The server did not take the file. Nothing was imported; check its size and try again."),
    }
}

fn failed(text: &str) {
    if let Some(bar) = bar() {
        bar.set_value(0.0);
    }
    show(text);
    enable(true);
}
