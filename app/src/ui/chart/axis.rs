//! Axes: round numbers on the vertical one, round times (UTC) on the other.

use std::time::Duration;

use domain::performance::{MINUTES_PER_DAY, MINUTES_PER_HOUR, Minute, Range, Series};
use leptos::prelude::*;

use super::{BOTTOM, LEFT, PLOT_BOTTOM, PLOT_RIGHT, at, height, stretch};

/// The stretches of time of a chart.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TimeAxis {
    range: Range,
    step: i64,
    stretches: usize,
}

/// Distances of the time axis' labels, in minutes.
const DISTANCES: [i64; 12] = [
    5,
    10,
    15,
    30,
    60,
    180,
    360,
    MINUTES_PER_DAY,
    5 * MINUTES_PER_DAY,
    10 * MINUTES_PER_DAY,
    30 * MINUTES_PER_DAY,
    61 * MINUTES_PER_DAY,
];

/// Labels at most.
const LABELS: i64 = 9;

impl TimeAxis {
    /// The axis of a series.
    pub(crate) fn of(series: &Series) -> Self {
        Self { range: series.range, step: series.step, stretches: series.buckets.len() }
    }

    /// An axis of whole days (UTC), in which these minutes lie one after the other.
    pub(crate) fn of_days(days: &[Minute]) -> Self {
        let day = |minute: Option<&Minute>| minute.map_or(0, |minute| minute.day()) * MINUTES_PER_DAY;
        let range = Range { from: Minute(day(days.first())), to: Minute(day(days.last()) + MINUTES_PER_DAY) };
        Self { range, step: MINUTES_PER_DAY, stretches: days.len() }
    }

    /// An axis that is not divided.
    pub(crate) fn over(range: Range) -> Self {
        Self { range, step: range.len(), stretches: 1 }
    }

    /// A stretch in words, e.g. `25 Nov 2026, 14:10–14:20 UTC`.
    pub(crate) fn label(&self, place: usize) -> String {
        let begins = self.begins(place);
        if self.step >= MINUTES_PER_DAY {
            return format!("{} (UTC)", written(begins, "%-d %b %Y"));
        }
        let ends = Minute(begins.0 + self.step);
        format!(
            "{}, {}–{} UTC",
            written(begins, "%-d %b %Y"),
            written(begins, "%H:%M"),
            written(ends, "%H:%M")
        )
    }

    fn begins(&self, place: usize) -> Minute {
        Minute(self.range.from.0 + self.step * i64::try_from(place).unwrap_or_default())
    }

    /// Lines and labels at round times.
    pub(super) fn ticks(&self) -> impl IntoView + use<> {
        self.ticks_down_to(PLOT_BOTTOM)
    }

    /// The same on a drawing that ends at this height.
    pub(super) fn ticks_down_to(&self, bottom: f64) -> impl IntoView + use<> {
        let distance = DISTANCES
            .into_iter()
            .find(|distance| self.range.len() <= distance * LABELS)
            .unwrap_or(122 * MINUTES_PER_DAY);
        let format = if distance < MINUTES_PER_DAY { "%H:%M" } else { "%-d %b" };
        let first = (self.range.from.0 + distance - 1).div_euclid(distance) * distance;
        let minutes = (self.stretches as i64).max(1) * self.step;
        let per_minute = (PLOT_RIGHT - LEFT) / minutes as f64;
        let mut ticks = Vec::new();
        let mut minute = first;
        while minute <= self.range.to.0 {
            let x = LEFT + (minute - self.range.from.0) as f64 * per_minute;
            // The first moment of a day is named after the day.
            let midnight = minute % MINUTES_PER_DAY == 0 && self.range.len() > MINUTES_PER_HOUR;
            let label = written(Minute(minute), if midnight { "%-d %b" } else { format });
            if x <= PLOT_RIGHT - 20.0 {
                ticks.push(view! {
                    <line class="chart-grid" x1=at(x) x2=at(x) y1=at(height(1.0)) y2=at(bottom) />
                    <text class="chart-label" x=at(x) y=at(bottom + BOTTOM * 2.0 / 3.0) text-anchor="middle">{label}</text>
                });
            }
            minute += distance;
        }
        ticks.collect_view()
    }

    /// The first minute (since 1970) and the minutes of a stretch, by which the browser knows what is dragged over.
    pub(super) fn zoom(&self) -> (String, String) {
        (self.range.from.0.to_string(), self.step.to_string())
    }

    /// One invisible column for each stretch that says in words what it shows, for pointer and screen reader.
    pub(super) fn columns(&self, words: impl Fn(usize) -> String) -> AnyView {
        (0..self.stretches)
            .map(|place| {
                let (x, width) = stretch(place, self.stretches);
                let words = format!("{}: {}", self.label(place), words(place));
                view! {
                    <rect class="chart-hit" x=at(x) y=at(height(1.0)) width=at(width) height=at(PLOT_BOTTOM - height(1.0))>
                        <title>{words}</title>
                    </rect>
                }
            })
            .collect_view()
            .into_any()
    }
}

fn written(minute: Minute, format: &str) -> String {
    jiff::Timestamp::from_second(minute.begins().seconds())
        .map(|at| at.strftime(format).to_string())
        .unwrap_or_default()
}

/// Lines and labels of the vertical axis, at these shares of it.
pub(super) fn levels(levels: impl IntoIterator<Item = (f64, String)>) -> AnyView {
    levels
        .into_iter()
        .map(|(share, label)| {
            let y = height(share);
            view! {
                <line class="chart-grid" x1=at(LEFT) x2=at(PLOT_RIGHT) y1=at(y) y2=at(y) />
                <text class="chart-label" x=at(LEFT - 6.0) y=at(y + 4.0) text-anchor="end">{label}</text>
            }
        })
        .collect_view()
        .into_any()
}

/// The smallest of 1, 2, 5, 10, 20 … that is not below the value.
pub(super) fn round_up(value: f64) -> f64 {
    if value <= 0.0 {
        return 1.0;
    }
    let power = 10_f64.powf(value.log10().floor());
    [1.0, 2.0, 5.0, 10.0]
        .into_iter()
        .map(|it| it * power)
        .find(|it| *it >= value * 0.999_999)
        .unwrap_or(value)
}

/// A latency in words, e.g. `0.8 ms`, `42 ms`, `1.3 s`.
pub(crate) fn latency(latency: Duration) -> String {
    let millis = latency.as_secs_f64() * 1_000.0;
    match millis {
        0.0 => "0".to_owned(),
        ..10.0 => format!("{millis:.1} ms"),
        ..1_000.0 => format!("{millis:.0} ms"),
        ..10_000.0 => format!("{:.1} s", millis / 1_000.0),
        _ => format!("{:.0} s", millis / 1_000.0),
    }
}

/// A share in percent with as many digits as its distance from 100 needs, e.g. `99.95 %`, `97.3 %`, `100 %`.
pub(crate) fn share(share: f64) -> String {
    let missing = (1.0 - share) * 100.0;
    // Rounded down: 99.999 is not 100.
    let down = |digits: i32| (share * 100.0 * 10_f64.powi(digits) + 1e-9).floor() / 10_f64.powi(digits);
    if missing <= 0.0 {
        "100 %".to_owned()
    } else if missing < 0.1 {
        format!("{:.3} %", down(3))
    } else if missing < 1.0 {
        format!("{:.2} %", down(2))
    } else {
        format!("{:.1} %", down(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn axes_end_at_round_numbers() {
        for (value, end) in [(0.0, 1.0), (0.9, 1.0), (1.0, 1.0), (1.1, 2.0), (37.0, 50.0), (0.03, 0.05)] {
            assert!((round_up(value) - end).abs() < 1e-12, "{value}");
        }
    }

    #[test]
    fn what_is_not_all_is_never_called_all() {
        assert_eq!(share(1.0), "100 %");
        assert_eq!(share(0.999_999), "99.999 %");
        assert_eq!(share(0.9995), "99.950 %");
        assert_eq!(share(0.995), "99.50 %");
        assert_eq!(share(0.9), "90.0 %");
    }

    #[test]
    fn latencies_have_two_digits_that_matter() {
        let shown = |micros| latency(Duration::from_micros(micros));
        assert_eq!(
            [shown(840), shown(42_300), shown(1_340_000), shown(12_000_000)],
            ["0.8 ms", "42 ms", "1.3 s", "12 s"]
        );
    }
}
