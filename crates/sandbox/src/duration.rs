//! Durations as the contract writes them: Go's `1h30m0s`.

use std::time::Duration;

/// Reads a duration made of hours, minutes, seconds and milliseconds; `None` if it is not one.
pub(crate) fn parse(text: &str) -> Option<Duration> {
    let mut rest = text;
    let mut total = Duration::ZERO;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit())?;
        let amount: u64 = rest[..digits].parse().ok()?;
        rest = &rest[digits..];
        let (unit, millis) = [("ms", 1), ("h", 3_600_000), ("m", 60_000), ("s", 1_000)]
            .into_iter()
            .find(|(unit, _)| rest.starts_with(unit))?;
        total = total.checked_add(Duration::from_millis(amount.checked_mul(millis)?))?;
        rest = &rest[unit.len()..];
    }
    (!text.is_empty()).then_some(total)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn go_durations_are_read_and_nonsense_is_not() {
        assert_eq!(parse("1h0m30s"), Some(Duration::from_secs(3_630)));
        assert_eq!(parse("250ms"), Some(Duration::from_millis(250)));
        for nonsense in ["", "h", "10", "-1s", "1d", "99999999999999999999h"] {
            assert_eq!(parse(nonsense), None, "{nonsense}");
        }
    }
}
