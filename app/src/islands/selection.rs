//! The selection of the list: kept in the URL, so that it survives pages, filters and reloads.

use std::cell::Cell;

use wasm_bindgen::JsCast;
use web_sys::{
    Element, Event, HtmlAnchorElement, HtmlButtonElement, HtmlInputElement, MouseEvent, Url, UrlSearchParams,
};

use super::{dom, swap::SWAPPED};

const ROWS: &str = "#results input[name=sel]";

/// Counts the selection and keeps the URL in step, if the page has rows to select.
pub(super) fn start() {
    let (Some(document), Some(form)) = (dom::document(), dom::by_id::<Element>("billers")) else { return };
    if dom::by_id::<Element>("selected-count").is_none() {
        return;
    }
    dom::on(&form, "change", |event| changed(&event));
    let last = Cell::new(None);
    dom::on(&form, "click", move |event| clicked(&event, &last));
    dom::on(&document, SWAPPED, |_| show());
    show();
}

fn rows() -> Vec<HtmlInputElement> {
    dom::everywhere(ROWS).into_iter().filter_map(|row| row.dyn_into().ok()).collect()
}

/// Everything selected: ticked here, or kept from other pages.
fn selected() -> Vec<String> {
    let kept = dom::everywhere("#kept input")
        .into_iter()
        .filter_map(|input| input.dyn_into::<HtmlInputElement>().ok());
    let ticked = rows().into_iter().filter(HtmlInputElement::checked);
    kept.chain(ticked).map(|input| input.value()).collect()
}

fn changed(event: &Event) {
    let Some(field) = dom::target(event).and_then(|field| field.dyn_into::<HtmlInputElement>().ok()) else {
        return;
    };
    if field.has_attribute("data-select-all") {
        rows().iter().for_each(|row| row.set_checked(field.checked()));
    } else if field.name() != "sel" {
        return;
    }
    remember();
    show();
}

/// With the shift key a click ticks everything since the last one.
fn clicked(event: &Event, last: &Cell<Option<usize>>) {
    let Some(target) = dom::target(event) else { return };
    if target.id() == "clear-selection" {
        event.prevent_default();
        clear();
        return;
    }
    let rows = rows();
    let Some(here) = rows.iter().position(|row| row.is_same_node(Some(&target))) else { return };
    let shift = event.dyn_ref::<MouseEvent>().is_some_and(MouseEvent::shift_key);
    if let (true, Some(from)) = (shift, last.get()) {
        let ticked = rows[here].checked();
        rows.iter()
            .skip(from.min(here))
            .take(from.abs_diff(here) + 1)
            .for_each(|row| row.set_checked(ticked));
    }
    last.set(Some(here));
}

fn clear() {
    rows().iter().for_each(|row| row.set_checked(false));
    if let Some(kept) = dom::by_id::<Element>("kept") {
        kept.set_inner_html("");
    }
    remember();
    show();
}

fn put(query: &UrlSearchParams) {
    query.delete("sel");
    for bid in selected() {
        query.append("sel", &bid);
    }
}

/// Writes the selection into the address, beside everything else that stands there.
fn remember() {
    let search = dom::window().and_then(|window| window.location().search().ok()).unwrap_or_default();
    let Ok(query) = UrlSearchParams::new_with_str(&search) else { return };
    put(&query);
    if let Some(address) = dom::with_query(&query) {
        dom::replace_address(&address);
    }
}

/// Lets a link take the selection along.
pub(super) fn carry(link: &HtmlAnchorElement) {
    if let Ok(url) = Url::new(&link.href()) {
        put(&url.search_params());
        link.set_href(&url.href());
    }
}

/// Shows how many are selected.
fn show() {
    let number = selected().len();
    let rows = rows();
    let ticked = rows.iter().filter(|row| row.checked()).count();
    if let Some(count) = dom::by_id::<Element>("selected-count") {
        let noun = if number == 1 { "biller" } else { "billers" };
        count.set_text_content(Some(&format!("{number} {noun} selected")));
    }
    if let Some(bar) = dom::first::<Element>(".bulk") {
        let _set = bar.set_attribute("data-selected", &number.to_string());
    }
    if let Some(button) = dom::by_id::<HtmlButtonElement>("enable-selected") {
        button.set_disabled(number == 0);
    }
    if let Some(all) = dom::first::<HtmlInputElement>("[data-select-all]") {
        all.set_checked(ticked > 0 && ticked == rows.len());
        all.set_indeterminate(ticked > 0 && ticked < rows.len());
    }
}
