//! Lines over time. Where nothing is known a line has a gap.

use std::fmt::Write as _;

use leptos::prelude::*;

use super::{
    HEIGHT, WIDTH, at,
    axis::{TimeAxis, levels, round_up},
    height, stretch,
};

/// One line.
pub(crate) struct Line {
    /// What it shows.
    pub(crate) name: &'static str,
    /// How it looks: a class that sets colour and dashes.
    pub(crate) class: &'static str,
    /// A value for each stretch.
    pub(crate) points: Vec<Option<f64>>,
}

/// Lines on one axis that begins at zero.
pub(crate) fn lines(
    title: &'static str,
    axis: TimeAxis,
    lines: Vec<Line>,
    unit: impl Fn(f64) -> String,
) -> impl IntoView {
    let values = lines.iter().flat_map(|line| line.points.iter().flatten());
    let top = round_up(values.fold(0.0_f64, |most, value| most.max(*value)));
    let paths = lines
        .iter()
        .map(|line| view! { <path class=format!("chart-line {}", line.class) d=path(&line.points, top) /> })
        .collect_view();
    let columns = axis.columns(|place| {
        let known: Vec<String> = lines
            .iter()
            .filter_map(|line| Some(format!("{} {}", line.name, unit((*line.points.get(place)?)?))))
            .collect();
        if known.is_empty() { "not known".to_owned() } else { known.join(", ") }
    });
    let scale = [0.0, 0.5, 1.0].map(|share| (share, unit(top * share)));
    let legend = lines
        .iter()
        .map(|line| {
            view! {
                <li>
                    <svg class="chart-key" viewBox="0 0 24 8" aria-hidden="true">
                        <path class=format!("chart-line {}", line.class) d="M1 4H23" />
                    </svg>
                    {line.name}
                </li>
            }
        })
        .collect_view();
    let (from, step) = axis.zoom();
    view! {
        <ul class="chart-legend">{legend}</ul>
        <div class="chart-wrap" role="group" aria-label=title tabindex="0">
            <svg class="chart" data-zoom-from=from data-zoom-step=step viewBox=format!("0 0 {WIDTH} {HEIGHT}") role="img" aria-label=title>
                {levels(scale)} {axis.ticks()} {paths} {columns}
            </svg>
        </div>
    }
}

/// A line through the middles of the stretches; a value between two unknown ones is a short dash.
fn path(points: &[Option<f64>], top: f64) -> String {
    let mut path = String::new();
    let mut drawing = false;
    for (place, point) in points.iter().enumerate() {
        let Some(value) = point else {
            drawing = false;
            continue;
        };
        let (left, width) = stretch(place, points.len());
        let (x, y) = (left + width / 2.0, height(value / top));
        let alone = !drawing && points.get(place + 1).is_none_or(Option::is_none);
        let _written = if alone {
            let half = (width / 2.0).max(1.5);
            write!(path, "M{} {}H{}", at(x - half), at(y), at(x + half))
        } else {
            write!(path, "{}{} {}", if drawing { "L" } else { "M" }, at(x), at(y))
        };
        drawing = true;
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_known_is_a_gap() {
        let drawn = path(&[Some(1.0), Some(2.0), None, Some(1.0), None, Some(0.5), Some(0.0)], 2.0);
        assert_eq!(drawn.matches('M').count(), 3, "{drawn}");
        assert_eq!(drawn.matches('L').count(), 2, "{drawn}");
        assert_eq!(drawn.matches('H').count(), 1, "a single value is seen, too: {drawn}");
        assert_eq!(path(&[None, None], 1.0), "");
    }
}
