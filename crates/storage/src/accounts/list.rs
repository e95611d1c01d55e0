//! The list of a biller's accounts and the search: each page is a range of an index, however many accounts there are.

use domain::{
    Bid,
    account::{AccountStanding, prefix_terms},
    search::prefix_end,
};
use sqlx::FromRow;

use super::{Account, row, write::standing_of};
use crate::{
    Conn, StorageError,
    counters::{self, Counter},
    decode,
    sql::Sql,
};

/// After which account a page begins: the key it is sorted by, and IC's id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The name's key, or the term where something is looked for.
    pub key: String,
    /// IC's id.
    pub reference: String,
}

/// Which accounts are asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AccountQuery {
    /// Found by this: exactly, or as the beginning of a username, an address, a phone, IC's id or a word of the name.
    pub search: Option<String>,
    /// Only those that stand here. Does not go together with `search` and `differing`.
    pub standing: Option<AccountStanding>,
    /// Only those of which both sides differ.
    pub differing: bool,
    /// After this one.
    pub after: Option<Place>,
    /// At most so many.
    pub limit: usize,
}

/// A page of accounts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountPage {
    /// The accounts.
    pub accounts: Vec<Account>,
    /// Where the next page begins.
    pub next: Option<Place>,
}

/// How many accounts a biller has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AccountCounts {
    /// By standing, those that are not zero.
    pub by_standing: Vec<(AccountStanding, u64)>,
    /// Those of which both sides differ.
    pub differing: u64,
}

impl AccountCounts {
    /// All of them.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.by_standing.iter().map(|(_, n)| n).sum()
    }

    /// Those that stand here.
    #[must_use]
    pub fn of(&self, standing: AccountStanding) -> u64 {
        self.by_standing.iter().find(|(it, _)| *it == standing).map_or(0, |(_, n)| *n)
    }
}

/// How many accounts a biller has; kept, not counted.
///
/// # Errors
/// [`StorageError::Driver`].
pub async fn counts(conn: &mut Conn, bid: &Bid) -> Result<AccountCounts, StorageError> {
    let kept = counters::of_scope(conn, &Counter::accounts_of(bid)).await?;
    let by_standing = kept.iter().filter_map(|(word, n)| Some((standing_of(word)?, *n))).collect();
    let differing = counters::get(conn, &Counter::AccountsThatDiffer(bid.clone())).await?;
    Ok(AccountCounts { by_standing, differing })
}

/// A page of a biller's accounts: by name, or by term where something is looked for.
///
/// # Errors
/// [`StorageError::Driver`]; [`StorageError::Inconsistent`] for a row that was changed by hand.
pub async fn list(conn: &mut Conn, bid: &Bid, query: &AccountQuery) -> Result<AccountPage, StorageError> {
    match query.search.as_deref().map(prefix_terms) {
        Some(prefixes) if prefixes.is_empty() => Ok(AccountPage { accounts: Vec::new(), next: None }),
        Some(prefixes) => search(conn, bid, query, &prefixes).await,
        None => by_name(conn, bid, query).await,
    }
}

async fn by_name(conn: &mut Conn, bid: &Bid, query: &AccountQuery) -> Result<AccountPage, StorageError> {
    let mut sql = row::select();
    sql.push(" WHERE a.bid = ").bind(bid.as_str());
    if let Some(standing) = query.standing {
        sql.push(" AND a.standing = ").bind(standing.as_str());
    } else if query.differing {
        sql.push(" AND a.differs");
    }
    if let Some(after) = &query.after {
        sql.push(" AND (a.sort_key, a.reference) > (").bind(after.key.as_str());
        sql.push(", ").bind(after.reference.as_str()).push(")");
    }
    sql.push(" ORDER BY a.sort_key, a.reference LIMIT ").bind(decode::limit(query.limit + 1));
    let mut rows = sql.all::<row::AccountRow>(conn).await?;
    let more = rows.len() > query.limit;
    rows.truncate(query.limit);
    let next = rows.last().filter(|_| more);
    let next = next.map(|row| Place { key: row.sort_key.clone(), reference: row.reference.clone() });
    let accounts = rows.into_iter().map(|row| row.read(bid)).collect::<Result<_, _>>()?;
    Ok(AccountPage { accounts, next })
}

#[derive(FromRow)]
struct Hit {
    term: String,
    #[sqlx(flatten)]
    row: row::AccountRow,
}

/// Ranges of terms that are read before a page is given out short: terms that one account has several of stand close
/// together, so this is never reached by people's names.
const ROUNDS: usize = 8;

async fn search(
    conn: &mut Conn,
    bid: &Bid,
    query: &AccountQuery,
    prefixes: &[String],
) -> Result<AccountPage, StorageError> {
    let mut after = query.after.clone();
    let mut accounts = Vec::new();
    for _ in 0..ROUNDS {
        let hits = hits(conn, bid, after.as_ref(), prefixes, query.limit + 1).await?;
        let exhausted = hits.len() <= query.limit;
        for hit in hits {
            let place = Place { key: hit.term.clone(), reference: hit.row.reference.clone() };
            let account = hit.row.read(bid)?;
            // An account stands where its first matching term does, once.
            let first = account
                .terms()
                .into_iter()
                .find(|term| prefixes.iter().any(|prefix| term.starts_with(prefix.as_str())));
            if first.as_deref() == Some(hit.term.as_str()) {
                if accounts.len() == query.limit {
                    return Ok(AccountPage { accounts, next: after });
                }
                accounts.push(account);
            }
            after = Some(place);
        }
        if exhausted {
            return Ok(AccountPage { accounts, next: None });
        }
    }
    Ok(AccountPage { accounts, next: after })
}

/// Terms with their accounts, in order, from one range for each prefix.
async fn hits(
    conn: &mut Conn,
    bid: &Bid,
    after: Option<&Place>,
    prefixes: &[String],
    limit: usize,
) -> Result<Vec<Hit>, StorageError> {
    let mut sql = Sql::new("SELECT ");
    sql.push(row::COLUMNS).push(", h.term FROM (");
    for (n, prefix) in prefixes.iter().enumerate() {
        sql.push(if n > 0 { " UNION " } else { "" });
        sql.push("SELECT * FROM (SELECT term, reference FROM account_terms WHERE bid = ").bind(bid.as_str());
        sql.push(" AND term >= ").bind(prefix.as_str());
        if let Some(end) = prefix_end(prefix) {
            sql.push(" AND term < ").bind(end);
        }
        if let Some(after) = after {
            sql.push(" AND (term, reference) > (").bind(after.key.as_str()).push(", ");
            sql.bind(after.reference.as_str()).push(")");
        }
        sql.push(" ORDER BY term, reference LIMIT ").bind(decode::limit(limit));
        sql.push(") AS part").push(if n > 0 { "2" } else { "1" });
    }
    sql.push(") AS h JOIN accounts a ON a.bid = ").bind(bid.as_str());
    sql.push(" AND a.reference = h.reference ORDER BY h.term, h.reference LIMIT ").bind(decode::limit(limit));
    sql.all(conn).await
}
