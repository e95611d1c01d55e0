//! Accounts after the move: a read model of both sides, found at once however many there are, and the changes that
//! are still to be made at SecureAuth.

mod changes;
mod list;
mod reveals;
mod row;
mod write;

use domain::{
    Bid, Timestamp,
    account::{AccountStanding, Difference, Hold, Origin, Side, differences},
};

pub use self::{
    changes::{
        Change, ChangeKey, ChangeQuery, MirrorLag, ask, discard, due, find_change, finish, hold_change, lag,
        later, list_changes, next_due, park, retry,
    },
    list::{AccountCounts, AccountPage, AccountQuery, Place, counts, list},
    reveals::{remove_expired, reveal, revealed},
    write::{forget, hold, put, put_many},
};
use crate::{
    Conn, StorageError,
    sql::{Sql, Value},
    user_migrations::RowIds,
};

/// One account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Whose user it is.
    pub bid: Bid,
    /// IC's id.
    pub reference: String,
    /// The ids at SecureAuth.
    pub ids: RowIds,
    /// Where it came from.
    pub origin: Origin,
    /// What IC says; nothing where IC does not know the user.
    pub ic: Option<Side>,
    /// IC's number of its last change.
    pub ic_version: Option<i64>,
    /// A keyed hash of IC's last change.
    pub ic_digest: Option<String>,
    /// When IC's last change came in.
    pub ic_at: Option<Timestamp>,
    /// What SecureAuth has.
    pub vendor: Option<Side>,
    /// When that was read.
    pub vendor_at: Option<Timestamp>,
    /// What a person decided here.
    pub hold: Option<Hold>,
    /// When the password sent last was set at IC.
    pub password_at: Option<Timestamp>,
    /// When it was first known here.
    pub created_at: Timestamp,
    /// When it last changed here.
    pub changed_at: Timestamp,
    /// Counts the changes.
    pub version: i64,
}

impl Account {
    /// A user of whom nothing is known yet on either side, not written down yet.
    #[must_use]
    pub const fn unknown(bid: Bid, reference: String, ids: RowIds, origin: Origin, now: Timestamp) -> Self {
        Self {
            bid,
            reference,
            ids,
            origin,
            ic: None,
            ic_version: None,
            ic_digest: None,
            ic_at: None,
            vendor: None,
            vendor_at: None,
            hold: None,
            password_at: None,
            created_at: now,
            changed_at: now,
            version: 0,
        }
    }

    /// What differs between both sides.
    #[must_use]
    pub fn differences(&self) -> Vec<Difference> {
        differences(self.ic.as_ref(), self.vendor.as_ref())
    }

    /// Where it stands at SecureAuth.
    #[must_use]
    pub fn standing(&self) -> AccountStanding {
        AccountStanding::of(self.vendor.as_ref().map(|side| side.status))
    }

    /// The side that names the person: SecureAuth's, or IC's where there is no other.
    #[must_use]
    pub fn side(&self) -> Option<&Side> {
        self.vendor.as_ref().or(self.ic.as_ref())
    }

    pub(crate) fn sort_key(&self) -> String {
        self.side().map_or_else(
            || domain::search::fold(&self.reference),
            |side| side.profile.sort_key(&self.reference),
        )
    }

    /// The terms of both sides: whoever was renamed on one is found by either name.
    pub(crate) fn terms(&self) -> Vec<String> {
        let sides = [self.vendor.as_ref(), self.ic.as_ref()].into_iter().flatten();
        let mut terms: Vec<String> = sides.flat_map(|side| side.profile.terms(&self.reference)).collect();
        terms.push(domain::account::exact_term(&self.reference));
        terms.sort_unstable();
        terms.dedup();
        terms
    }
}

/// An account by IC's id.
///
/// # Errors
/// [`StorageError::Driver`]; [`StorageError::Inconsistent`] for a row that was changed by hand.
pub async fn find(conn: &mut Conn, bid: &Bid, reference: &str) -> Result<Option<Account>, StorageError> {
    one(conn, bid, "reference", reference).await
}

/// An account by the user's id at SecureAuth.
///
/// # Errors
/// As [`find`].
pub async fn find_by_user(conn: &mut Conn, bid: &Bid, user: &str) -> Result<Option<Account>, StorageError> {
    one(conn, bid, "user_id", user).await
}

async fn one(
    conn: &mut Conn,
    bid: &Bid,
    column: &'static str,
    value: &str,
) -> Result<Option<Account>, StorageError> {
    let mut sql = row::select();
    sql.push(" WHERE a.bid = ").bind(bid.as_str()).push(" AND a.").push(column).push(" = ").bind(value);
    sql.optional::<row::AccountRow>(conn).await?.map(|row| row.read(bid)).transpose()
}

/// Accounts of a biller that have exactly this username, address or phone.
///
/// # Errors
/// As [`find`].
pub async fn holders(conn: &mut Conn, bid: &Bid, text: &str) -> Result<Vec<Account>, StorageError> {
    let term = domain::account::exact_term(text);
    let mut sql = row::select();
    sql.push(" WHERE a.bid = ")
        .bind(bid.as_str())
        .push(" AND a.reference IN (SELECT t.reference FROM account_terms t WHERE t.bid = ");
    sql.bind(bid.as_str()).push(" AND t.term = ").bind(term).push(" LIMIT 20)");
    sql.all::<row::AccountRow>(conn).await?.into_iter().map(|row| row.read(bid)).collect()
}

/// Accounts by IC's ids.
///
/// # Errors
/// As [`find`].
pub async fn of_references(
    conn: &mut Conn,
    bid: &Bid,
    references: &[&str],
) -> Result<Vec<Account>, StorageError> {
    if references.is_empty() {
        return Ok(Vec::new());
    }
    let mut sql = row::select();
    sql.push(" WHERE a.bid = ").bind(bid.as_str()).push(" AND a.reference IN ");
    sql.tuple(references.iter().map(|it| Value::from(*it)));
    sql.all::<row::AccountRow>(conn).await?.into_iter().map(|row| row.read(bid)).collect()
}

fn of_biller(bid: &Bid, from: &'static str) -> Sql {
    let mut sql = Sql::new(from);
    sql.push(" WHERE bid = ").bind(bid.as_str());
    sql
}
