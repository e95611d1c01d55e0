//! Instants and durations: always with zone and age.

use std::time::Duration;

use domain::Timestamp;
use leptos::prelude::*;

/// The instant at which the page is made; ages are counted from it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Now(pub(crate) Timestamp);

/// An instant with its zone, e.g. `23 Nov 2026, 21:43 UTC`.
pub(crate) fn absolute(at: Timestamp) -> String {
    jiff::Timestamp::from_second(at.seconds())
        .map_or_else(|_| at.rfc3339(), |instant| instant.strftime("%-d %b %Y, %H:%M UTC").to_string())
}

/// A duration in its two largest units, e.g. `430 ms`, `4.2 s`, `12 s`, `3 min 5 s`, `2 h 10 min`, `5 d`.
pub(crate) fn duration(length: Duration) -> String {
    let seconds = length.as_secs();
    let two = |big: u64, big_unit: &str, small: u64, small_unit: &str| {
        if small == 0 {
            format!("{big} {big_unit}")
        } else {
            format!("{big} {big_unit} {small} {small_unit}")
        }
    };
    match seconds {
        0 => format!("{} ms", length.as_millis()),
        1..10 => format!("{:.1} s", length.as_secs_f64()),
        10..60 => format!("{seconds} s"),
        60..3_600 => two(seconds / 60, "min", seconds % 60, "s"),
        3_600..86_400 => two(seconds / 3_600, "h", seconds % 3_600 / 60, "min"),
        _ => format!("{} d", seconds / 86_400),
    }
}

/// How long ago or how far ahead, in one unit, e.g. `5 min ago`, `in 2 h`.
pub(crate) fn age(now: Timestamp, at: Timestamp) -> String {
    let ahead = at > now;
    let seconds = if ahead { at.since(now) } else { now.since(at) }.as_secs();
    let text = match seconds {
        0..5 => return "just now".to_owned(),
        5..60 => format!("{seconds} s"),
        60..3_600 => format!("{} min", seconds / 60),
        3_600..86_400 => format!("{} h", seconds / 3_600),
        86_400..5_184_000 => format!("{} d", seconds / 86_400),
        _ => format!("{} months", seconds / 2_592_000),
    };
    if ahead { format!("in {text}") } else { format!("{text} ago") }
}

/// The age of an instant as seen from the page's own instant.
pub(crate) fn age_here(at: Timestamp) -> String {
    use_context::<Now>().map(|now| age(now.0, at)).unwrap_or_default()
}

/// An instant with zone and age.
#[component]
pub(crate) fn Time(
    /// The instant.
    at: Timestamp,
) -> impl IntoView {
    view! {
        <time class="when" datetime=at.rfc3339()>
            <span class="when-at">{absolute(at)}</span>
            " "
            <span class="when-age">{age_here(at)}</span>
        </time>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: Timestamp = Timestamp::from_micros(1_795_435_200_000_000);

    #[test]
    fn an_instant_names_its_zone() {
        assert_eq!(absolute(NOON), "23 Nov 2026, 12:00 UTC");
    }

    #[test]
    fn durations_show_two_units_at_most() {
        let shown = |ms| duration(Duration::from_millis(ms));
        assert_eq!(shown(430), "430 ms");
        assert_eq!(shown(4_230), "4.2 s");
        assert_eq!(shown(12_900), "12 s");
        assert_eq!(shown(60_000), "1 min");
        assert_eq!(shown(185_000), "3 min 5 s");
        assert_eq!(shown(7_800_000), "2 h 10 min");
        assert_eq!(shown(5 * 86_400_000 + 1), "5 d");
    }

    #[test]
    fn ages_look_both_ways() {
        let moved = |seconds| Duration::from_secs(seconds);
        assert_eq!(age(NOON, NOON.minus(moved(3))), "just now");
        assert_eq!(age(NOON, NOON.minus(moved(300))), "5 min ago");
        assert_eq!(age(NOON, NOON.plus(moved(7_200))), "in 2 h");
        assert_eq!(age(NOON, NOON.minus(moved(86_400 * 45))), "45 d ago");
    }
}
