//! One biller, by its bid or its login address.

use domain::{
    Bid, Slug,
    biller::{Biller, CiamStatus},
};

use super::row::{BillerRow, COLUMNS};
use crate::{
    Conn, StorageError,
    decode::{self, limit},
    sql::Sql,
};

pub(super) async fn by_bid(conn: &mut Conn, bid: &Bid) -> Result<Option<Biller>, StorageError> {
    one(conn, "b.bid", bid.as_str()).await
}

pub(super) async fn by_slug(conn: &mut Conn, slug: &Slug) -> Result<Option<Biller>, StorageError> {
    one(conn, "b.slug", slug.as_str()).await
}

async fn one(conn: &mut Conn, column: &'static str, value: &str) -> Result<Option<Biller>, StorageError> {
    let mut sql = Sql::new("SELECT ");
    sql.push(COLUMNS).push(" FROM billers b WHERE ").push(column).push(" = ").bind(value);
    sql.optional::<BillerRow>(conn).await?.map(BillerRow::into_biller).transpose()
}

pub(super) async fn issuers_after(
    conn: &mut Conn,
    after: Option<&Bid>,
    number: usize,
) -> Result<Vec<(Bid, String)>, StorageError> {
    let mut sql = Sql::new("SELECT bid, issuer FROM billers WHERE issuer IS NOT NULL AND status = ");
    sql.bind(CiamStatus::Enabled.as_str());
    if let Some(after) = after {
        sql.push(" AND bid > ").bind(after.as_str());
    }
    sql.push(" ORDER BY bid LIMIT ").bind(limit(number));
    let rows: Vec<(String, String)> = sql.all(conn).await?;
    rows.into_iter().map(|(bid, issuer)| Ok((decode::bid("billers", &bid)?, issuer))).collect()
}

pub(super) async fn standing_after(
    conn: &mut Conn,
    after: Option<&Bid>,
    rows: usize,
) -> Result<Vec<Biller>, StorageError> {
    let mut sql = Sql::new("SELECT ");
    sql.push(COLUMNS).push(" FROM billers b WHERE b.status IN (");
    sql.bind(CiamStatus::Enabled.as_str()).push(", ").bind(CiamStatus::Suspended.as_str()).push(")");
    if let Some(bid) = after {
        sql.push(" AND b.bid > ").bind(bid.as_str());
    }
    sql.push(" ORDER BY b.bid LIMIT ").bind(limit(rows));
    sql.all::<BillerRow>(conn).await?.into_iter().map(BillerRow::into_biller).collect()
}
