//! What was measured over a long range, by groups of operations, with approved maintenance left out.

use std::collections::{BTreeMap, BTreeSet};

use domain::performance::{Cell, Count, Excluded, Indicator, Objective, OperationGroup, Range};
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
    /// Minutes in which something was called.
    pub known: i64,
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
            day.known = day.known.max(known);
        }
    })
    .await?;
    for day in days.values_mut().filter(|day| !plain(day.range)) {
        let mut known = BTreeSet::new();
        let (counted, left_out) = (&mut day.counted, &mut day.left_out);
        calls::each_minute(conn, day.range, |key, minute, cell| {
            known.insert(minute);
            let into = if excluded.contains(minute) { &mut *left_out } else { &mut *counted };
            into.add(&key.operation, cell);
        })
        .await?;
        day.known = i64::try_from(known.len()).unwrap_or(i64::MAX);
    }
    Ok(days.into_values().collect())
}

fn empty(range: Range) -> Day {
    Day { range, counted: Groups::default(), left_out: Groups::default(), known: 0 }
}
