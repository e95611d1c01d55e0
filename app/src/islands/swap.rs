//! Exchanging the regions of a page that changed, without disturbing whoever works on it.

use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    AbortSignal, Document, DomParser, Element, Headers, HtmlDetailsElement, HtmlElement, RequestInit,
    Response, SupportedType,
};

use super::dom;

/// The event that tells other islands that regions were exchanged.
pub(super) const SWAPPED: &str = "regions-swapped";

/// On whose behalf a page is fetched in the background.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum On {
    /// The page renews itself: that keeps no session alive and takes no notice away.
    BehalfOfThePage,
    /// A person wants to stay.
    BehalfOfAPerson,
}

/// What came of it.
pub(super) enum Fetched {
    /// The page.
    Page(Document),
    /// The session has ended; whoever listens to [`dom::SESSION_OVER`] knows it, too.
    SignedOut,
    /// It could not be had.
    Nothing,
}

/// Fetches a page of ours in the background.
pub(super) async fn fetch(url: &str, signal: Option<&AbortSignal>, on: On) -> Fetched {
    match answer(url, signal, on).await {
        Some(response) if response.redirected() && response.url().contains("/sign-in") => {
            dom::dispatch(dom::SESSION_OVER);
            Fetched::SignedOut
        }
        Some(response) if response.ok() => read(&response).await.map_or(Fetched::Nothing, Fetched::Page),
        _ => Fetched::Nothing,
    }
}

async fn answer(url: &str, signal: Option<&AbortSignal>, on: On) -> Option<Response> {
    let init = RequestInit::new();
    init.set_signal(signal);
    if on == On::BehalfOfThePage {
        let headers = Headers::new().ok()?;
        headers.set("x-live", "1").ok()?;
        init.set_headers(headers.as_ref());
    }
    let answer = dom::window()?.fetch_with_str_and_init(url, &init);
    JsFuture::from(answer).await.ok()?.dyn_into().ok()
}

async fn read(response: &Response) -> Option<Document> {
    let text = JsFuture::from(response.text().ok()?).await.ok()?.as_string()?;
    DomParser::new().ok()?.parse_from_string(&text, SupportedType::TextHtml).ok()
}

/// Exchanges every live region that differs, and says so where the page's state in words differs.
pub(super) fn swap(fresh: &Document) {
    let Some(root) = fresh.document_element() else { return };
    for region in dom::all(&root, "[data-live][id]") {
        if let Some(present) = dom::by_id::<Element>(&region.id()) {
            exchange(&present, &region);
        }
    }
    if let Some(document) = dom::document() {
        if document.title() != fresh.title() {
            document.set_title(&fresh.title());
        }
        dom::dispatch(SWAPPED);
    }
    tell(fresh);
}

fn exchange(present: &Element, fresh: &Element) {
    if present.class_name() != fresh.class_name() {
        present.set_class_name(&fresh.class_name());
    }
    if present.inner_html() == fresh.inner_html() {
        return;
    }
    let active = dom::document().and_then(|document| document.active_element());
    let active = active.filter(|element| present.contains(Some(element)));
    if active.as_ref().is_some_and(is_typing) || dom::holds_work_in(present) {
        // Nobody's work is taken away: the region follows with the next change after it was sent.
        return;
    }
    let open: Vec<String> = dom::all(present, "details[open][id]").iter().map(Element::id).collect();
    present.set_inner_html(&fresh.inner_html());
    for id in open {
        if let Some(details) = dom::by_id::<HtmlDetailsElement>(&id) {
            details.set_open(true);
        }
    }
    if let Some(again) = active.and_then(|lost| counterpart(present, &lost)) {
        let _focused = again.focus();
    }
}

fn is_typing(element: &Element) -> bool {
    let kind = element.get_attribute("type").unwrap_or_default();
    let clicked = matches!(kind.as_str(), "checkbox" | "radio" | "submit" | "button");
    matches!(element.tag_name().as_str(), "INPUT" | "TEXTAREA" | "SELECT") && !clicked
}

/// The element in the new content that stands for the one that had the focus.
fn counterpart(region: &Element, lost: &Element) -> Option<HtmlElement> {
    const MARKS: [&str; 6] = ["id", "name", "value", "href", "data-copy", "aria-label"];
    let marks = |element: &Element| MARKS.map(|mark| element.get_attribute(mark));
    let wanted = marks(lost);
    let tag = lost.tag_name();
    if wanted.iter().all(Option::is_none) && tag != "SUMMARY" {
        return None;
    }
    dom::all(region, &tag).into_iter().find(|element| marks(element) == wanted)?.dyn_into().ok()
}

fn tell(fresh: &Document) {
    let state = |region: &Element| region.get_attribute("data-state").unwrap_or_default();
    let (Some(region), Some(new)) =
        (dom::by_id::<Element>("announcement"), fresh.get_element_by_id("announcement"))
    else {
        return;
    };
    if state(&region) != state(&new) {
        let _set = region.set_attribute("data-state", &state(&new));
        dom::announce(&state(&new));
    }
}
