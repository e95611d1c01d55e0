//! Keyset pages: the vendor counts nothing and names no next page (vendor contract, pagination).

/// One page of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<T> {
    /// The items, in the vendor's order.
    pub items: Vec<T>,
    /// Where the next page begins; none when this page was the last.
    pub next_after: Option<String>,
}

/// How many items a page may hold: 1 to 100.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageSize(u8);

impl PageSize {
    /// The largest page the vendor gives.
    pub const MAX: Self = Self(100);

    /// The nearest size the vendor accepts.
    #[must_use]
    pub fn clamped(size: usize) -> Self {
        Self(u8::try_from(size.clamp(1, 100)).unwrap_or(100))
    }

    /// The size as a number.
    #[must_use]
    pub const fn get(self) -> u8 {
        self.0
    }
}

impl Default for PageSize {
    fn default() -> Self {
        Self::MAX
    }
}

/// Which page of a list is wanted; the default is the first, as large as can be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PageRequest {
    /// The [`Page::next_after`] of the page before; none for the first page.
    pub after: Option<String>,
    /// How many items at most.
    pub size: PageSize,
}

impl PageRequest {
    /// The page after `page`, or none if it was the last.
    #[must_use]
    pub fn following<T>(&self, page: &Page<T>) -> Option<Self> {
        page.next_after.clone().map(|after| Self { after: Some(after), size: self.size })
    }

    /// Makes a page of what was answered: a full page has a successor, a shorter one has not.
    pub(crate) fn page<T>(&self, items: Vec<T>, id: impl Fn(&T) -> &str) -> Page<T> {
        let full = items.len() >= usize::from(self.size.get());
        let next_after = items.last().filter(|_| full).map(|last| id(last).to_owned());
        Page { items, next_after }
    }
}
