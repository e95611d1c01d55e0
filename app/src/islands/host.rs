//! Talks with the CRM's page around the frame; `docs/embedding.md` is the contract.
//!
//! Messages are objects with the word `ciam`. Ours go to the CRM's origin alone, and only what comes from that very
//! window and origin is heard.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};

use js_sys::{Object, Reflect};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use web_sys::{HtmlElement, MessageEvent, ResizeObserver, Window};

use super::dom;
use crate::local::is_page;

/// The version of the contract; another one would be another set of words.
const VERSION: u32 = 1;

/// The CRM's page around ours.
#[derive(Clone)]
pub(super) struct Host {
    parent: Window,
    /// Who may be around us.
    origins: Rc<Vec<String>>,
    /// Who is.
    origin: Rc<RefCell<Option<String>>>,
}

impl Host {
    /// The page around ours. `crm` names the origins that may frame us, separated by spaces; `launched` is called with
    /// each launch token that the CRM sends.
    pub(super) fn connect(crm: &str, launched: impl Fn(String) + 'static) -> Option<Self> {
        let window = dom::window()?;
        let parent = window.parent().ok()??;
        if AsRef::<JsValue>::as_ref(&parent) == AsRef::<JsValue>::as_ref(&window) {
            return None;
        }
        let origins: Vec<String> = crm.split(' ').map(str::to_owned).collect();
        let origin = around(&window, &origins);
        let host = Self { parent, origins: Rc::new(origins), origin: Rc::new(RefCell::new(origin)) };
        let with = host.clone();
        dom::on(&window, "message", move |event| {
            if let Ok(event) = event.dyn_into::<MessageEvent>() {
                with.hear(&event, &launched);
            }
        });
        if let Some(document) = dom::document() {
            let with = host.clone();
            dom::on(&document, dom::ADDRESS_CHANGED, move |_| with.tell_page());
        }
        host.tell_page();
        host.follow_height();
        Some(host)
    }

    /// The session ends in so many seconds unless the CRM sends a launch.
    pub(super) fn tell_ending(&self, seconds: u32) {
        self.say("session-ending", &[("seconds", seconds.into())]);
    }

    /// The session is over; a launch still saves what was typed.
    pub(super) fn tell_over(&self) {
        self.say("session-over", &[]);
    }

    fn tell_page(&self) {
        let (Some(window), Some(document)) = (dom::window(), dom::document()) else { return };
        let location = window.location();
        let path = location.pathname().unwrap_or_default() + &location.search().unwrap_or_default();
        self.say(
            "page",
            &[("version", VERSION.into()), ("path", path.into()), ("title", document.title().into())],
        );
    }

    /// Tells the height of the page now and whenever it changes, in CSS pixels.
    fn follow_height(&self) {
        let Some(body) = dom::document().and_then(|document| document.body()) else { return };
        let (host, of, told) = (self.clone(), body.clone(), Cell::new(0));
        let changed = Closure::<dyn FnMut()>::new(move || {
            let height = HtmlElement::offset_height(&of);
            if told.replace(height) != height {
                host.say("height", &[("height", height.into())]);
            }
        });
        if let Ok(observer) = ResizeObserver::new(changed.as_ref().unchecked_ref()) {
            observer.observe(&body);
            changed.forget();
        }
    }

    fn say(&self, word: &str, fields: &[(&str, JsValue)]) {
        let Some(origin) = self.origin.borrow().clone() else { return };
        let message = Object::new();
        let word = [("ciam", JsValue::from(word))];
        for (name, value) in word.iter().chain(fields) {
            let _set = Reflect::set(&message, &JsValue::from(*name), value);
        }
        let _sent = self.parent.post_message(&message, &origin);
    }

    fn hear(&self, event: &MessageEvent, launched: &impl Fn(String)) {
        let from_parent = event.source().is_some_and(|source| {
            AsRef::<JsValue>::as_ref(&source) == AsRef::<JsValue>::as_ref(&self.parent)
        });
        let origin = event.origin();
        if !from_parent || !self.origins.contains(&origin) {
            return;
        }
        let data = event.data();
        let field = |name: &str| Reflect::get(&data, &name.into()).ok().filter(|it| !it.is_undefined());
        let text = |name: &str| field(name).and_then(|value| value.as_string());
        let Some(word) = text("ciam") else { return };
        // Where the browser does not say who is around us, the first word does.
        let first = self.origin.borrow_mut().replace(origin).is_none();
        match word.as_str() {
            "hello" => self.tell_page(),
            "navigate" => {
                let discard = field("discard").is_some_and(|value| value.is_truthy());
                self.navigate(&text("path").unwrap_or_default(), discard);
            }
            "theme" => choose_theme(&text("theme").unwrap_or_default()),
            "launch" => launched(text("token").unwrap_or_default()),
            _ => {}
        }
        if first && word != "hello" {
            self.tell_page();
        }
    }

    /// Goes to a page of the console, unless that would lose what somebody typed.
    fn navigate(&self, path: &str, discard: bool) {
        if !is_page(path) {
            self.say("refused", &[("path", path.into()), ("reason", "not a page of the console".into())]);
        } else if !discard && dom::holds_typed_work() {
            self.say("unsaved", &[("path", path.into())]);
        } else if let Some(window) = dom::window() {
            let _leaving = window.location().assign(path);
        }
    }
}

/// The origin of the page around us: the only one that may be, or the one that the browser tells.
fn around(window: &Window, origins: &[String]) -> Option<String> {
    if let [only] = origins {
        return Some(only.clone());
    }
    let ancestors = Reflect::get(window.location().as_ref(), &"ancestorOrigins".into()).ok()?;
    let nearest = Reflect::get_u32(&ancestors, 0).ok()?.as_string()?;
    origins.contains(&nearest).then_some(nearest)
}

/// Shows the page in these colours at once, and the next ones, too.
fn choose_theme(theme: &str) {
    let (Some(window), Some(root)) = (dom::window(), dom::document().and_then(|it| it.document_element()))
    else {
        return;
    };
    let _set = match theme {
        "light" | "dark" => root.set_attribute("data-theme", theme),
        "system" => root.remove_attribute("data-theme"),
        _ => return,
    };
    if let Some(request) = dom::form_post(&[("theme", theme)]) {
        request.set_redirect(web_sys::RequestRedirect::Manual);
        let _kept = window.fetch_with_str_and_init("/do/set_theme", &request);
    }
}
