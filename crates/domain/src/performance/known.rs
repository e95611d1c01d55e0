//! Which minutes of a stretch are known: in each of them something was called.

use std::{fmt, str::FromStr};

use super::minutes::BrokenCells;

/// Minutes in one word.
const WORD: usize = 64;

/// The known minutes of a stretch, counted from its beginning. The others are unknown, never "up".
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KnownMinutes(Vec<u64>);

impl KnownMinutes {
    /// Takes a minute in; whether it was unknown.
    pub fn insert(&mut self, minute: usize) -> bool {
        let (word, bit) = (minute / WORD, 1 << (minute % WORD));
        if self.0.len() <= word {
            self.0.resize(word + 1, 0);
        }
        let Some(word) = self.0.get_mut(word) else { return false };
        let new = *word & bit == 0;
        *word |= bit;
        new
    }

    /// Takes in what another one of the same stretch knows: a minute is known once, however many know it.
    pub fn merge(&mut self, other: &Self) {
        if self.0.len() < other.0.len() {
            self.0.resize(other.0.len(), 0);
        }
        for (mine, theirs) in self.0.iter_mut().zip(&other.0) {
            *mine |= theirs;
        }
    }

    /// How many there are.
    #[must_use]
    pub fn count(&self) -> i64 {
        self.0.iter().map(|word| i64::from(word.count_ones())).sum()
    }
}

impl Extend<usize> for KnownMinutes {
    fn extend<I: IntoIterator<Item = usize>>(&mut self, minutes: I) {
        for minute in minutes {
            self.insert(minute);
        }
    }
}

impl FromIterator<usize> for KnownMinutes {
    fn from_iter<I: IntoIterator<Item = usize>>(minutes: I) -> Self {
        let mut known = Self::default();
        known.extend(minutes);
        known
    }
}

/// Hexadecimal words parted by dots, the first minute in the lowest bit of the first.
impl fmt::Display for KnownMinutes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, word) in self.0.iter().enumerate() {
            if place > 0 {
                f.write_str(".")?;
            }
            write!(f, "{word:x}")?;
        }
        Ok(())
    }
}

impl FromStr for KnownMinutes {
    type Err = BrokenCells;

    fn from_str(text: &str) -> Result<Self, BrokenCells> {
        if text.is_empty() {
            return Ok(Self::default());
        }
        let words: Result<Vec<u64>, _> = text.split('.').map(|word| u64::from_str_radix(word, 16)).collect();
        words.map(Self).map_err(|_| BrokenCells::of(text))
    }
}
