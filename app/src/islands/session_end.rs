//! Tells people in time that their session ends, and lets it go on: by their own press, or in the CRM's frame by a new
//! launch that the CRM sends. Nothing that was typed is lost meanwhile.

use std::{cell::RefCell, rc::Rc};

use domain::session::TOLD_BEFORE;
use gloo_timers::callback::Timeout;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{Element, Headers, HtmlElement, RequestInit, Response};

use super::{
    dom,
    host::Host,
    swap::{self, Fetched, On},
};

/// How long the CRM has before people are bothered, in milliseconds.
const CRM_ANSWERS_WITHIN: u32 = 5_000;

/// After a failure of the network it is asked again, in milliseconds.
const ASK_AGAIN: u32 = 15_000;

/// The longest single wait that a browser's timer takes, in seconds.
const LONGEST_WAIT: u32 = 86_400;

struct Watch {
    host: Option<Host>,
    /// When the server is asked next.
    next: Option<Timeout>,
    /// When people are told, unless the CRM answers before.
    notice: Option<Timeout>,
    over: bool,
}

type Shared = Rc<RefCell<Watch>>;

/// Watches the session of this page.
pub(super) fn start() {
    let (Some(place), Some(document)) = (dom::by_id::<Element>("session"), dom::document()) else { return };
    let shared = Rc::new(RefCell::new(Watch { host: None, next: None, notice: None, over: false }));
    if let Some(crm) = place.get_attribute("data-crm") {
        let with = shared.clone();
        let host = Host::connect(&crm, move |token| spawn_local(launch(with.clone(), token)));
        shared.borrow_mut().host = host;
    }
    let with = shared.clone();
    dom::on(&document, dom::SESSION_OVER, move |_| over(&with));
    let with = shared.clone();
    dom::on(&place, "click", move |event| {
        if dom::target(&event).is_some_and(|it| it.has_attribute("data-session-stay")) {
            spawn_local(ask(with.clone(), On::BehalfOfAPerson));
        }
    });
    if let Some(rest) = rest(&place) {
        go_on(&shared, rest);
    }
}

/// The rest of the session's time in seconds, as the server wrote it.
fn rest(place: &Element) -> Option<u32> {
    place.get_attribute("data-ends-in")?.parse().ok()
}

fn told_before() -> u32 {
    u32::try_from(TOLD_BEFORE.as_secs()).unwrap_or_default()
}

/// All is well for now: asks the server again when it is time to tell people.
fn go_on(shared: &Shared, rest: u32) {
    hide();
    shared.borrow_mut().notice = None;
    if std::mem::take(&mut shared.borrow_mut().over) {
        dom::dispatch(dom::SESSION_BACK);
    }
    ask_in(shared, rest.saturating_sub(told_before()).min(LONGEST_WAIT) * 1_000);
}

fn ask_in(shared: &Shared, milliseconds: u32) {
    let with = shared.clone();
    let next = Timeout::new(milliseconds, move || spawn_local(ask(with, On::BehalfOfThePage)));
    shared.borrow_mut().next = Some(next);
}

/// Asks the server how long the session lasts: another tab may have kept it going.
async fn ask(shared: Shared, on: On) {
    let Some(address) = dom::window().and_then(|window| window.location().href().ok()) else { return };
    match swap::fetch(&address, None, on).await {
        Fetched::Page(page) => match page.get_element_by_id("session").as_ref().and_then(rest) {
            Some(rest) if rest > told_before() => go_on(&shared, rest),
            Some(rest) => tell(&shared, rest, on),
            None => over(&shared),
        },
        // Has told us that it is over.
        Fetched::SignedOut => {}
        Fetched::Nothing => ask_in(&shared, ASK_AGAIN),
    }
}

/// The end is near.
fn tell(shared: &Shared, rest: u32, on: On) {
    ask_in(shared, (rest + 1) * 1_000);
    let text = match on {
        On::BehalfOfThePage => "You will be signed out in about two minutes, because nothing was done here.",
        // The press came, and it did not help: this is the absolute limit.
        On::BehalfOfAPerson => "This session cannot last any longer. Save your work now; then sign in again.",
    };
    let (host, pressed) = (shared.borrow().host.clone(), on == On::BehalfOfAPerson);
    match host {
        Some(host) if !pressed => {
            host.tell_ending(rest);
            show_later(shared, text, true);
        }
        _ => show(text, !pressed),
    }
}

/// The session has ended. What was typed stays on the page.
fn over(shared: &Shared) {
    if std::mem::replace(&mut shared.borrow_mut().over, true) {
        return;
    }
    shared.borrow_mut().next = None;
    let host = shared.borrow().host.clone();
    if let Some(host) = host {
        host.tell_over();
        let text = "You were signed out. Open the console from the CRM again; until then, what you typed stays here.";
        show_later(shared, text, false);
    } else if dom::holds_typed_work() {
        show("You were signed out. Send what you typed: you are asked to sign in, and it is kept.", false);
    } else if let Some(window) = dom::window() {
        let _reloading = window.location().reload();
    }
}

/// The CRM has sent a launch.
async fn launch(shared: Shared, token: String) {
    match post_launch(&token).await {
        Some(204) => ask(shared, On::BehalfOfThePage).await,
        Some(409) => {
            refused(&shared, "The CRM has somebody else signed in now. Open the console from there again.");
        }
        Some(_) => {
            refused(&shared, "The CRM could not sign you in again. Open the console from there again.");
        }
        None => refused(&shared, "The console cannot be reached. Try again when the network is back."),
    }
}

fn refused(shared: &Shared, text: &'static str) {
    shared.borrow_mut().notice = None;
    show(text, false);
}

/// The status of the answer.
async fn post_launch(token: &str) -> Option<u16> {
    let request: RequestInit = dom::form_post(&[("token", token)])?;
    let headers = Headers::new().ok()?;
    headers.set("accept", "application/json").ok()?;
    request.set_headers(headers.as_ref());
    let answer = dom::window()?.fetch_with_str_and_init("/launch", &request);
    let answer: Response = JsFuture::from(answer).await.ok()?.dyn_into().ok()?;
    Some(answer.status())
}

fn show_later(shared: &Shared, text: &'static str, stay: bool) {
    let notice = Timeout::new(CRM_ANSWERS_WITHIN, move || show(text, stay));
    shared.borrow_mut().notice = Some(notice);
}

fn show(text: &str, stay: bool) {
    let Some(place) = dom::by_id::<HtmlElement>("session") else { return };
    place.set_hidden(false);
    if let Some(button) = dom::first::<HtmlElement>("[data-session-stay]") {
        button.set_hidden(!stay);
    }
    if let Some(line) = dom::first::<Element>("[data-session-text]") {
        line.set_text_content(Some(text));
    }
}

fn hide() {
    if let Some(place) = dom::by_id::<HtmlElement>("session") {
        place.set_hidden(true);
    }
}
