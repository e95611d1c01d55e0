//! A month's measurements added up as the contract counts them: minute by minute, with approved maintenance left out.

use std::collections::BTreeMap;

use super::{
    call::Tally,
    exclusion::Excluded,
    minutes::Cell,
    objective::{Count, Indicator, Objective, OperationGroup},
    window::{Minute, Range},
};

/// Measurements of a range by group of operations.
#[derive(Clone, Debug)]
pub struct Ledger {
    range: Range,
    excluded: Excluded,
    counted: BTreeMap<Option<OperationGroup>, Cell>,
    left_out: BTreeMap<Option<OperationGroup>, Cell>,
    /// For each minute of the range the groups in which something was called, a bit each.
    known: Vec<u8>,
}

/// The minutes of a range: each is one of the three.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Minutes {
    /// Something was called.
    pub known: i64,
    /// Nothing was called: nobody knows.
    pub unknown: i64,
    /// Approved maintenance, whatever was called.
    pub left_out: i64,
}

/// Of operations that belong to no group (any more).
const OTHER: u8 = 1 << OperationGroup::ALL.len();

const fn bit(group: Option<OperationGroup>) -> u8 {
    match group {
        Some(group) => 1 << group as u8,
        None => OTHER,
    }
}

impl Ledger {
    /// Nothing is known yet of this range.
    #[must_use]
    pub fn new(range: Range, excluded: Excluded) -> Self {
        let minutes = usize::try_from(range.len()).unwrap_or_default();
        Self { range, excluded, counted: BTreeMap::new(), left_out: BTreeMap::new(), known: vec![0; minutes] }
    }

    /// Takes in what was called of a group in a minute; whether the minute lies in the range.
    pub fn add(&mut self, group: Option<OperationGroup>, minute: Minute, cell: &Cell) -> bool {
        let place = usize::try_from(minute.0 - self.range.from.0).unwrap_or(usize::MAX);
        let Some(known) = self.known.get_mut(place) else { return false };
        *known |= bit(group);
        let into = if self.excluded.contains(minute) { &mut self.left_out } else { &mut self.counted };
        into.entry(group).or_default().merge(cell);
        true
    }

    /// What counts for an objective.
    #[must_use]
    pub fn counted(&self, objective: &Objective) -> Count {
        sum(&self.counted, objective, Indicator::count)
    }

    /// The same in the minutes that are left out.
    #[must_use]
    pub fn left_out(&self, objective: &Objective) -> Count {
        sum(&self.left_out, objective, Indicator::count)
    }

    /// What counts when nothing is left out: neither maintenance nor our own faults.
    #[must_use]
    pub fn raw(&self, objective: &Objective) -> Count {
        sum(&self.counted, objective, Indicator::count_raw).plus(sum(
            &self.left_out,
            objective,
            Indicator::count_raw,
        ))
    }

    /// The calls of a group, or of all, by how they ended; without those in maintenance.
    #[must_use]
    pub fn tally(&self, group: Option<OperationGroup>) -> Tally {
        let mut tally = Tally::default();
        for cell in cells(&self.counted, group) {
            tally.merge(&cell.tally);
        }
        tally
    }

    /// The minutes of the range, as a group, or all, knows them.
    #[must_use]
    pub fn minutes(&self, group: Option<OperationGroup>) -> Minutes {
        let mask = group.map_or(u8::MAX, |group| bit(Some(group)));
        let mut minutes = Minutes { left_out: self.excluded.minutes_in(self.range), ..Minutes::default() };
        for (minute, known) in (self.range.from.0..).zip(&self.known) {
            if self.excluded.contains(Minute(minute)) {
                continue;
            }
            let into = if known & mask == 0 { &mut minutes.unknown } else { &mut minutes.known };
            *into += 1;
        }
        minutes
    }
}

fn cells(
    of: &BTreeMap<Option<OperationGroup>, Cell>,
    group: Option<OperationGroup>,
) -> impl Iterator<Item = &Cell> {
    of.iter().filter(move |(of, _)| group.is_none() || **of == group).map(|(_, cell)| cell)
}

fn sum(
    of: &BTreeMap<Option<OperationGroup>, Cell>,
    objective: &Objective,
    count: fn(Indicator, &Cell) -> Count,
) -> Count {
    let counts = cells(of, objective.group).map(|cell| count(objective.indicator, cell));
    counts.fold(Count::default(), Count::plus)
}
