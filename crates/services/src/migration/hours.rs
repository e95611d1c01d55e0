//! Working hours of a biller: when e-mails may go out.

use domain::{Timestamp, migration::MailRules, zone::Zone};
use jiff::civil::Weekday;

/// Whether e-mails go out now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hours {
    /// They do.
    Open,
    /// From then on.
    Opens(Timestamp),
}

/// Monday to Friday, in the window of the rules, on the clocks of the zone.
pub(super) fn hours(zone: &Zone, rules: &MailRules, now: Timestamp) -> Hours {
    let (from, until) = rules.window();
    let clock = |seconds: u32| format!("{:02}:{:02}", seconds / 3_600 % 24, seconds / 60 % 60);
    let mut day = zone.shown(now).date();
    for _ in 0..10 {
        let works = !matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday);
        // A time that the clocks pass over is no working time.
        let opens = zone.instant(&day.to_string(), &clock(from)).ok().map(|named| named.at);
        if let Some(opens) = opens.filter(|_| works) {
            if now < opens {
                return Hours::Opens(opens);
            }
            if now < opens.plus(std::time::Duration::from_secs(u64::from(until - from))) {
                return Hours::Open;
            }
        }
        let Ok(next) = day.tomorrow() else { break };
        day = next;
    }
    Hours::Opens(now.plus(std::time::Duration::from_secs(3_600)))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const RULES: MailRules =
        MailRules { per_hour: 600, code_life: Duration::from_secs(3_600), from_hour: 9, to_hour: 17 };

    fn at(day: &str, time: &str) -> Timestamp {
        chicago().instant(day, time).expect("an instant").at
    }

    fn chicago() -> Zone {
        Zone::named("America/Chicago").expect("a zone")
    }

    #[test]
    fn a_wave_is_what_a_working_day_takes_and_its_last_code_lives_on_within_it() {
        assert_eq!(RULES.window(), (9 * 3_600, 16 * 3_600));
        assert_eq!(RULES.wave(), 600 * 7);
        assert_eq!(RULES.pace(), (1, Duration::from_secs(6)));
        let long = MailRules { code_life: Duration::from_secs(72 * 3_600), per_hour: 7_200, ..RULES };
        assert_eq!(long.window(), (9 * 3_600, 15 * 3_600));
        assert_eq!(long.pace(), (20, Duration::from_secs(10)));
    }

    #[test]
    fn nights_and_week_ends_are_waited_for_on_the_billers_clock() {
        let zone = chicago();
        // 2027-03-12 is a Friday; the clocks go forward on Sunday.
        assert_eq!(hours(&zone, &RULES, at("2027-03-12", "09:00")), Hours::Open);
        assert_eq!(hours(&zone, &RULES, at("2027-03-12", "15:59")), Hours::Open);
        let monday = at("2027-03-15", "09:00");
        assert_eq!(monday.rfc3339(), "2027-03-15T14:00:00Z");
        for (day, time) in [("2027-03-12", "16:00"), ("2027-03-13", "12:00"), ("2027-03-15", "08:59")] {
            assert_eq!(hours(&zone, &RULES, at(day, time)), Hours::Opens(monday), "{day} {time}");
        }
    }
}
