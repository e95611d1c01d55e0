//! Follows a topic. One event stream a page, closed while nobody looks.

use std::{cell::RefCell, rc::Rc};

use gloo_timers::callback::Timeout;
use wasm_bindgen_futures::spawn_local;
use web_sys::{Document, Element, Event, EventSource, VisibilityState};

use super::{
    dom,
    swap::{self, Fetched, On},
};

/// Changes that come faster than this are shown together, in milliseconds.
const CALM: u32 = 200;

/// The longest pause before a lost stream is opened again, in milliseconds.
const LONGEST_PAUSE: u32 = 30_000;

/// A page that is still there so long after a form was sent stays, in milliseconds.
const STAYED: u32 = 20_000;

/// The stream and what is under way.
struct Follow {
    address: String,
    source: Option<EventSource>,
    failures: u32,
    reopen: Option<Timeout>,
    /// A look at the page is planned or under way.
    looking: bool,
    /// Something changed meanwhile: look once more.
    again: bool,
    /// A form was sent that leads elsewhere.
    leaving: bool,
}

type Shared = Rc<RefCell<Follow>>;

/// Follows the page's topic, if it has one.
pub(super) fn start() {
    let Some(document) = dom::document() else { return };
    let main = dom::by_id::<Element>("main");
    let Some(topic) = main.as_ref().and_then(|main| main.get_attribute("data-topic")) else { return };
    // What changed between the rendering of the page and now is told at once.
    let since = main.and_then(|main| main.get_attribute("data-version")).unwrap_or_default();
    let address =
        format!("/events?topic={}&since={since}", String::from(js_sys::encode_uri_component(&topic)));
    let follow = Follow {
        address,
        source: None,
        failures: 0,
        reopen: None,
        looking: false,
        again: false,
        leaving: false,
    };
    let shared = Rc::new(RefCell::new(follow));
    open(&shared);
    let with = shared.clone();
    dom::on(&document, dom::SESSION_BACK, move |_| {
        open(&with);
        look(&with);
    });
    let with = shared.clone();
    dom::on(&document, "submit", move |event| leave(&with, &event));
    let with = shared.clone();
    dom::on(&document.clone(), "visibilitychange", move |_| turn(&with, &document));
    if let Some(window) = dom::window() {
        let with = shared.clone();
        dom::on(&window, "pagehide", move |_| close(&with));
        // Back from the browser's page cache.
        dom::on(&window, "pageshow", move |_| {
            shared.borrow_mut().leaving = false;
            if shared.borrow().source.is_none() {
                open(&shared);
                look(&shared);
            }
        });
    }
}

/// A form was sent: until the answer is there the page is not asked for again, since what it shows may be gone by then,
/// like a preview that was just confirmed. Where the page stays after all, as for a download, it is followed again.
fn leave(shared: &Shared, event: &Event) {
    if event.default_prevented() {
        return;
    }
    shared.borrow_mut().leaving = true;
    let shared = shared.clone();
    Timeout::new(STAYED, move || {
        shared.borrow_mut().leaving = false;
        look(&shared);
    })
    .forget();
}

fn turn(shared: &Shared, document: &Document) {
    if document.visibility_state() == VisibilityState::Hidden {
        close(shared);
    } else {
        open(shared);
        look(shared);
    }
}

fn close(shared: &Shared) {
    let mut follow = shared.borrow_mut();
    follow.reopen = None;
    if let Some(source) = follow.source.take() {
        source.close();
    }
}

fn open(shared: &Shared) {
    close(shared);
    let Ok(source) = EventSource::new(&shared.borrow().address) else { return };
    let with = shared.clone();
    dom::on(&source, "change", move |_| look(&with));
    let with = shared.clone();
    dom::on(&source, "open", move |_| with.borrow_mut().failures = 0);
    let with = shared.clone();
    dom::on(&source, "error", move |_| lost(&with));
    shared.borrow_mut().source = Some(source);
}

/// The browser opens a broken stream again by itself, but gives up when the server refuses it.
fn lost(shared: &Shared) {
    let mut follow = shared.borrow_mut();
    let given_up = follow.source.as_ref().is_some_and(|source| source.ready_state() == EventSource::CLOSED);
    if !given_up || follow.reopen.is_some() {
        return;
    }
    let pause = (1_000_u32 << follow.failures.min(5)).min(LONGEST_PAUSE);
    follow.failures += 1;
    let with = shared.clone();
    follow.reopen = Some(Timeout::new(pause, move || {
        open(&with);
        look(&with);
    }));
}

/// Looks at the page after a short while, and once more if it changed meanwhile.
fn look(shared: &Shared) {
    {
        let mut follow = shared.borrow_mut();
        if follow.looking {
            follow.again = true;
            return;
        }
        follow.looking = true;
    }
    let shared = shared.clone();
    Timeout::new(CALM, move || {
        spawn_local(async move {
            shared.borrow_mut().again = false;
            let leaving = shared.borrow().leaving;
            if !leaving
                && let Some(address) = dom::window().and_then(|window| window.location().href().ok())
                && let Fetched::Page(fresh) = swap::fetch(&address, None, On::BehalfOfThePage).await
                && still_there(&address)
            {
                swap::swap(&fresh);
            }
            shared.borrow_mut().looking = false;
            if shared.borrow().again {
                look(&shared);
            }
        });
    })
    .forget();
}

/// A search may have changed the address meanwhile; then what was fetched is of no use.
fn still_there(address: &str) -> bool {
    dom::window().and_then(|window| window.location().href().ok()).as_deref() == Some(address)
}
