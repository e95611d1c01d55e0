//! Billers: found, listed, counted and changed.

mod count;
mod list;
mod lookup;
mod narrow;
mod row;
mod scan;
mod upsert;

use domain::{
    Bid, RunId, Slug, Timestamp,
    biller::{Biller, CiamStatus},
    login::LoginRoute,
};

pub use self::{
    count::{BillerCounts, Facets, counts, facets},
    list::{BillerPage, list, matching_bids},
    upsert::{Upsert, UpsertCounts, upsert, upsert_many},
};
use crate::{
    Conn, StorageError, Tx,
    counters::Counter,
    error::{exactly, fresh},
    live::{self, Topic},
};

/// The biller, if it is known.
///
/// # Errors
/// [`StorageError::Driver`]; [`StorageError::Inconsistent`] for a row that was changed by hand.
pub async fn find(conn: &mut Conn, bid: &Bid) -> Result<Option<Biller>, StorageError> {
    lookup::by_bid(conn, bid).await
}

/// The biller whose login URL ends in this slug.
///
/// # Errors
/// As [`find`].
pub async fn find_by_slug(conn: &mut Conn, slug: &Slug) -> Result<Option<Biller>, StorageError> {
    lookup::by_slug(conn, slug).await
}

/// The issuers of so many enabled billers, by bid, after this one.
///
/// # Errors
/// [`StorageError::Driver`].
pub async fn issuers_after(
    conn: &mut Conn,
    after: Option<&Bid>,
    number: usize,
) -> Result<Vec<(Bid, String)>, StorageError> {
    lookup::issuers_after(conn, after, number).await
}

/// Billers with objects at SecureAuth that stand still, in the order of their bids, after this one.
///
/// # Errors
/// As [`find`].
pub async fn standing_after(
    conn: &mut Conn,
    after: Option<&Bid>,
    rows: usize,
) -> Result<Vec<Biller>, StorageError> {
    lookup::standing_after(conn, after, rows).await
}

/// Whether some biller has this slug.
///
/// # Errors
/// [`StorageError::Driver`].
pub async fn slug_taken(conn: &mut Conn, slug: &str) -> Result<bool, StorageError> {
    Ok(on!(conn, c => {
        sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM billers WHERE slug = $1)").bind(slug).fetch_one(c)
    })?)
}

fn touch(tx: &mut Tx, bid: &Bid) {
    live::touch(tx, Topic::Billers);
    live::touch(tx, Topic::Biller(bid.clone()));
}

/// Moves a biller from one status to another.
///
/// # Errors
/// [`StorageError::Stale`] when it does not stand at `from`.
pub async fn set_status(
    tx: &mut Tx,
    bid: &Bid,
    from: CiamStatus,
    to: CiamStatus,
    now: Timestamp,
) -> Result<(), StorageError> {
    let rows = affected!(
        tx,
        sqlx::query(
            "UPDATE billers SET status = $3, status_since = $4, version = version + 1 WHERE bid = $1 AND status = $2",
        )
        .bind(bid.as_str())
        .bind(from.as_str())
        .bind(to.as_str())
        .bind(now.micros())
    )?;
    fresh(rows, "biller")?;
    tx.count(Counter::Status(from), -1);
    tx.unsettle(bid);
    tx.count(Counter::Status(to), 1);
    touch(tx, bid);
    Ok(())
}

/// Gives a biller its login address, once and for ever.
///
/// # Errors
/// [`StorageError::RowsAffected`] when it has one already; a unique violation when another biller has this one.
pub async fn set_slug(tx: &mut Tx, bid: &Bid, slug: &Slug) -> Result<(), StorageError> {
    let rows = affected!(
        tx,
        sqlx::query("UPDATE billers SET slug = $2, version = version + 1 WHERE bid = $1 AND slug IS NULL")
            .bind(bid.as_str())
            .bind(slug.as_str())
    )?;
    exactly(1, rows, "Giving the biller its login address")?;
    touch(tx, bid);
    Ok(())
}

/// Sets where sign-ins at the login URL go.
///
/// # Errors
/// [`StorageError::RowsAffected`] when the biller is not known.
pub async fn set_login_route(tx: &mut Tx, bid: &Bid, route: LoginRoute) -> Result<(), StorageError> {
    let rows = affected!(
        tx,
        sqlx::query("UPDATE billers SET login_route = $2, version = version + 1 WHERE bid = $1")
            .bind(bid.as_str())
            .bind(route.as_str())
    )?;
    exactly(1, rows, "Setting where sign-ins go")?;
    touch(tx, bid);
    Ok(())
}

/// Notes or clears the biller's issuer.
///
/// # Errors
/// [`StorageError::RowsAffected`] when the biller is not known.
pub async fn set_issuer(tx: &mut Tx, bid: &Bid, issuer: Option<&str>) -> Result<(), StorageError> {
    let rows = affected!(
        tx,
        sqlx::query("UPDATE billers SET issuer = $2, version = version + 1 WHERE bid = $1")
            .bind(bid.as_str())
            .bind(issuer)
    )?;
    exactly(1, rows, "Setting the issuer")?;
    touch(tx, bid);
    Ok(())
}

/// Notes or clears the biller's open run. [`crate::runs`] does so itself.
///
/// # Errors
/// [`StorageError::RowsAffected`] when the biller is not known.
pub async fn set_open_run(tx: &mut Tx, bid: &Bid, run: Option<RunId>) -> Result<(), StorageError> {
    let rows = affected!(
        tx,
        sqlx::query("UPDATE billers SET open_run = $2, version = version + 1 WHERE bid = $1")
            .bind(bid.as_str())
            .bind(run.map(|id| id.to_string()))
    )?;
    exactly(1, rows, "Setting the open run")?;
    tx.unsettle(bid);
    touch(tx, bid);
    Ok(())
}

/// Notes whether the open run has failed and waits for a decision.
pub(crate) async fn set_attention(tx: &mut Tx, bid: &Bid, attention: bool) -> Result<(), StorageError> {
    let rows = affected!(
        tx,
        sqlx::query(
            "UPDATE billers SET attention = $2, version = version + 1 WHERE bid = $1 AND attention <> $2"
        )
        .bind(bid.as_str())
        .bind(attention)
    )?;
    exactly(1, rows, "Noting that the biller waits for a decision")?;
    tx.unsettle(bid);
    tx.count(Counter::Attention, if attention { 1 } else { -1 });
    touch(tx, bid);
    Ok(())
}

/// Sets or clears the go-live day (ISO 8601).
///
/// # Errors
/// [`StorageError::Stale`] when the present day is not `seen`.
pub async fn set_go_live(
    tx: &mut Tx,
    bid: &Bid,
    seen: Option<&str>,
    day: Option<&str>,
) -> Result<(), StorageError> {
    let rows = affected!(
        tx,
        sqlx::query(
            "UPDATE billers SET go_live = $3, version = version + 1 \
             WHERE bid = $1 AND go_live IS NOT DISTINCT FROM $2",
        )
        .bind(bid.as_str())
        .bind(seen)
        .bind(day)
    )?;
    fresh(rows, "The go-live day")?;
    touch(tx, bid);
    Ok(())
}
