//! Accounts written, with their terms and the numbers that are kept of them.

use std::collections::HashMap;

use domain::{
    Bid, Timestamp,
    account::{AccountStanding, Hold},
};

use super::{Account, of_references, row};
use crate::{
    StorageError, Tx,
    counters::Counter,
    decode::{storable, to_json},
    live::{self, Topic},
    sql::{Sql, Value},
};

/// Accounts written by one statement: twenty values each stay below what SQLite binds at once.
const BATCH: usize = 200;

/// An account, held until the transaction ends.
///
/// # Errors
/// [`StorageError::Driver`]; [`StorageError::Inconsistent`] for a row that was changed by hand.
pub async fn hold(tx: &mut Tx, bid: &Bid, reference: &str) -> Result<Option<Account>, StorageError> {
    let mut sql = row::select();
    sql.push(" WHERE a.bid = ").bind(bid.as_str()).push(" AND a.reference = ").bind(reference);
    sql.push(tx.engine().for_update());
    sql.optional::<row::AccountRow>(tx).await?.map(|row| row.read(bid)).transpose()
}

/// Writes an account.
///
/// # Errors
/// [`StorageError::Driver`], also for an unknown biller.
pub async fn put(tx: &mut Tx, account: &Account) -> Result<(), StorageError> {
    put_many(tx, &account.bid, std::slice::from_ref(account)).await
}

/// Writes accounts of one biller, new ones and known ones.
///
/// # Errors
/// As [`put`].
pub async fn put_many(tx: &mut Tx, bid: &Bid, accounts: &[Account]) -> Result<(), StorageError> {
    for batch in accounts.chunks(BATCH) {
        let references: Vec<&str> = batch.iter().map(|it| it.reference.as_str()).collect();
        let known = of_references(tx, bid, &references).await?;
        let known: HashMap<&str, &Account> = known.iter().map(|it| (it.reference.as_str(), it)).collect();
        let mut terms = Vec::new();
        for account in batch {
            let before = known.get(account.reference.as_str()).copied();
            terms.extend(terms_changed(tx, before, account).await?);
            count(tx, before, 1, -1);
            count(tx, Some(account), 1, 1);
        }
        write(tx, bid, batch).await?;
        for some in terms.chunks(1_000) {
            let mut sql = Sql::new("INSERT INTO account_terms (bid, term, reference) VALUES ");
            sql.tuples(some.iter().map(|(term, reference)| -> [Value; 3] {
                [bid.as_str().into(), term.as_str().into(), reference.as_str().into()]
            }));
            sql.push(" ON CONFLICT (bid, term, reference) DO NOTHING");
            sql.run(tx).await?;
        }
    }
    if !accounts.is_empty() {
        live::touch(tx, Topic::Biller(bid.clone()));
    }
    Ok(())
}

/// Removes the terms that an account has no more; the answer is those it has anew.
async fn terms_changed(
    tx: &mut Tx,
    before: Option<&Account>,
    after: &Account,
) -> Result<Vec<(String, String)>, StorageError> {
    let (old, new) = (before.map(Account::terms).unwrap_or_default(), after.terms());
    let gone: Vec<&String> = old.iter().filter(|term| new.binary_search(term).is_err()).collect();
    if !gone.is_empty() {
        let mut sql = super::of_biller(&after.bid, "DELETE FROM account_terms");
        sql.push(" AND reference = ").bind(after.reference.as_str()).push(" AND term IN ");
        sql.tuple(gone.into_iter().map(|term| Value::from(term.as_str())));
        sql.run(tx).await?;
    }
    let fresh = new.into_iter().filter(|term| old.binary_search(term).is_err());
    Ok(fresh.map(|term| (storable(&term), after.reference.clone())).collect())
}

fn count(tx: &mut Tx, account: Option<&Account>, all: i64, by: i64) {
    let Some(account) = account else { return };
    let bid = &account.bid;
    tx.count(Counter::Accounts(bid.clone(), account.standing()), all * by);
    if !account.differences().is_empty() {
        tx.count(Counter::AccountsThatDiffer(bid.clone()), by);
    }
}

async fn write(tx: &mut Tx, bid: &Bid, accounts: &[Account]) -> Result<(), StorageError> {
    let mut rows = Vec::with_capacity(accounts.len());
    for it in accounts {
        let json = |side: Option<&domain::account::Side>| side.map(to_json).transpose();
        rows.push([
            Value::from(bid.as_str()),
            it.reference.as_str().into(),
            it.ids.user.to_string().into(),
            it.ids.records().into(),
            it.origin.as_str().into(),
            json(it.ic.as_ref())?.into(),
            it.ic_version.into(),
            it.ic_digest.clone().into(),
            it.ic_at.map(Timestamp::micros).into(),
            json(it.vendor.as_ref())?.into(),
            it.vendor_at.map(Timestamp::micros).into(),
            it.hold.map(|hold: Hold| hold.as_str().to_owned()).into(),
            it.standing().as_str().into(),
            (!it.differences().is_empty()).into(),
            it.sort_key().into(),
            it.password_at.map(Timestamp::micros).into(),
            it.created_at.micros().into(),
            it.changed_at.micros().into(),
            it.version.into(),
        ]);
    }
    let mut sql = Sql::new(
        "INSERT INTO accounts (bid, reference, user_id, record_ids, origin, ic, ic_version, ic_digest, ic_at, vendor, \
         vendor_at, hold, standing, differs, sort_key, password_at, created_at, changed_at, version) VALUES ",
    );
    sql.tuples(rows);
    sql.push(
        " ON CONFLICT (bid, reference) DO UPDATE SET user_id = excluded.user_id, record_ids = excluded.record_ids, \
         origin = excluded.origin, ic = excluded.ic, ic_version = excluded.ic_version, \
         ic_digest = excluded.ic_digest, ic_at = excluded.ic_at, vendor = excluded.vendor, \
         vendor_at = excluded.vendor_at, hold = excluded.hold, standing = excluded.standing, \
         differs = excluded.differs, sort_key = excluded.sort_key, password_at = excluded.password_at, \
         changed_at = excluded.changed_at, version = accounts.version + 1",
    );
    sql.run(tx).await?;
    Ok(())
}

/// Forgets accounts of users that were removed from SecureAuth again, by their ids there. What IC said since stays.
///
/// # Errors
/// [`StorageError::Driver`].
pub async fn forget(tx: &mut Tx, bid: &Bid, users: &[uuid::Uuid]) -> Result<(), StorageError> {
    for batch in users.chunks(BATCH) {
        let mut sql = row::select();
        sql.push(" WHERE a.bid = ").bind(bid.as_str()).push(" AND a.ic_version IS NULL AND a.user_id IN ");
        sql.tuple(batch.iter().map(|id| id.to_string().into()));
        sql.push(" AND NOT EXISTS (SELECT 1 FROM account_changes c WHERE c.bid = a.bid AND c.reference = a.reference)");
        let rows = sql.all::<row::AccountRow>(tx).await?;
        for row in rows {
            let account = row.read(bid)?;
            count(tx, Some(&account), 1, -1);
            let mut sql = super::of_biller(bid, "DELETE FROM account_terms");
            sql.push(" AND reference = ").bind(account.reference.as_str()).push(" AND term IN ");
            sql.tuple(account.terms().into_iter().map(Value::from));
            sql.run(tx).await?;
            let mut sql = super::of_biller(bid, "DELETE FROM accounts");
            sql.push(" AND reference = ").bind(account.reference.as_str());
            sql.run(tx).await?;
        }
    }
    Ok(())
}

/// Where counted accounts stand, as the counters name it.
pub(super) fn standing_of(word: &str) -> Option<AccountStanding> {
    word.parse().ok()
}
