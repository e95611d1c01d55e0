//! What lasted when, in lanes over one axis of time: incidents, maintenance.

use domain::performance::{Minute, Range};
use leptos::prelude::*;

use super::{LEFT, PLOT_RIGHT, TOP, WIDTH, at, axis::TimeAxis};

/// One lane under its name.
pub(crate) struct Lane {
    /// Its name.
    pub(crate) name: String,
    /// What lies in it.
    pub(crate) bars: Vec<LaneBar>,
}

/// Something that lasted.
pub(crate) struct LaneBar {
    /// From when to when; what lies outside of the axis is cut off.
    pub(crate) range: Range,
    /// What it is.
    pub(crate) look: LaneLook,
    /// The whole in words.
    pub(crate) words: String,
}

/// How a bar looks, and where in its lane it lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LaneLook {
    /// As measured here.
    Measured,
    /// By the vendor's own word, below what was measured.
    Stated,
    /// Left out of the objectives.
    LeftOut,
}

impl LaneLook {
    const ALL: [Self; 3] = [Self::Measured, Self::Stated, Self::LeftOut];

    const fn class(self) -> &'static str {
        match self {
            Self::Measured => "bar-failed",
            Self::Stated => "bar-plain",
            Self::LeftOut => "bar-left-out",
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Measured => "as measured",
            Self::Stated => "by SecureAuth's own word",
            Self::LeftOut => "approved maintenance",
        }
    }

    /// Its upper edge below the lane's, and its height.
    const fn place(self) -> (f64, f64) {
        match self {
            Self::Measured => (18.0, 8.0),
            Self::Stated => (28.0, 4.0),
            Self::LeftOut => (18.0, 14.0),
        }
    }
}

const LANE: f64 = 38.0;
const LABELS: f64 = 24.0;
/// What was short is seen, too.
const NARROWEST: f64 = 2.0;

/// Lanes over a range of time.
pub(crate) fn lanes(title: &'static str, range: Range, lanes: Vec<Lane>) -> impl IntoView {
    let bottom = TOP + LANE * lanes.len() as f64;
    let tall = bottom + LABELS;
    let legend = LaneLook::ALL
        .map(|look| {
            view! {
                <li>
                    <svg class="chart-key" viewBox="0 0 24 8" aria-hidden="true">
                        <rect class=look.class() x="0" y="0" width="24" height="8" />
                    </svg>
                    {look.name()}
                </li>
            }
        })
        .collect_view();
    let drawn = lanes
        .into_iter()
        .enumerate()
        .map(|(place, lane)| {
            let top = TOP + LANE * place as f64;
            let bars = lane.bars.into_iter().filter_map(|one| bar(range, top, one)).collect_view();
            view! {
                <line class="chart-grid" x1=at(LEFT) x2=at(PLOT_RIGHT) y1=at(top + LANE) y2=at(top + LANE) />
                <text class="chart-label" x=at(LEFT + 4.0) y=at(top + 13.0)>{lane.name}</text>
                {bars}
            }
        })
        .collect_view();
    view! {
        <ul class="chart-legend">{legend}</ul>
        <div class="chart-wrap" role="group" aria-label=title tabindex="0">
            <svg class="chart" viewBox=format!("0 0 {WIDTH} {tall}") role="img" aria-label=title>
                {TimeAxis::over(range).ticks_down_to(bottom)} {drawn}
            </svg>
        </div>
    }
}

fn bar(axis: Range, top: f64, bar: LaneBar) -> Option<impl IntoView> {
    let (x, width) = extent(axis, bar.range)?;
    let (below, tall) = bar.look.place();
    Some(view! {
        <rect class=bar.look.class() x=at(x) y=at(top + below) width=at(width) height=at(tall)>
            <title>{bar.words}</title>
        </rect>
    })
}

/// The left edge and the width of what lies in the axis.
fn extent(axis: Range, bar: Range) -> Option<(f64, f64)> {
    // What began and ended within one minute lasted nevertheless.
    let bar = Range { to: bar.to.max(Minute(bar.from.0 + 1)), ..bar }.overlap(axis);
    if bar.is_empty() {
        return None;
    }
    let per_minute = (PLOT_RIGHT - LEFT) / axis.len() as f64;
    let width = (bar.len() as f64 * per_minute).max(NARROWEST);
    let x = LEFT + (bar.from.0 - axis.from.0) as f64 * per_minute;
    Some((x.min(PLOT_RIGHT - width), width))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(from: i64, to: i64) -> Range {
        Range { from: Minute(from), to: Minute(to) }
    }

    #[test]
    fn a_bar_lies_where_its_time_does_and_is_never_too_narrow_to_be_seen() {
        let axis = range(1_000, 2_000);
        let whole = PLOT_RIGHT - LEFT;
        let (x, width) = extent(axis, range(1_250, 1_500)).unwrap();
        assert!((x - (LEFT + whole / 4.0)).abs() < 1e-9 && (width - whole / 4.0).abs() < 1e-9);
        assert_eq!(extent(axis, range(0, 9_999)), Some((LEFT, whole)), "what lies outside is cut off");
        assert_eq!(extent(axis, range(500, 1_000)), None, "it ended before");
        assert_eq!(extent(axis, range(2_000, 2_010)), None, "it begins after");
        let (x, width) = extent(axis, range(1_999, 1_999)).unwrap();
        assert_eq!(width, NARROWEST);
        assert!(x + width <= PLOT_RIGHT, "it does not stick out");
    }
}
