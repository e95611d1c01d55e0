//! Durations as the vendor writes them: Go's `1h30m0s` (API.md §3).

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
