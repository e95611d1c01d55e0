//! Dragging over a chart shows that part of it: the range goes into the address, as the links and fields above do it.

use std::{cell::RefCell, rc::Rc};

use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Element, Event, KeyboardEvent, PointerEvent, UrlSearchParams};

use super::dom;

/// A stretch of a chart.
const STRETCH: &str = ".chart-hit";

/// What is being dragged over.
#[derive(Clone)]
struct Drag {
    chart: Element,
    begun: usize,
    here: usize,
}

type Dragging = Rc<RefCell<Option<Drag>>>;

/// Watches the charts of the page. Touch keeps scrolling; there the links are for it.
pub(super) fn start() {
    let Some(document) = dom::document() else { return };
    let dragging = Dragging::default();
    let of = Rc::clone(&dragging);
    dom::on(&document, "pointerdown", move |event| begin(&event, &of));
    let of = Rc::clone(&dragging);
    dom::on(&document, "pointermove", move |event| go_on(&event, &of));
    let of = Rc::clone(&dragging);
    dom::on(&document, "pointerup", move |_| end(&of));
    dom::on(&document, "keydown", move |event| {
        if event.dyn_ref::<KeyboardEvent>().is_some_and(|it| it.key() == "Escape") {
            forget(&dragging);
        }
    });
}

/// The chart under the pointer and the place of the stretch in it.
fn stretch(event: &Event) -> Option<(Element, usize)> {
    let hit = dom::target(event)?.closest(STRETCH).ok()??;
    let chart = hit.closest("[data-zoom-step]").ok()??;
    let place = dom::all(&chart, STRETCH).iter().position(|other| other.is_same_node(Some(&hit)))?;
    Some((chart, place))
}

fn begin(event: &Event, dragging: &Dragging) {
    let Some(pointer) = event.dyn_ref::<PointerEvent>() else { return };
    if pointer.pointer_type() == "touch" || pointer.button() != 0 {
        return;
    }
    if let Some((chart, place)) = stretch(event) {
        event.prevent_default();
        *dragging.borrow_mut() = Some(Drag { chart, begun: place, here: place });
    }
}

fn go_on(event: &Event, dragging: &Dragging) {
    let mut held = dragging.borrow_mut();
    let Some(drag) = held.as_mut() else { return };
    if let Some((chart, place)) = stretch(event)
        && chart.is_same_node(Some(&drag.chart))
        && place != drag.here
    {
        drag.here = place;
        mark(drag);
    }
}

/// Marks what is dragged over.
fn mark(drag: &Drag) {
    let chosen = drag.begun.min(drag.here)..=drag.begun.max(drag.here);
    for (place, hit) in dom::all(&drag.chart, STRETCH).iter().enumerate() {
        let _marked = hit.class_list().toggle_with_force("chart-chosen", chosen.contains(&place));
    }
}

fn forget(dragging: &Dragging) {
    if let Some(drag) = dragging.borrow_mut().take() {
        for hit in dom::all(&drag.chart, STRETCH) {
            let _unmarked = hit.class_list().remove_1("chart-chosen");
        }
    }
}

fn end(dragging: &Dragging) {
    let drag = dragging.borrow().clone();
    forget(dragging);
    // A chart that was exchanged meanwhile shows another range.
    let Some(drag) = drag.filter(|drag| drag.chart.is_connected() && drag.begun != drag.here) else { return };
    if let Some(address) = closer(&drag)
        && let Some(window) = dom::window()
    {
        let _gone = window.location().set_href(&address);
    }
}

/// The address of the page with the range that was dragged over.
fn closer(drag: &Drag) -> Option<String> {
    let number = |name| drag.chart.get_attribute(name)?.parse::<f64>().ok();
    let (first, step) = (number("data-zoom-from")?, number("data-zoom-step")?);
    let (low, high) = (drag.begun.min(drag.here), drag.begun.max(drag.here) + 1);
    let search = dom::window()?.location().search().ok()?;
    let query = UrlSearchParams::new_with_str(&search).ok()?;
    query.delete("range");
    query.set("from", &written(first + low as f64 * step)?);
    query.set("to", &written(first + high as f64 * step)?);
    dom::with_query(&query)
}

/// A minute since 1970 as the address names it, e.g. `2026-11-25T14:10` (UTC).
fn written(minute: f64) -> Option<String> {
    let date = js_sys::Date::new(&JsValue::from_f64(minute * 60_000.0));
    let text = String::from(date.to_iso_string());
    text.get(..16).map(str::to_owned)
}
