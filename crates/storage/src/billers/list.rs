//! The list of billers: keyset pages in every order, both ways.

use domain::{
    Bid,
    biller::Biller,
    filter::{BillerFilter, Cursor, Direction, ListQuery, Side, SortBy},
};

use super::{narrow::Narrow, row::BillerRow, scan::Scan};
use crate::{Conn, StorageError, decode};

/// One page of the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BillerPage {
    /// The rows, in order.
    pub rows: Vec<Biller>,
    /// The page before; `None` on the first one.
    pub previous: Option<Cursor>,
    /// The page after; `None` on the last one.
    pub next: Option<Cursor>,
}

/// A page of the list. A cursor that cannot be one of this order is the beginning of the list.
///
/// # Errors
/// [`StorageError::Driver`]; [`StorageError::Inconsistent`] for a row that was changed by hand.
pub async fn list(conn: &mut Conn, query: &ListQuery) -> Result<BillerPage, StorageError> {
    let narrow = Narrow::plan(conn, &query.filter).await?;
    let cursor = query.cursor.as_ref().filter(|cursor| fits(query.sort, cursor));
    let backward = cursor.is_some_and(|cursor| cursor.side == Side::Before);
    let direction = if backward { query.direction.reversed() } else { query.direction };
    let scan = Scan { narrow, sort: query.sort, direction, backward };
    let mut rows = scan.rows(conn, cursor, query.limit + 1).await?;
    let more = rows.len() > query.limit;
    rows.truncate(query.limit);
    if backward {
        rows.reverse();
    }
    // Where the page was entered by a cursor, the cursor's own row lies on that side.
    let (before, after) = if backward { (more, true) } else { (cursor.is_some(), more) };
    let place = |row: Option<&BillerRow>, side| row.map(|row| row.cursor(query.sort, side)).transpose();
    let previous = if before { place(rows.first(), Side::Before)? } else { None };
    let next = if after { place(rows.last(), Side::After)? } else { None };
    let rows = rows.into_iter().map(BillerRow::into_biller).collect::<Result<_, _>>()?;
    Ok(BillerPage { rows, previous, next })
}

/// The bids of the billers that match, by name, at most `limit`.
///
/// # Errors
/// As [`list`].
pub async fn matching_bids(
    conn: &mut Conn,
    filter: &BillerFilter,
    limit: usize,
) -> Result<Vec<Bid>, StorageError> {
    let narrow = Narrow::plan(conn, filter).await?;
    let scan = Scan { narrow, sort: SortBy::Name, direction: Direction::Ascending, backward: false };
    let rows = scan.rows(conn, None, limit).await?;
    rows.iter().map(|row| decode::bid("billers", &row.bid)).collect()
}

fn fits(sort: SortBy, cursor: &Cursor) -> bool {
    match sort {
        SortBy::Name | SortBy::Bid => true,
        SortBy::Customers => cursor.key.is_empty() || cursor.key.parse::<i64>().is_ok(),
        SortBy::Changed => cursor.key.parse::<i64>().is_ok(),
    }
}
