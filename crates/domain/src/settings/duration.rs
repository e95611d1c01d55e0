//! Durations as the vendor writes them: Go's `1h30m0s` (API.md §3); and whether a text is an instant.

/// Reads hours, minutes and seconds, each at most once and in this order; `None` if it is not that.
///
/// Fractions of a second are not read: no setting of ours has them, so such a value is somebody else's.
#[must_use]
pub fn parse(text: &str) -> Option<u64> {
    let mut rest = text.trim();
    if rest.is_empty() {
        return None;
    }
    let mut seconds = 0_u64;
    for (unit, worth) in [("h", 3_600), ("m", 60), ("s", 1)] {
        let Some((amount, after)) = rest.split_once(unit) else { continue };
        if amount.is_empty() || !amount.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let amount: u64 = amount.parse().ok()?;
        seconds = seconds.checked_add(amount.checked_mul(worth)?)?;
        rest = after;
    }
    rest.is_empty().then_some(seconds)
}

/// Reads what people write as well: days, and spaces between the parts (`30d`, `1 h 30 m`).
#[must_use]
pub fn parse_human(text: &str) -> Option<u64> {
    let tight: String = text.chars().filter(|c| !c.is_whitespace()).collect::<String>().to_ascii_lowercase();
    let Some((days, rest)) = tight.split_once('d') else { return parse(&tight) };
    if days.is_empty() || !days.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let days: u64 = days.parse().ok()?;
    let rest = if rest.is_empty() { 0 } else { parse(rest)? };
    days.checked_mul(86_400)?.checked_add(rest)
}

/// The one spelling: Go's own, `1h0m0s`, `10m0s`, `45s`, `0s`.
#[must_use]
pub fn write(seconds: u64) -> String {
    let (hours, minutes, rest) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    match (hours, minutes) {
        (0, 0) => format!("{rest}s"),
        (0, _) => format!("{minutes}m{rest}s"),
        _ => format!("{hours}h{minutes}m{rest}s"),
    }
}

/// For people: `30 days`, `1 h 30 min`, `45 s`.
#[must_use]
pub fn show(seconds: u64) -> String {
    if seconds >= 2 * 86_400 && seconds.is_multiple_of(86_400) {
        return format!("{} days", seconds / 86_400);
    }
    let parts: Vec<String> = [(seconds / 3_600, "h"), (seconds / 60 % 60, "min"), (seconds % 60, "s")]
        .into_iter()
        .filter(|(amount, _)| *amount > 0)
        .map(|(amount, unit)| format!("{amount} {unit}"))
        .collect();
    if parts.is_empty() { "0 s".to_owned() } else { parts.join(" ") }
}

/// Whether a text is an RFC 3339 instant that exists. By hand, because the browser has no other use for a calendar.
#[must_use]
pub fn is_instant(text: &str) -> bool {
    let Some((date, time)) = text.split_once(['T', 't']) else { return false };
    let Some(zone) = time.find(['Z', 'z', '+', '-']) else { return false };
    let (clock, zone) = time.split_at(zone);
    let clock = clock.split_once('.').map_or(Some(clock), |(clock, rest)| {
        (!rest.is_empty() && rest.len() <= 9 && rest.bytes().all(|byte| byte.is_ascii_digit()))
            .then_some(clock)
    });
    let zone_fits = zone.eq_ignore_ascii_case("z")
        || numbers(&zone[1..], ':', &[2, 2]).is_some_and(|it| it[0] < 24 && it[1] < 60);
    let date_fits = numbers(date, '-', &[4, 2, 2]).is_some_and(|it| {
        let leap = it[0] % 4 == 0 && (it[0] % 100 != 0 || it[0] % 400 == 0);
        let days = match it[1] {
            2 if leap => 29,
            2 => 28,
            4 | 6 | 9 | 11 => 30,
            1..=12 => 31,
            _ => 0,
        };
        it[0] > 0 && (1..=days).contains(&it[2])
    });
    let clock_fits = clock
        .and_then(|clock| numbers(clock, ':', &[2, 2, 2]))
        .is_some_and(|it| it[0] < 24 && it[1] < 60 && it[2] < 60);
    zone_fits && date_fits && clock_fits
}

/// Numbers of these lengths with a sign between them.
fn numbers(text: &str, between: char, lengths: &[usize]) -> Option<Vec<u32>> {
    let parts: Vec<&str> = text.split(between).collect();
    let fit = parts.len() == lengths.len()
        && parts
            .iter()
            .zip(lengths)
            .all(|(part, length)| part.len() == *length && part.bytes().all(|byte| byte.is_ascii_digit()));
    if fit { parts.iter().map(|part| part.parse().ok()).collect() } else { None }
}
