//! A biller as a row.

use domain::{
    Slug, Timestamp,
    biller::{Biller, BillerDraft, PortfolioSaid},
    filter::{Cursor, Side, SortBy},
};
use sqlx::FromRow;

use crate::{
    StorageError,
    decode::{self, Place},
};

/// The columns of a [`BillerRow`], of the table or subquery `b`.
pub(super) const COLUMNS: &str = "b.bid, b.name, b.name_key, b.state, b.ownership, b.customers, b.tier, b.time_zone, \
    b.portfolio, b.status, b.status_since, b.slug, b.login_route, b.issuer, b.go_live, b.open_run, b.created_at, b.updated_at, \
    b.version";

#[derive(FromRow)]
pub(super) struct BillerRow {
    pub(super) bid: String,
    name: String,
    name_key: String,
    state: Option<String>,
    ownership: Option<String>,
    customers: Option<i64>,
    tier: Option<String>,
    time_zone: Option<String>,
    portfolio: Option<String>,
    status: String,
    status_since: i64,
    slug: Option<String>,
    login_route: String,
    issuer: Option<String>,
    go_live: Option<String>,
    open_run: Option<String>,
    created_at: i64,
    updated_at: i64,
    version: i64,
}

impl BillerRow {
    /// The row's place in a list sorted this way.
    pub(super) fn cursor(&self, sort: SortBy, side: Side) -> Result<Cursor, StorageError> {
        let key = match sort {
            SortBy::Name => self.name_key.clone(),
            SortBy::Bid => String::new(),
            SortBy::Customers => self.customers.map(|n| n.to_string()).unwrap_or_default(),
            SortBy::Changed => self.status_since.to_string(),
        };
        Ok(Cursor { side, key, bid: decode::bid("billers", &self.bid)? })
    }

    pub(super) fn into_biller(self) -> Result<Biller, StorageError> {
        let at = Place { table: "billers", row: &self.bid };
        Ok(Biller {
            status: at.word("status", &self.status)?,
            status_since: Timestamp::from_micros(self.status_since),
            slug: self.slug.as_deref().map(|slug| at.checked("slug", Slug::parse(slug))).transpose()?,
            login_route: at.word("login_route", &self.login_route)?,
            issuer: self.issuer,
            go_live: self.go_live,
            open_run: at.word_opt("open_run", self.open_run.as_deref())?,
            created_at: Timestamp::from_micros(self.created_at),
            updated_at: Timestamp::from_micros(self.updated_at),
            version: self.version,
            draft: BillerDraft {
                bid: at.word("bid", &self.bid)?,
                name: self.name,
                state: self.state,
                ownership: self.ownership,
                customers: self.customers,
                tier: self.tier,
                time_zone: self.time_zone,
                portfolio: at
                    .word_opt("portfolio", self.portfolio.as_deref())?
                    .map_or(PortfolioSaid::Nothing, PortfolioSaid::In),
            },
        })
    }
}
