//! Charts: SVG made on the server, right without JavaScript. A chart is never the only way to its numbers: the page has
//! a table beside it. Axes of amounts begin at zero, and what is not known is left out.

mod axis;
mod bars;
mod heat;
mod lanes;
mod lines;

pub(crate) use self::{
    axis::{TimeAxis, latency, share},
    bars::{Bars, bars},
    heat::{Heat, heat},
    lanes::{Lane, LaneBar, LaneLook, lanes},
    lines::{Line, lines},
};

/// The drawing, in units of its own; the page scales it.
const WIDTH: f64 = 960.0;
const HEIGHT: f64 = 200.0;
/// Room for the labels of the vertical axis.
const LEFT: f64 = 64.0;
const RIGHT: f64 = 8.0;
const TOP: f64 = 8.0;
/// Room for the labels of the time axis.
const BOTTOM: f64 = 24.0;

/// Where the drawing itself ends.
const PLOT_RIGHT: f64 = WIDTH - RIGHT;
const PLOT_BOTTOM: f64 = HEIGHT - BOTTOM;

/// The left edge and the width of a stretch.
fn stretch(place: usize, stretches: usize) -> (f64, f64) {
    let width = (PLOT_RIGHT - LEFT) / stretches.max(1) as f64;
    (LEFT + width * place as f64, width)
}

/// The height at which a share of the axis stands.
fn height(share: f64) -> f64 {
    PLOT_BOTTOM - share.clamp(0.0, 1.0) * (PLOT_BOTTOM - TOP)
}

/// A coordinate as it stands in the page.
fn at(coordinate: f64) -> String {
    format!("{coordinate:.1}")
}
