//! Medians, percentiles and ratios.

use std::time::Duration;

/// A count as a number to calculate with.
pub(crate) fn number(count: usize) -> f64 {
    u32::try_from(count).map_or(f64::INFINITY, f64::from)
}

/// A duration in milliseconds.
pub(crate) fn milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1_000.0
}

/// The value below which so many of 100 lie, in milliseconds. The durations are in order.
pub(crate) fn percentile(durations: &[Duration], percent: usize) -> f64 {
    let place = (durations.len() * percent / 100).min(durations.len().saturating_sub(1));
    durations.get(place).copied().map_or(0.0, milliseconds)
}

/// The smallest, the middle and the largest value.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Spread {
    /// The smallest.
    pub(crate) least: f64,
    /// The one in the middle.
    pub(crate) median: f64,
    /// The largest.
    pub(crate) most: f64,
}

/// How the values of several rounds lie.
pub(crate) fn spread(values: impl IntoIterator<Item = f64>) -> Spread {
    let mut values: Vec<f64> = values.into_iter().collect();
    values.sort_by(f64::total_cmp);
    let at = |place: usize| values.get(place).copied().unwrap_or(f64::NAN);
    let (low, high) = (at(values.len().saturating_sub(1) / 2), at(values.len() / 2));
    Spread { least: at(0), median: f64::midpoint(low, high), most: at(values.len().saturating_sub(1)) }
}

/// The median alone.
pub(crate) fn median(values: impl IntoIterator<Item = f64>) -> f64 {
    spread(values).median
}
