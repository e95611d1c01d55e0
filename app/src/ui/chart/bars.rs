//! Stacked bars over time, from zero. What is not known is hatched, so that it does not look like nothing.

use leptos::prelude::*;

use super::{
    HEIGHT, PLOT_BOTTOM, TOP, WIDTH, at,
    axis::{TimeAxis, levels, round_up},
    height, stretch,
};

/// What the bars show.
pub(crate) struct Bars {
    /// What the parts are, from the bottom: name and class.
    pub(crate) parts: Vec<(&'static str, &'static str)>,
    /// For each stretch the size of each part; `None` where nothing is known.
    pub(crate) stretches: Vec<Option<Vec<f64>>>,
}

/// Stacked bars on one axis that begins at zero.
pub(crate) fn bars(
    title: &'static str,
    axis: TimeAxis,
    bars: Bars,
    unit: impl Fn(f64) -> String,
) -> impl IntoView {
    let Bars { parts, stretches } = bars;
    let sums = stretches.iter().flatten().map(|sizes| sizes.iter().sum::<f64>());
    let top = round_up(sums.fold(0.0_f64, f64::max));
    let drawn = stretches
        .iter()
        .enumerate()
        .map(|(place, sizes)| match sizes {
            Some(sizes) => bar(place, stretches.len(), sizes, &parts, top).into_any(),
            None => unknown(place, stretches.len()).into_any(),
        })
        .collect_view();
    let columns = axis.columns(|place| match stretches.get(place) {
        Some(Some(sizes)) => {
            let words = parts.iter().zip(sizes).map(|((name, _), size)| format!("{name} {}", unit(*size)));
            words.collect::<Vec<_>>().join(", ")
        }
        _ => "not known".to_owned(),
    });
    let scale = [0.0, 0.5, 1.0].map(|share| (share, unit(top * share)));
    let legend = parts
        .iter()
        .chain([("not known", "chart-unknown")].iter())
        .map(|(name, class)| {
            view! {
                <li>
                    <svg class="chart-key" viewBox="0 0 24 8" aria-hidden="true">
                        <rect class=*class x="0" y="0" width="24" height="8" />
                    </svg>
                    {*name}
                </li>
            }
        })
        .collect_view();
    let (from, step) = axis.zoom();
    view! {
        <ul class="chart-legend">{legend}</ul>
        <div class="chart-wrap" role="group" aria-label=title tabindex="0">
            <svg class="chart" data-zoom-from=from data-zoom-step=step viewBox=format!("0 0 {WIDTH} {HEIGHT}") role="img" aria-label=title>
                <defs>
                    <pattern id="chart-hatch" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
                        <line class="chart-hatch" x1="0" y1="0" x2="0" y2="6" />
                    </pattern>
                </defs>
                {levels(scale)} {axis.ticks()} {drawn} {columns}
            </svg>
        </div>
    }
}

fn bar(
    place: usize,
    stretches: usize,
    sizes: &[f64],
    parts: &[(&'static str, &'static str)],
    top: f64,
) -> impl IntoView + use<> {
    let (x, width) = stretch(place, stretches);
    let gap = if width > 4.0 { 1.0 } else { 0.0 };
    let mut below = 0.0;
    parts
        .iter()
        .zip(sizes)
        .filter_map(|((_, class), size)| {
            let from = below;
            below += size;
            let (low, high) = (height(from / top), height(below / top));
            // What happened once is seen, however much happened elsewhere.
            let tall = (low - high).max(1.0);
            (*size > 0.0).then(|| {
                view! { <rect class=*class x=at(x) y=at(low - tall) width=at(width - gap) height=at(tall) /> }
            })
        })
        .collect_view()
}

fn unknown(place: usize, stretches: usize) -> impl IntoView {
    let (x, width) = stretch(place, stretches);
    view! { <rect class="chart-unknown" x=at(x) y=at(TOP) width=at(width) height=at(PLOT_BOTTOM - TOP) /> }
}
