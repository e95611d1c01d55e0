//! Counters that are kept, not counted: a list of a hundred thousand rows shows its totals at the price of one row.

use std::collections::BTreeMap;

use domain::{
    Bid,
    account::AccountStanding,
    biller::CiamStatus,
    legacy::LegacyPassword,
    use_case::{Readiness, UseCase},
};

use crate::{Conn, StorageError, sql::Sql, sql::Value};

/// What is counted.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Counter {
    /// A biller's accounts by where they stand at SecureAuth.
    Accounts(Bid, AccountStanding),
    /// A biller's accounts of which both sides differ.
    AccountsThatDiffer(Bid),
    /// Billers with a failed run that waits for a decision.
    Attention,
    /// All billers.
    Billers,
    /// Deliveries that were given up.
    GaveUp,
    /// Billers by kind of owner.
    Ownership(String),
    /// Billers by portfolio.
    Portfolio(String),
    /// Enabled billers by how far they are for a use case.
    Readiness(UseCase, Readiness),
    /// Billers by region.
    State(String),
    /// Billers by status.
    Status(CiamStatus),
    /// Billers by tier.
    Tier(String),
    /// A biller's users by the state of their legacy password.
    Users(Bid, LegacyPassword),
}

/// Rows written by one statement.
const BATCH: usize = 100;

impl Counter {
    /// The scope of the counters of a biller's accounts.
    pub(crate) fn accounts_of(bid: &Bid) -> String {
        format!("accounts:{bid}")
    }

    /// The counter's key: what is counted, and which value.
    pub(crate) fn key(&self) -> (String, String) {
        match self {
            Self::Accounts(bid, standing) => (Self::accounts_of(bid), standing.as_str().to_owned()),
            Self::AccountsThatDiffer(bid) => (Self::accounts_of(bid), "differ".to_owned()),
            Self::Attention => ("billers".to_owned(), "attention".to_owned()),
            Self::Billers => ("billers".to_owned(), "all".to_owned()),
            Self::GaveUp => ("deliveries".to_owned(), "gave_up".to_owned()),
            Self::Ownership(value) => ("ownership".to_owned(), value.clone()),
            Self::Portfolio(value) => ("portfolio".to_owned(), value.clone()),
            Self::Readiness(use_case, readiness) => {
                (use_case.as_str().to_owned(), readiness.as_str().to_owned())
            }
            Self::State(value) => ("state".to_owned(), value.clone()),
            Self::Status(status) => ("status".to_owned(), status.as_str().to_owned()),
            Self::Tier(value) => ("tier".to_owned(), value.clone()),
            Self::Users(bid, state) => (format!("users:{bid}"), state.as_str().to_owned()),
        }
    }
}

/// Writes the changes, in the order of the keys.
pub(crate) async fn apply(conn: &mut Conn, changes: BTreeMap<Counter, i64>) -> Result<(), StorageError> {
    let rows: BTreeMap<(String, String), i64> =
        changes.into_iter().filter(|(_, by)| *by != 0).map(|(counter, by)| (counter.key(), by)).collect();
    let rows: Vec<_> = rows.into_iter().collect();
    for batch in rows.chunks(BATCH) {
        let mut sql = Sql::new("INSERT INTO counters (scope, name, n) VALUES ");
        sql.tuples(
            batch
                .iter()
                .map(|((scope, name), by)| [scope.as_str().into(), name.as_str().into(), Value::from(*by)]),
        );
        sql.push(" ON CONFLICT (scope, name) DO UPDATE SET n = counters.n + excluded.n");
        sql.run(conn).await?;
    }
    Ok(())
}

/// The present value; 0 if never counted.
pub(crate) async fn get(conn: &mut Conn, counter: &Counter) -> Result<u64, StorageError> {
    let (scope, name) = counter.key();
    let found: Option<i64> = on!(conn, c => {
        sqlx::query_scalar("SELECT n FROM counters WHERE scope = $1 AND name = $2").bind(scope).bind(name).fetch_optional(c)
    })?;
    Ok(found.map_or(0, at_least_zero))
}

/// All values of one scope that are not zero, in the order of their names.
pub(crate) async fn of_scope(conn: &mut Conn, scope: &str) -> Result<Vec<(String, u64)>, StorageError> {
    let rows: Vec<(String, i64)> = on!(conn, c => {
        sqlx::query_as("SELECT name, n FROM counters WHERE scope = $1 AND n <> 0 ORDER BY name").bind(scope).fetch_all(c)
    })?;
    Ok(rows.into_iter().map(|(name, n)| (name, at_least_zero(n))).collect())
}

fn at_least_zero(n: i64) -> u64 {
    u64::try_from(n).unwrap_or(0)
}
