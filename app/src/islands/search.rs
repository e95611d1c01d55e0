//! Searches while typing: the form's own address is fetched and the regions that differ are exchanged.

use std::{cell::RefCell, rc::Rc};

use gloo_timers::callback::Timeout;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::spawn_local;
use web_sys::{AbortController, Element, Event, HtmlAnchorElement, HtmlFormElement, MouseEvent, SubmitEvent};

use super::{
    dom, selection,
    swap::{self, Fetched, On},
};

/// The pause in typing after which a search starts, in milliseconds.
const PAUSE: u32 = 150;

/// The search under way.
#[derive(Default)]
struct Search {
    waiting: Option<Timeout>,
    running: Option<AbortController>,
}

type Shared = Rc<RefCell<Search>>;

/// Enhances the search form, if the page has one.
pub(super) fn start() {
    let Some(form) = dom::first::<HtmlFormElement>("form[data-search]") else { return };
    let shared = Shared::default();
    let (with, of) = (shared.clone(), form.clone());
    dom::on(&form, "input", move |event| typed(&with, &of, &event));
    let (with, of) = (shared.clone(), form.clone());
    dom::on(&form, "submit", move |event| submitted(&with, &of, &event));
    dom::on(&form, "click", move |event| sorted(&shared, &event));
}

/// Typing waits for a pause; a box or a choice does not. Ticking a row is no search.
fn typed(shared: &Shared, form: &HtmlFormElement, event: &Event) {
    let Some(field) = dom::target(event) else { return };
    let kind = field.get_attribute("type").unwrap_or_default();
    let of_rows =
        field.get_attribute("name").as_deref() == Some("sel") || field.has_attribute("data-select-all");
    if !of_rows {
        plan(shared, form, if kind == "search" { PAUSE } else { 0 });
    }
}

fn plan(shared: &Shared, form: &HtmlFormElement, pause: u32) {
    let (with, form) = (shared.clone(), form.clone());
    shared.borrow_mut().waiting = Some(Timeout::new(pause, move || {
        if let Some(address) = dom::form_query(&form).and_then(|query| dom::with_query(&query)) {
            go(&with, address);
        }
    }));
}

/// The search button searches here; buttons that lead elsewhere are left alone.
fn submitted(shared: &Shared, form: &HtmlFormElement, event: &Event) {
    let button = event.dyn_ref::<SubmitEvent>().and_then(SubmitEvent::submitter);
    if button.is_none_or(|button| button.id() == "search") {
        event.prevent_default();
        plan(shared, form, 0);
    }
}

/// A column's head sorts here; a click that opens a new tab is left alone.
fn sorted(shared: &Shared, event: &Event) {
    let Some(link) =
        dom::target(event).and_then(|element| element.closest("a[data-keep-selection]").ok().flatten())
    else {
        return;
    };
    let Ok(link) = link.dyn_into::<HtmlAnchorElement>() else { return };
    selection::carry(&link);
    let plain = event.dyn_ref::<MouseEvent>().is_some_and(|click| {
        click.button() == 0
            && !click.ctrl_key()
            && !click.meta_key()
            && !click.shift_key()
            && !click.alt_key()
    });
    if plain && link.class_list().contains("sort") {
        event.prevent_default();
        go(shared, link.href());
    }
}

fn go(shared: &Shared, address: String) {
    let controller = AbortController::new().ok();
    if let Some(older) = std::mem::replace(&mut shared.borrow_mut().running, controller.clone()) {
        older.abort();
    }
    dom::replace_address(&address);
    busy(true);
    spawn_local(async move {
        let signal = controller.map(|controller| controller.signal());
        let fresh = swap::fetch(&address, signal.as_ref(), On::BehalfOfThePage).await;
        if signal.is_some_and(|signal| signal.aborted()) {
            return;
        }
        busy(false);
        match fresh {
            Fetched::Page(fresh) => swap::swap(&fresh),
            Fetched::SignedOut => {}
            Fetched::Nothing => dom::announce("The list could not be loaded. Reload the page."),
        }
    });
}

fn busy(is: bool) {
    if let Some(results) = dom::by_id::<Element>("results") {
        let _set = results.set_attribute("aria-busy", if is { "true" } else { "false" });
    }
}
