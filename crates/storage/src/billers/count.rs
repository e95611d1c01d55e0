//! How many billers there are: of all of them kept, within a portfolio counted.
//!
//! A portfolio is what one person can look after, so counting it costs little: one range of an index that holds
//! everything counted. Counters for each portfolio would have to move with every biller that changes its portfolio.

use domain::{Portfolio, biller::CiamStatus};

use crate::{
    Conn, StorageError,
    counters::{self, Counter},
    decode::Place,
    sql::Sql,
};

/// How many billers there are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BillerCounts {
    /// One pair per status, in the order of the statuses; zero included.
    pub by_status: Vec<(CiamStatus, u64)>,
    /// All billers.
    pub total: u64,
    /// Billers with a failed run that waits for a decision.
    pub attention: u64,
}

/// Values to filter by, with the number of billers that have them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facets {
    /// Regions.
    pub states: Vec<(String, u64)>,
    /// Kinds of owner.
    pub ownerships: Vec<(String, u64)>,
    /// Tiers.
    pub tiers: Vec<(String, u64)>,
    /// Portfolios; none within one.
    pub portfolios: Vec<(String, u64)>,
}

/// How many billers stand where: all of them, or those of one portfolio.
///
/// # Errors
/// [`StorageError::Driver`]; [`StorageError::Inconsistent`] for a row that was changed by hand.
pub async fn counts(conn: &mut Conn, within: Option<&Portfolio>) -> Result<BillerCounts, StorageError> {
    if let Some(portfolio) = within {
        return counts_within(conn, portfolio).await;
    }
    let kept = counters::of_scope(conn, "status").await?;
    let of =
        |status: CiamStatus| kept.iter().find(|(word, _)| word == status.as_str()).map_or(0, |(_, n)| *n);
    Ok(BillerCounts {
        by_status: CiamStatus::ALL.iter().map(|status| (*status, of(*status))).collect(),
        total: counters::get(conn, &Counter::Billers).await?,
        attention: counters::get(conn, &Counter::Attention).await?,
    })
}

async fn counts_within(conn: &mut Conn, portfolio: &Portfolio) -> Result<BillerCounts, StorageError> {
    let mut sql = Sql::new("SELECT status, attention, COUNT(*) FROM billers WHERE portfolio = ");
    sql.bind(portfolio.as_str()).push(" GROUP BY status, attention");
    let rows: Vec<(String, bool, i64)> = sql.all(conn).await?;
    let at = Place { table: "billers", row: portfolio.as_str() };
    let mut counts = BillerCounts {
        by_status: CiamStatus::ALL.iter().map(|status| (*status, 0)).collect(),
        total: 0,
        attention: 0,
    };
    for (word, attention, n) in rows {
        let (status, n): (CiamStatus, u64) = (at.word("status", &word)?, at.number("status", n)?);
        counts.by_status.iter_mut().filter(|(counted, _)| *counted == status).for_each(|(_, all)| *all += n);
        counts.total += n;
        counts.attention += if attention { n } else { 0 };
    }
    Ok(counts)
}

/// What billers can be filtered by: all of them, or those of one portfolio.
///
/// # Errors
/// [`StorageError::Driver`].
pub async fn facets(conn: &mut Conn, within: Option<&Portfolio>) -> Result<Facets, StorageError> {
    Ok(match within {
        None => Facets {
            states: counters::of_scope(conn, "state").await?,
            ownerships: counters::of_scope(conn, "ownership").await?,
            tiers: counters::of_scope(conn, "tier").await?,
            portfolios: counters::of_scope(conn, "portfolio").await?,
        },
        Some(portfolio) => Facets {
            states: values_within(conn, portfolio, "state").await?,
            ownerships: values_within(conn, portfolio, "ownership").await?,
            tiers: values_within(conn, portfolio, "tier").await?,
            portfolios: Vec::new(),
        },
    })
}

async fn values_within(
    conn: &mut Conn,
    portfolio: &Portfolio,
    column: &'static str,
) -> Result<Vec<(String, u64)>, StorageError> {
    let mut sql = Sql::new("SELECT ");
    sql.push(column).push(", COUNT(*) FROM billers WHERE portfolio = ").bind(portfolio.as_str());
    sql.push(" AND ")
        .push(column)
        .push(" IS NOT NULL GROUP BY ")
        .push(column)
        .push(" ORDER BY ")
        .push(column);
    let rows: Vec<(String, i64)> = sql.all(conn).await?;
    let at = Place { table: "billers", row: portfolio.as_str() };
    rows.into_iter().map(|(value, n)| Ok((value, at.number(column, n)?))).collect()
}
