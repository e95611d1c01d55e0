//! Reads a stretch of the list along one index.

use domain::{
    biller::CiamStatus,
    filter::{Cursor, Direction, Side, SortBy},
};

use super::{
    narrow::{self, Lead, Narrow, Prefix},
    row::{BillerRow, COLUMNS},
};
use crate::{Conn, StorageError, decode, sql::Sql};

/// Rows of the sort order that are looked at for frequent words before all billers with such a word are fetched:
/// a word may be frequent and yet stand at the other end of the order.
const NEAR: i64 = 4_000;

/// A stretch of the list that is one range of an index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stretch {
    /// All rows, for orders in which no key is missing.
    All,
    /// Rows with a number of customers.
    Numbers,
    /// Rows without: last in either direction.
    Missing,
}

/// Which rows to read, in which order.
#[derive(Clone, Debug)]
pub(super) struct Scan {
    pub(super) narrow: Narrow,
    pub(super) sort: SortBy,
    /// The order in which rows are read: that of the list, or its reverse for a page before a row.
    pub(super) direction: Direction,
    /// Whether it is the reverse.
    pub(super) backward: bool,
}

impl Scan {
    /// The rows beyond the cursor, in the order in which they are read.
    pub(super) async fn rows(
        self,
        conn: &mut Conn,
        cursor: Option<&Cursor>,
        limit: usize,
    ) -> Result<Vec<BillerRow>, StorageError> {
        let stretches = self.stretches(cursor);
        let Some(word) = self.narrow.frequent_word().cloned() else {
            return self.along(conn, &stretches, cursor, limit).await;
        };
        if let Some(first) = stretches.first() {
            let rows = self.near(conn, *first, cursor, limit).await?;
            if rows.len() == limit {
                return Ok(rows);
            }
        }
        let all = Self { narrow: self.narrow.led_by(word), ..self };
        all.along(conn, &stretches, cursor, limit).await
    }

    fn stretches(&self, cursor: Option<&Cursor>) -> Vec<Stretch> {
        let missing = cursor.map(|cursor| cursor.key.is_empty());
        match (self.sort, self.backward, missing) {
            (SortBy::Customers, false, Some(true)) => vec![Stretch::Missing],
            (SortBy::Customers, false, _) => vec![Stretch::Numbers, Stretch::Missing],
            (SortBy::Customers, true, Some(false)) => vec![Stretch::Numbers],
            (SortBy::Customers, true, _) => vec![Stretch::Missing, Stretch::Numbers],
            (SortBy::Name | SortBy::Bid | SortBy::Changed, ..) => vec![Stretch::All],
        }
    }

    async fn along(
        &self,
        conn: &mut Conn,
        stretches: &[Stretch],
        cursor: Option<&Cursor>,
        limit: usize,
    ) -> Result<Vec<BillerRow>, StorageError> {
        let mut from = cursor;
        let mut rows: Vec<BillerRow> = Vec::new();
        for stretch in stretches {
            let room = limit.saturating_sub(rows.len());
            if room == 0 {
                break;
            }
            rows.extend(self.sql(*stretch, from, room).all::<BillerRow>(conn).await?);
            from = None;
        }
        Ok(rows)
    }

    /// The rows that are found within the next [`NEAR`] rows of the order.
    async fn near(
        &self,
        conn: &mut Conn,
        stretch: Stretch,
        cursor: Option<&Cursor>,
        limit: usize,
    ) -> Result<Vec<BillerRow>, StorageError> {
        let status = self.narrow.statuses.first().copied();
        let mut sql = Sql::new("SELECT ");
        sql.push(COLUMNS).push(" FROM billers b WHERE TRUE");
        self.narrow.push_lead(&mut sql, status);
        self.push_stretch(&mut sql, stretch, cursor);
        self.push_order(&mut sql, 1);
        sql.push(" OFFSET ").bind(NEAR);
        let end: Option<BillerRow> = sql.optional(conn).await?;
        let end = end.map(|row| row.cursor(self.sort, Side::After)).transpose()?;

        let mut sql = Sql::default();
        self.push_branch(&mut sql, status, stretch, (cursor, end.as_ref()), limit);
        sql.all(conn).await
    }

    fn sql(&self, stretch: Stretch, from: Option<&Cursor>, limit: usize) -> Sql {
        match (&self.narrow.lead, self.narrow.statuses.as_slice()) {
            (Lead::Word(word), _) => self.of_word(word, stretch, from, limit),
            (Lead::Statuses, [_, _, ..]) => self.of_statuses(stretch, from, limit),
            (_, statuses) => {
                let mut sql = Sql::default();
                self.push_branch(&mut sql, statuses.first().copied(), stretch, (from, None), limit);
                sql
            }
        }
    }

    /// Everything with the word is fetched, then sorted. MATERIALIZED keeps both databases from walking along the
    /// sort order instead.
    fn of_word(&self, word: &Prefix, stretch: Stretch, from: Option<&Cursor>, limit: usize) -> Sql {
        let mut sql = Sql::new("WITH hit AS MATERIALIZED (SELECT DISTINCT t.bid FROM biller_terms t WHERE ");
        narrow::in_range(&mut sql, word);
        sql.push("), b AS MATERIALIZED (SELECT ").push(COLUMNS);
        sql.push(" FROM hit CROSS JOIN billers b WHERE b.bid = hit.bid");
        self.narrow.push_rest(&mut sql);
        sql.push(") SELECT ").push(COLUMNS).push(" FROM b WHERE TRUE");
        self.push_stretch(&mut sql, stretch, from);
        self.push_order(&mut sql, limit);
        sql
    }

    /// Each status is a range of its index; the ranges are merged.
    fn of_statuses(&self, stretch: Stretch, from: Option<&Cursor>, limit: usize) -> Sql {
        let mut sql = Sql::new("SELECT ");
        sql.push(COLUMNS).push(" FROM (");
        for (index, status) in self.narrow.statuses.iter().enumerate() {
            sql.push(if index == 0 { "SELECT * FROM (" } else { " UNION ALL SELECT * FROM (" });
            self.push_branch(&mut sql, Some(*status), stretch, (from, None), limit);
            sql.push(") AS one");
        }
        sql.push(") AS b");
        self.push_order(&mut sql, limit);
        sql
    }

    /// One range of an index: beyond the first cursor and, if there is one, up to the second.
    fn push_branch(
        &self,
        sql: &mut Sql,
        status: Option<CiamStatus>,
        stretch: Stretch,
        (from, to): (Option<&Cursor>, Option<&Cursor>),
        limit: usize,
    ) {
        sql.push("SELECT ").push(COLUMNS).push(" FROM billers b WHERE TRUE");
        self.narrow.push_lead(sql, status);
        self.narrow.push_rest(sql);
        self.push_stretch(sql, stretch, from);
        if let Some(end) = to {
            let up_to = if self.direction == Direction::Ascending { " <= " } else { " >= " };
            self.push_comparison(sql, stretch, up_to, end);
        }
        self.push_order(sql, limit);
    }

    fn push_stretch(&self, sql: &mut Sql, stretch: Stretch, from: Option<&Cursor>) {
        match stretch {
            Stretch::All => {}
            Stretch::Numbers => {
                sql.push(" AND b.customers IS NOT NULL");
            }
            Stretch::Missing => {
                sql.push(" AND b.customers IS NULL");
            }
        }
        if let Some(cursor) = from {
            let beyond = if self.direction == Direction::Ascending { " > " } else { " < " };
            self.push_comparison(sql, stretch, beyond, cursor);
        }
    }

    fn push_comparison(&self, sql: &mut Sql, stretch: Stretch, comparison: &str, cursor: &Cursor) {
        match key_column(self.sort).filter(|_| stretch != Stretch::Missing) {
            None => {
                sql.push(" AND b.bid").push(comparison).bind(cursor.bid.as_str());
            }
            Some(column) => {
                sql.push(" AND (").push(column).push(", b.bid)").push(comparison).push("(");
                match cursor.key.parse::<i64>() {
                    Ok(number) if self.sort != SortBy::Name => sql.bind(number),
                    _ => sql.bind(cursor.key.as_str()),
                };
                sql.push(", ").bind(cursor.bid.as_str()).push(")");
            }
        }
    }

    fn push_order(&self, sql: &mut Sql, limit: usize) {
        let way = if self.direction == Direction::Ascending { " ASC" } else { " DESC" };
        sql.push(" ORDER BY ");
        if let Some(column) = key_column(self.sort) {
            sql.push(column).push(way).push(", ");
        }
        sql.push("b.bid").push(way).push(" LIMIT ").bind(decode::limit(limit));
    }
}

const fn key_column(sort: SortBy) -> Option<&'static str> {
    match sort {
        SortBy::Name => Some("b.name_key"),
        SortBy::Bid => None,
        SortBy::Customers => Some("b.customers"),
        SortBy::Changed => Some("b.status_since"),
    }
}

#[cfg(test)]
mod tests {
    use domain::{
        filter::{BillerFilter, Stage},
        use_case::{Readiness, UseCase},
    };

    use super::*;
    use crate::{OpenOptions, Store};

    /// The steps SQLite takes for the first page.
    async fn steps(store: &Store, filter: &BillerFilter, sort: SortBy, direction: Direction) -> String {
        let mut conn = store.read().await.unwrap();
        let narrow = Narrow::plan(&mut conn, filter).await.unwrap();
        let scan = Scan { narrow, sort, direction, backward: false };
        let mut plan = String::new();
        for stretch in scan.stretches(None) {
            let mut sql = Sql::new("EXPLAIN QUERY PLAN ");
            let status = filter.statuses.first().copied();
            scan.push_branch(&mut sql, status, stretch, (None, None), 50);
            let steps: Vec<(i64, i64, i64, String)> = sql.all(&mut conn).await.unwrap();
            plan.extend(steps.into_iter().map(|step| step.3 + "\n"));
        }
        plan
    }

    /// A page is a range of one index, found without sorting, whatever is filtered and sorted by.
    #[tokio::test]
    async fn every_page_is_a_range_of_the_index_made_for_it() {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", folder.path().join("plans.db").display());
        let store = Store::open(&url, OpenOptions::default()).await.unwrap();
        let some = || Some("x".to_owned());
        let own = || "x".parse().ok();
        let all = BillerFilter::default;
        let filters = [
            ("billers", all()),
            ("billers_of_state", BillerFilter { state: some(), ..all() }),
            ("billers_of_ownership", BillerFilter { ownership: some(), ..all() }),
            ("billers_of_tier", BillerFilter { tier: some(), ..all() }),
            ("billers_of_portfolio", BillerFilter { portfolio: own(), ..all() }),
            ("billers_of_status", BillerFilter { statuses: vec![CiamStatus::Enabled], ..all() }),
            ("billers_in_need", BillerFilter { needs_attention: true, ..all() }),
            // Counters are equal, so the first choice leads; the other condition must not lure it away.
            (
                "billers_of_portfolio",
                BillerFilter {
                    portfolio: own(),
                    statuses: vec![CiamStatus::Enabled],
                    needs_attention: true,
                    ..all()
                },
            ),
            (
                "billers_of_state",
                BillerFilter { state: some(), needs_attention: true, tier: some(), ..all() },
            ),
        ];
        // Lists of use cases are sorted by name.
        for use_case in UseCase::ALL {
            let stage = Some(Stage { use_case: *use_case, readiness: Readiness::Ready });
            let index = format!("billers_of_{use_case}_by_name");
            for direction in Direction::ALL {
                let plan = steps(&store, &BillerFilter { stage, ..all() }, SortBy::Name, *direction).await;
                assert!(plan.lines().all(|step| step.contains(&index)), "{index}:\n{plan}");
            }
        }
        for (front, filter) in filters {
            for sort in SortBy::ALL {
                for direction in Direction::ALL {
                    let index = match (sort, front) {
                        (SortBy::Bid, "billers") => "sqlite_autoindex_billers_1".to_owned(),
                        (SortBy::Name, _) => format!("{front}_by_name"),
                        (SortBy::Bid, _) => format!("{front}_by_bid"),
                        (SortBy::Customers, _) => format!("{front}_by_customers"),
                        (SortBy::Changed, _) => format!("{front}_by_change"),
                    };
                    let plan = steps(&store, &filter, *sort, *direction).await;
                    assert!(
                        plan.lines().all(|step| step.contains(&index)),
                        "{index} for {filter:?}:\n{plan}"
                    );
                }
            }
        }
    }
}
