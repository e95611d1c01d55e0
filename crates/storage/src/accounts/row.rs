//! Accounts as they are kept.

use domain::{Bid, Timestamp};
use sqlx::FromRow;

use super::Account;
use crate::{
    StorageError,
    decode::{Place, instant},
    sql::Sql,
    user_migrations::RowIds,
};

#[derive(Clone, FromRow)]
pub(super) struct AccountRow {
    pub(super) reference: String,
    user_id: String,
    record_ids: String,
    origin: String,
    ic: Option<String>,
    ic_version: Option<i64>,
    ic_digest: Option<String>,
    ic_at: Option<i64>,
    vendor: Option<String>,
    vendor_at: Option<i64>,
    hold: Option<String>,
    pub(super) sort_key: String,
    password_at: Option<i64>,
    created_at: i64,
    changed_at: i64,
    version: i64,
}

/// The columns of an account.
pub(super) const COLUMNS: &str = "a.reference, a.user_id, a.record_ids, a.origin, a.ic, a.ic_version, a.ic_digest, \
    a.ic_at, a.vendor, a.vendor_at, a.hold, a.sort_key, a.password_at, a.created_at, a.changed_at, a.version";

/// `SELECT … FROM accounts a`.
pub(super) fn select() -> Sql {
    let mut sql = Sql::new("SELECT ");
    sql.push(COLUMNS).push(" FROM accounts a");
    sql
}

impl AccountRow {
    pub(super) fn read(self, bid: &Bid) -> Result<Account, StorageError> {
        let at = Place { table: "accounts", row: &self.reference };
        Ok(Account {
            bid: bid.clone(),
            ids: RowIds::read(at, &self.user_id, &self.record_ids)?,
            origin: at.word("origin", &self.origin)?,
            ic: at.json_opt("ic", self.ic.as_deref())?,
            ic_version: self.ic_version,
            ic_at: instant(self.ic_at),
            vendor: at.json_opt("vendor", self.vendor.as_deref())?,
            vendor_at: instant(self.vendor_at),
            hold: at.word_opt("hold", self.hold.as_deref())?,
            password_at: instant(self.password_at),
            created_at: Timestamp::from_micros(self.created_at),
            changed_at: Timestamp::from_micros(self.changed_at),
            version: self.version,
            ic_digest: self.ic_digest,
            reference: self.reference,
        })
    }
}
