//! What was measured over a long range, by groups of operations, with approved maintenance left out.

use std::collections::BTreeMap;

use domain::performance::{
    Cell, Count, Excluded, Indicator, KnownMinutes, MINUTES_PER_DAY, Objective, OperationGroup, Range,
};
use secureauth::Operation;
use storage::{Conn, StorageError, calls};

/// The group of an operation, by its name in measurements; `None` for one that this program does not know any more.
#[must_use]
pub fn group_of(operation: &str) -> Option<OperationGroup> {
    let known = Operation::ALL.iter().find(|known| known.as_str() == operation)?;
    known.api().as_str().parse().ok()
}

/// What was measured, by group.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Groups(BTreeMap<Option<OperationGroup>, Cell>);

impl Groups {
    /// Takes a cell of an operation in.
    pub fn add(&mut self, operation: &str, cell: &Cell) {
        self.0.entry(group_of(operation)).or_default().merge(cell);
    }

    /// The groups with what was measured.
    pub fn iter(&self) -> impl Iterator<Item = (Option<OperationGroup>, &Cell)> {
        self.0.iter().map(|(group, cell)| (*group, cell))
    }

    fn cells(&self, group: Option<OperationGroup>) -> impl Iterator<Item = &Cell> {
        self.0.iter().filter(move |(of, _)| group.is_none() || **of == group).map(|(_, cell)| cell)
    }

    /// What counts for an objective.
    #[must_use]
    pub fn count(&self, objective: &Objective) -> Count {
        self.sum(objective, Indicator::count)
    }

    /// The same with our own faults.
    #[must_use]
    pub fn count_raw(&self, objective: &Objective) -> Count {
        self.sum(objective, Indicator::count_raw)
    }

    fn sum(&self, objective: &Objective, count: fn(Indicator, &Cell) -> Count) -> Count {
        let counts = self.cells(objective.group).map(|cell| count(objective.indicator, cell));
        counts.fold(Count::default(), Count::plus)
    }
}

/// A day (UTC) of a range.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Day {
    /// The part of it that lies in the range.
    pub range: Range,
    /// What counts.
    pub counted: Groups,
    /// What is left out because of approved maintenance.
    pub left_out: Groups,
    /// The minutes that count in which something was called, by group.
    known: BTreeMap<Option<OperationGroup>, KnownMinutes>,
}

impl Day {
    /// How many of its minutes count, and are known of a group, or of all.
    #[must_use]
    pub fn known(&self, group: Option<OperationGroup>) -> i64 {
        let mut known = KnownMinutes::default();
        for (_, minutes) in self.known.iter().filter(|(of, _)| group.is_none() || **of == group) {
            known.merge(minutes);
        }
        known.count()
    }
}

/// Reads a range day by day. A whole day without maintenance costs one short row for each operation, every other one
/// the rows of its hours.
///
/// # Errors
/// [`StorageError`].
pub async fn days(conn: &mut Conn, range: Range, excluded: &Excluded) -> Result<Vec<Day>, StorageError> {
    let mut days: BTreeMap<i64, Day> = range.by_day().map(|part| (part.from.day(), empty(part))).collect();
    let whole = range.whole_days();
    let plain = |part: Range| part.overlap(whole) == part && excluded.minutes_in(part) == 0;
    calls::each_day(conn, range, |key, minute, cell, known| {
        if let Some(day) = days.get_mut(&minute.day()).filter(|day| plain(day.range)) {
            day.counted.add(&key.operation, cell);
            day.known.entry(group_of(&key.operation)).or_default().merge(known);
        }
    })
    .await?;
    for day in days.values_mut().filter(|day| !plain(day.range)) {
        calls::each_minute(conn, day.range, |key, minute, cell| {
            if excluded.contains(minute) {
                day.left_out.add(&key.operation, cell);
                return;
            }
            day.counted.add(&key.operation, cell);
            let place = usize::try_from(minute.0.rem_euclid(MINUTES_PER_DAY)).unwrap_or_default();
            day.known.entry(group_of(&key.operation)).or_default().insert(place);
        })
        .await?;
    }
    Ok(days.into_values().collect())
}

fn empty(range: Range) -> Day {
    Day { range, counted: Groups::default(), left_out: Groups::default(), known: BTreeMap::new() }
}
