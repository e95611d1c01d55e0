//! One biller, by its bid or its login address.

use domain::{Bid, Slug, biller::Biller};

use super::row::{BillerRow, COLUMNS};
use crate::{Conn, StorageError, sql::Sql};

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
