//! Minutes as they are stored: an hour of one operation is one short text that holds the minutes in which something
//! was called.

use std::{collections::BTreeMap, fmt, str::FromStr};

use thiserror::Error;

use super::{
    call::{CallOutcome, Tally},
    latencies::Latencies,
};

/// What happened in some stretch of time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cell {
    /// The calls by how they ended.
    pub tally: Tally,
    /// How long those took that were sent.
    pub latencies: Latencies,
}

impl Cell {
    /// Takes another one in.
    pub fn merge(&mut self, other: &Self) {
        self.tally.merge(&other.tally);
        self.latencies.merge(&other.latencies);
    }
}

/// A stored text that holds no cells: it was changed by hand.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{0:?} are no measurements: restore the row from a backup, or delete it")]
pub struct BrokenCells(String);

impl BrokenCells {
    pub(super) fn of(text: &str) -> Self {
        Self(text.to_owned())
    }
}

/// `outcome.calls,…;bucket.calls,…`, only what is not zero.
impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let outcomes = CallOutcome::ALL.iter().map(|outcome| (*outcome as u16, self.tally.of(*outcome)));
        pairs(f, outcomes.filter(|(_, calls)| *calls > 0))?;
        f.write_str(";")?;
        pairs(f, self.latencies.buckets())
    }
}

fn pairs(f: &mut fmt::Formatter<'_>, pairs: impl Iterator<Item = (u16, u64)>) -> fmt::Result {
    for (place, (what, calls)) in pairs.enumerate() {
        if place > 0 {
            f.write_str(",")?;
        }
        write!(f, "{what}.{calls}")?;
    }
    Ok(())
}

impl FromStr for Cell {
    type Err = BrokenCells;

    fn from_str(text: &str) -> Result<Self, BrokenCells> {
        read_cell(text).ok_or_else(|| BrokenCells::of(text))
    }
}

fn read_cell(text: &str) -> Option<Cell> {
    let (outcomes, buckets) = text.split_once(';')?;
    let mut cell = Cell::default();
    for (outcome, calls) in read_pairs(outcomes)? {
        cell.tally.add(*CallOutcome::ALL.get(usize::from(outcome))?, calls);
    }
    for (bucket, calls) in read_pairs(buckets)? {
        cell.latencies.add_to(bucket, calls);
    }
    Some(cell)
}

fn read_pairs(text: &str) -> Option<Vec<(u16, u64)>> {
    let pair = |pair: &str| {
        let (what, calls) = pair.split_once('.')?;
        Some((what.parse().ok()?, calls.parse().ok()?))
    };
    if text.is_empty() { Some(Vec::new()) } else { text.split(',').map(pair).collect() }
}

/// The minutes of one hour in which something was called. A minute that is missing is unknown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hour(BTreeMap<u8, Cell>);

impl Hour {
    /// Takes what happened in a minute (0–59) in.
    pub fn merge(&mut self, minute: u8, cell: &Cell) {
        self.0.entry(minute).or_default().merge(cell);
    }

    /// Keeps only these minutes.
    pub fn keep(&mut self, wanted: impl Fn(u8) -> bool) {
        self.0.retain(|minute, _| wanted(*minute));
    }

    /// Whether no minute is known.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Everything together.
    #[must_use]
    pub fn total(&self) -> Cell {
        let mut total = Cell::default();
        for cell in self.0.values() {
            total.merge(cell);
        }
        total
    }

    /// The known minutes in order.
    pub fn iter(&self) -> impl Iterator<Item = (u8, &Cell)> {
        self.0.iter().map(|(minute, cell)| (*minute, cell))
    }
}

/// `minute:cell|minute:cell`.
impl fmt::Display for Hour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, (minute, cell)) in self.0.iter().enumerate() {
            if place > 0 {
                f.write_str("|")?;
            }
            write!(f, "{minute}:{cell}")?;
        }
        Ok(())
    }
}

impl FromStr for Hour {
    type Err = BrokenCells;

    fn from_str(text: &str) -> Result<Self, BrokenCells> {
        let minute = |text: &str| {
            let (minute, cell) = text.split_once(':')?;
            let minute = minute.parse().ok().filter(|minute| *minute < 60)?;
            Some((minute, read_cell(cell)?))
        };
        let cells: Option<BTreeMap<u8, Cell>> = text.split('|').map(minute).collect();
        cells.map(Self).ok_or_else(|| BrokenCells::of(text))
    }
}
