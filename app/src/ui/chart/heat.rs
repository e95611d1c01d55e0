//! How latencies spread over time: the darker a field, the larger the share of a stretch's calls in it.

use std::time::Duration;

use leptos::prelude::*;

use super::{
    HEIGHT, PLOT_BOTTOM, TOP, WIDTH, at,
    axis::{TimeAxis, latency, levels},
    stretch,
};

/// Upper ends of the bands, in milliseconds; the last band has none.
const BANDS: [u64; 11] = [5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000];

/// What a heat map shows: for each stretch the latencies with their calls.
pub(crate) struct Heat(pub(crate) Vec<Vec<(Duration, u64)>>);

/// The band in which a latency lies.
fn band(of: Duration) -> usize {
    BANDS.iter().position(|end| of <= Duration::from_millis(*end)).unwrap_or(BANDS.len())
}

/// A heat map.
pub(crate) fn heat(title: &'static str, axis: TimeAxis, heat: &Heat) -> impl IntoView + use<> {
    let bands = BANDS.len() + 1;
    let tall = (PLOT_BOTTOM - TOP) / bands as f64;
    let shares: Vec<Vec<f64>> = heat.0.iter().map(|calls| shares(calls)).collect();
    let fields = shares
        .iter()
        .enumerate()
        .flat_map(|(place, shares)| {
            let (x, width) = stretch(place, heat.0.len());
            shares.iter().enumerate().filter(|(_, share)| **share > 0.0).map(move |(band, share)| {
                let y = PLOT_BOTTOM - tall * (band + 1) as f64;
                // Rare ones are seen, too.
                let opacity = format!("{:.2}", 0.15 + 0.85 * share.sqrt());
                view! { <rect class="chart-heat" x=at(x) y=at(y) width=at(width) height=at(tall) fill-opacity=opacity /> }
            })
        })
        .collect_view();
    let columns = axis.columns(|place| {
        let known = shares.get(place).map(Vec::as_slice).unwrap_or_default();
        let words: Vec<String> = (0..known.len())
            .filter(|band| known[*band] > 0.0)
            .map(|band| format!("{} {:.0} %", name(band), known[band] * 100.0))
            .collect();
        if words.is_empty() { "not known".to_owned() } else { words.join(", ") }
    });
    let scale = (0..BANDS.len()).step_by(2).map(|band| {
        ((band + 1) as f64 / bands as f64, latency(Duration::from_millis(BANDS[band])).replace(".0", ""))
    });
    let (from, step) = axis.zoom();
    view! {
        <div class="chart-wrap" role="group" aria-label=title tabindex="0">
            <svg class="chart" data-zoom-from=from data-zoom-step=step viewBox=format!("0 0 {WIDTH} {HEIGHT}") role="img" aria-label=title>
                {levels(scale)} {axis.ticks()} {fields} {columns}
            </svg>
        </div>
    }
}

fn name(band: usize) -> String {
    match BANDS.get(band) {
        Some(end) => format!("≤ {}", latency(Duration::from_millis(*end)).replace(".0", "")),
        None => "longer".to_owned(),
    }
}

/// The share of the calls in each band; empty where there were none.
fn shares(calls: &[(Duration, u64)]) -> Vec<f64> {
    let total: u64 = calls.iter().map(|(_, number)| number).sum();
    if total == 0 {
        return Vec::new();
    }
    let mut shares = vec![0.0; BANDS.len() + 1];
    for (of, number) in calls {
        shares[band(*of)] += *number as f64 / total as f64;
    }
    shares
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_add_up_and_nothing_known_is_nothing_shown() {
        let ms = Duration::from_millis;
        let shares = shares(&[(ms(5), 1), (ms(6), 1), (ms(20_000), 2)]);
        assert_eq!((shares[0], shares[1], shares[BANDS.len()]), (0.25, 0.25, 0.5));
        assert!(super::shares(&[]).is_empty());
    }
}
