//! Adoption: of the users that were moved, how many have signed in at SecureAuth since, and when the others will.

/// A day on which something changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AdoptionDay {
    /// Days since 1970, UTC.
    pub day: i64,
    /// Users that were moved; below zero where more were removed again.
    pub moved: i64,
    /// Moved users that signed in for the first time.
    pub signed_in: i64,
}

/// Where adoption stood at the end of a day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AdoptionPoint {
    /// Days since 1970, UTC.
    pub day: i64,
    /// Users that are moved.
    pub moved: u64,
    /// Those of them that have signed in since.
    pub signed_in: u64,
}

impl AdoptionPoint {
    /// Moved users that have never signed in.
    #[must_use]
    pub const fn never(&self) -> u64 {
        self.moved.saturating_sub(self.signed_in)
    }
}

/// Where adoption stood at the end of each day from one to another, both included. The changes are given in the order
/// of days; what changed before counts from the beginning.
#[must_use]
pub fn curve(changes: &[AdoptionDay], from: i64, to: i64) -> Vec<AdoptionPoint> {
    let mut changes = changes.iter().peekable();
    let (mut moved, mut signed_in) = (0_i64, 0_i64);
    let amount = |number: i64| u64::try_from(number).unwrap_or_default();
    (from..=to)
        .map(|day| {
            while let Some(change) = changes.next_if(|change| change.day <= day) {
                moved += change.moved;
                signed_in += change.signed_in;
            }
            AdoptionPoint { day, moved: amount(moved), signed_in: amount(signed_in) }
        })
        .collect()
}

/// Days of one week.
const WEEK: usize = 7;

/// Fewer first sign-ins than this in two weeks say nothing about a rate.
const FEWEST: u64 = 20;

/// How adoption goes on if it goes on as it did in the last two weeks: each day this share of those who never signed
/// in does. The two weeks taken for themselves, and together, give the range.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Outlook {
    /// Where it begins.
    now: AdoptionPoint,
    slowest: f64,
    likely: f64,
    fastest: f64,
}

/// A range of what may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outcome<T> {
    /// If it goes slowly.
    pub slow: T,
    /// If it goes on as in both weeks together.
    pub likely: T,
    /// If it goes fast.
    pub fast: T,
}

/// What the last two weeks of a curve say about what comes; nobody else is moved meanwhile. `None` where they are not
/// there, or too few signed in to say anything.
///
/// Those who sign in soon after a move are the ones that sign in often: a share that is taken anew each day is what
/// makes the curve flatten, and the last weeks are what says how much.
#[must_use]
pub fn outlook(curve: &[AdoptionPoint]) -> Option<Outlook> {
    let now = *curve.last()?;
    let lately = curve.get(curve.len().checked_sub(2 * WEEK + 1)?..)?;
    let (first, second) = (lately.get(..=WEEK)?, lately.get(WEEK..)?);
    let came = now.signed_in.saturating_sub(lately.first()?.signed_in);
    if came < FEWEST || now.never() == 0 {
        return None;
    }
    let likely = daily(lately)?;
    let weeks = [daily(first), daily(second)].into_iter().flatten();
    let (slowest, fastest) =
        weeks.fold((likely, likely), |(low, high), rate| (low.min(rate), high.max(rate)));
    Some(Outlook { now, slowest, likely, fastest })
}

/// The share of those who had never signed in that did within a day, over some days one after the other.
fn daily(points: &[AdoptionPoint]) -> Option<f64> {
    let (mut came, mut could) = (0_u64, 0_u64);
    for pair in points.windows(2) {
        let [before, after] = pair else { continue };
        came = came.saturating_add(after.signed_in.saturating_sub(before.signed_in));
        // Whoever was moved on the day could sign in on it, too.
        let joined = after.moved.saturating_sub(before.moved);
        could = could.saturating_add(before.never()).saturating_add(joined);
    }
    (could > 0).then(|| (came as f64 / could as f64).min(1.0))
}

impl Outlook {
    /// How many will have signed in by the end of a day (days since 1970, UTC).
    #[must_use]
    pub fn signed_in_by(&self, day: i64) -> Outcome<u64> {
        let days = i32::try_from((day - self.now.day).max(0)).unwrap_or(i32::MAX);
        self.each(|rate| {
            let never = self.now.never() as f64 * (1.0 - rate).powi(days);
            self.now.moved.saturating_sub(never.round() as u64)
        })
    }

    /// The day (since 1970, UTC) by whose end this share of the moved users will have signed in; `None` where that is not
    /// within a year.
    #[must_use]
    pub fn day_of(&self, share: f64) -> Outcome<Option<i64>> {
        let left = self.now.moved as f64 * (1.0 - share.clamp(0.0, 1.0));
        let never = self.now.never() as f64;
        self.each(|rate| {
            if never <= left {
                return Some(self.now.day);
            }
            if rate >= 1.0 {
                return Some(self.now.day + 1);
            }
            let days = (left / never).ln() / (1.0 - rate).ln();
            (days.is_finite() && days <= 365.0).then(|| self.now.day + days.ceil() as i64)
        })
    }

    fn each<T>(&self, of: impl Fn(f64) -> T) -> Outcome<T> {
        Outcome { slow: of(self.slowest), likely: of(self.likely), fast: of(self.fastest) }
    }
}
