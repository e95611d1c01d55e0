//! How the list of billers is filtered, sorted and paged. All of it lives in the URL.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{
    Bid, Portfolio,
    biller::CiamStatus,
    use_case::{Readiness, UseCase},
    words,
};

words! {
    /// What the list is sorted by.
    SortBy, "sort order" {
        /// By name.
        Name = "name", "Name";
        /// By bid.
        Bid = "bid", "Bid";
        /// By number of customers.
        Customers = "customers", "Customers";
        /// By the time of the last status change.
        Changed = "changed", "Last change";
    }
}

words! {
    /// Which way.
    Direction, "direction" {
        /// Smallest first.
        Ascending = "asc", "ascending";
        /// Largest first.
        Descending = "desc", "descending";
    }
}

impl Direction {
    /// The other way.
    #[must_use]
    pub const fn reversed(self) -> Self {
        match self {
            Self::Ascending => Self::Descending,
            Self::Descending => Self::Ascending,
        }
    }
}

/// Which billers are meant.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BillerFilter {
    /// Words that must begin some word of the name or the bid.
    pub search: String,
    /// Only these statuses; empty means all.
    pub statuses: Vec<CiamStatus>,
    /// Only billers whose last run failed and waits for a decision.
    pub needs_attention: bool,
    /// Only this region.
    pub state: Option<String>,
    /// Only this kind of owner.
    pub ownership: Option<String>,
    /// Only this tier.
    pub tier: Option<String>,
    /// Only this portfolio.
    pub portfolio: Option<Portfolio>,
    /// Only enabled billers that are so far for a use case; lists by name only have an index for it.
    pub stage: Option<Stage>,
}

/// How far billers are for one use case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stage {
    /// For which.
    pub use_case: UseCase,
    /// How far.
    pub readiness: Readiness,
}

impl BillerFilter {
    /// Whether anything is narrowed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
            || (self.search.trim().is_empty()
                && Self { search: String::new(), ..self.clone() } == Self::default())
    }
}

/// A place in a sorted list: the page goes on after (or ends before) the row with this key and bid.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cursor {
    /// Whether the page follows or precedes the row.
    pub side: Side,
    /// The row's sort key as text (numbers in decimal; empty for a missing number).
    pub key: String,
    /// The row's bid, which breaks ties.
    pub bid: Bid,
}

/// On which side of the cursor's row a page lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Side {
    /// The page after the row.
    After,
    /// The page before the row.
    Before,
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let side = match self.side {
            Side::After => 'a',
            Side::Before => 'b',
        };
        write!(f, "{side}~{}~{}", self.bid, self.key)
    }
}

impl Cursor {
    /// Reads a cursor from a URL; anything that is none is the beginning of the list.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.splitn(3, '~');
        let side = match parts.next()? {
            "a" => Side::After,
            "b" => Side::Before,
            _ => return None,
        };
        let bid = Bid::parse(parts.next()?).ok()?;
        Some(Self { side, key: parts.next()?.to_owned(), bid })
    }
}

/// Rows on a page of the list.
pub const PAGE: usize = 50;

/// One page of the list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListQuery {
    /// Which billers.
    pub filter: BillerFilter,
    /// Sorted by.
    pub sort: SortBy,
    /// Which way.
    pub direction: Direction,
    /// Where the page lies; `None` is the beginning.
    pub cursor: Option<Cursor>,
    /// Rows at most.
    pub limit: usize,
}

impl Default for ListQuery {
    fn default() -> Self {
        Self {
            filter: BillerFilter::default(),
            sort: SortBy::Name,
            direction: Direction::Ascending,
            cursor: None,
            limit: PAGE,
        }
    }
}
