//! Moves through the matrix with the arrow keys: it is one stop of the Tab key, and every cell is reached from there.
//! Without JavaScript every cell is a stop of its own.

use wasm_bindgen::JsCast;
use web_sys::{Element, Event, HtmlElement, KeyboardEvent};

use super::{dom, swap::SWAPPED};

const TABLE: &str = "table[data-matrix]";
const ROWS: &str = "table[data-matrix] tbody tr";
const CELLS: &str = "[data-cell]";

/// Cells that one press of a page key passes over.
const PAGE: usize = 10;

/// Makes the matrix one stop, and listens for keys.
pub(super) fn start() {
    let Some(document) = dom::document() else { return };
    dom::on(&document, "keydown", |event| pressed(&event));
    dom::on(&document, "focusin", |event| entered(&event));
    dom::on(&document, SWAPPED, |_| prepare());
    prepare();
}

fn cells() -> Vec<Vec<HtmlElement>> {
    let of_row = |row: Element| dom::all(&row, CELLS).into_iter().filter_map(|cell| cell.dyn_into().ok());
    dom::everywhere(ROWS).into_iter().map(|row| of_row(row).collect()).collect()
}

/// One cell is the stop: the one with the focus, else the one before, else the first.
fn prepare() {
    if let Some(table) = dom::first::<Element>(TABLE) {
        let _set = table.set_attribute("role", "grid");
    }
    let cells = cells();
    let active = dom::document().and_then(|document| document.active_element());
    let focused = active.and_then(|active| place(&cells, &active));
    stop_at(&cells, focused.unwrap_or((0, 0)));
}

fn stop_at(cells: &[Vec<HtmlElement>], (row, column): (usize, usize)) {
    for (r, line) in cells.iter().enumerate() {
        for (c, cell) in line.iter().enumerate() {
            cell.set_tab_index(if (r, c) == (row, column) { 0 } else { -1 });
        }
    }
}

fn place(cells: &[Vec<HtmlElement>], wanted: &Element) -> Option<(usize, usize)> {
    let at = |line: &Vec<HtmlElement>| line.iter().position(|cell| cell.is_same_node(Some(wanted)));
    cells.iter().enumerate().find_map(|(row, line)| Some((row, at(line)?)))
}

/// A click, too, moves the stop.
fn entered(event: &Event) {
    let Some(target) = dom::target(event).filter(|target| target.has_attribute("data-cell")) else { return };
    let cells = cells();
    if let Some(place) = place(&cells, &target) {
        stop_at(&cells, place);
    }
}

fn pressed(event: &Event) {
    let Some(target) = dom::target(event).filter(|target| target.has_attribute("data-cell")) else { return };
    let Some(key) = event.dyn_ref::<KeyboardEvent>() else { return };
    if key.alt_key() || key.meta_key() || key.shift_key() {
        return;
    }
    let cells = cells();
    let Some(from) = place(&cells, &target) else { return };
    let Some(to) = goal(&cells, from, &key.key(), key.ctrl_key()) else { return };
    event.prevent_default();
    stop_at(&cells, to);
    if let Some(cell) = cells.get(to.0).and_then(|line| line.get(to.1)) {
        let _focused = cell.focus();
    }
}

/// Where a key leads (WAI-ARIA Authoring Practices, data grids); it stops at the edges.
fn goal(
    cells: &[Vec<HtmlElement>],
    (row, column): (usize, usize),
    key: &str,
    whole: bool,
) -> Option<(usize, usize)> {
    let last_row = cells.len().checked_sub(1)?;
    let last_column = cells.get(row)?.len().checked_sub(1)?;
    let (row, column) = match (key, whole) {
        ("ArrowUp", false) => (row.saturating_sub(1), column),
        ("ArrowDown", false) => (row + 1, column),
        ("ArrowLeft", false) => (row, column.saturating_sub(1)),
        ("ArrowRight", false) => (row, column + 1),
        ("PageUp", false) => (row.saturating_sub(PAGE), column),
        ("PageDown", false) => (row + PAGE, column),
        ("Home", whole) => (if whole { 0 } else { row }, 0),
        ("End", whole) => (if whole { last_row } else { row }, last_column),
        _ => return None,
    };
    Some((row.min(last_row), column.min(last_column)))
}
