//! Uploaded files of billers, between upload and apply.

mod stage;

use domain::{
    ImportId, Timestamp,
    actor::Actor,
    biller::{BillerDraft, PortfolioSaid},
    import::RowError,
    words,
};
use sqlx::FromRow;

pub use self::stage::{add_rows, begin, delete_older_than, discard, finish, give_up, mark_applied};
use crate::{
    Conn, StorageError,
    decode::{self, Place, instant},
};

words! {
    /// Where an upload stands.
    ImportState, "import state" {
        /// Rows are still coming in.
        Staging = "staging", "Reading";
        /// Checked; waits to be applied or discarded.
        Ready = "ready", "Ready";
        /// Its good rows were taken over.
        Applied = "applied", "Applied";
        /// Thrown away.
        Discarded = "discarded", "Discarded";
        /// The file as a whole could not be read.
        Unreadable = "unreadable", "Unreadable";
    }
}

words! {
    /// What applying a row would do.
    RowEffect, "row effect" {
        /// The biller is new.
        New = "new", "New";
        /// Some field of the biller changes.
        Changed = "changed", "Changed";
        /// Everything is as in the file already.
        Unchanged = "unchanged", "Unchanged";
    }
}

/// One row of an upload: a biller, or what is wrong with the row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StagedRow {
    /// The line of the file on which it begins, from 1.
    pub line: u64,
    /// The biller, or every error of the row.
    pub result: Result<BillerDraft, Vec<RowError>>,
}

/// An upload at a glance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportSummary {
    /// Its id.
    pub id: ImportId,
    /// The file's name as uploaded.
    pub file_name: String,
    /// Where it stands.
    pub state: ImportState,
    /// Rows in all, without the first line.
    pub rows: u64,
    /// Rows that can be applied.
    pub good: u64,
    /// Rows with an error.
    pub bad: u64,
    /// Good rows whose biller was new when the file was checked.
    pub new: u64,
    /// Good rows that would change their biller.
    pub changed: u64,
    /// Good rows that would change nothing.
    pub unchanged: u64,
    /// Why the file as a whole could not be read.
    pub file_error: Option<String>,
    /// Columns of the file that mean nothing to us.
    pub ignored_columns: Vec<String>,
    /// Who uploaded it.
    pub created_by: Actor,
    /// When.
    pub created_at: Timestamp,
    /// When it was applied.
    pub applied_at: Option<Timestamp>,
}

#[derive(FromRow)]
struct ImportRow {
    id: String,
    file_name: String,
    state: String,
    good: i64,
    bad: i64,
    new_rows: i64,
    changed_rows: i64,
    unchanged_rows: i64,
    file_error: Option<String>,
    ignored_columns: String,
    created_by: String,
    created_at: i64,
    applied_at: Option<i64>,
}

impl ImportRow {
    fn into_summary(self) -> Result<ImportSummary, StorageError> {
        let at = Place { table: "imports", row: &self.id };
        Ok(ImportSummary {
            id: at.word("id", &self.id)?,
            state: at.word("state", &self.state)?,
            rows: at.number("good", self.good + self.bad)?,
            good: at.number("good", self.good)?,
            bad: at.number("bad", self.bad)?,
            new: at.number("new_rows", self.new_rows)?,
            changed: at.number("changed_rows", self.changed_rows)?,
            unchanged: at.number("unchanged_rows", self.unchanged_rows)?,
            ignored_columns: at.json("ignored_columns", &self.ignored_columns)?,
            created_by: at.json("created_by", &self.created_by)?,
            created_at: Timestamp::from_micros(self.created_at),
            applied_at: instant(self.applied_at),
            file_name: self.file_name,
            file_error: self.file_error,
        })
    }
}

/// The upload, if there is one with this id.
///
/// # Errors
/// [`StorageError::Driver`]; [`StorageError::Inconsistent`] for a row that was changed by hand.
pub async fn find(conn: &mut Conn, id: ImportId) -> Result<Option<ImportSummary>, StorageError> {
    let row: Option<ImportRow> = on!(conn, c => {
        sqlx::query_as(
            "SELECT id, file_name, state, good, bad, new_rows, changed_rows, unchanged_rows, file_error, \
             ignored_columns, created_by, created_at, applied_at FROM imports WHERE id = $1",
        )
        .bind(id.to_string())
        .fetch_optional(c)
    })?;
    row.map(ImportRow::into_summary).transpose()
}

/// What is wrong with the rows after `after_line`, in the order of the file: about `limit` errors, and always all
/// errors of a line.
///
/// # Errors
/// As [`find`].
pub async fn errors(
    conn: &mut Conn,
    id: ImportId,
    after_line: u64,
    limit: usize,
) -> Result<Vec<RowError>, StorageError> {
    // A row has at most one error per column and one for the whole row.
    let most = domain::import::Column::ALL.len() + 1;
    let rows: Vec<(i64, Option<String>, String, String)> = on!(conn, c => {
        sqlx::query_as(
            "SELECT line, field, problem, cure FROM import_errors WHERE import_id = $1 AND line > $2 \
             ORDER BY line, position LIMIT $3",
        )
        .bind(id.to_string())
        .bind(stage::line_number(after_line))
        .bind(decode::limit(limit + most))
        .fetch_all(c)
    })?;
    let last = rows.get(..limit).and_then(<[_]>::last).map(|row| row.0);
    let key = id.to_string();
    let at = Place { table: "import_errors", row: &key };
    rows.into_iter()
        .enumerate()
        .take_while(|(index, row)| *index < limit || Some(row.0) == last)
        .map(|(_, (line, field, problem, cure))| {
            Ok(RowError { line: at.number("line", line)?, field, problem, cure })
        })
        .collect()
}

#[derive(FromRow)]
struct DraftRow {
    line: i64,
    bid: String,
    name: String,
    state: Option<String>,
    ownership: Option<String>,
    customers: Option<i64>,
    tier: Option<String>,
    time_zone: Option<String>,
    portfolio: Option<String>,
}

impl DraftRow {
    fn into_draft(self) -> Result<(u64, BillerDraft), StorageError> {
        let at = Place { table: "import_rows", row: &self.bid };
        let draft = BillerDraft {
            bid: at.word("bid", &self.bid)?,
            name: self.name,
            state: self.state,
            ownership: self.ownership,
            customers: self.customers,
            tier: self.tier,
            time_zone: self.time_zone,
            portfolio: match self.portfolio.as_deref() {
                None => PortfolioSaid::Nothing,
                Some("") => PortfolioSaid::InNone,
                Some(named) => PortfolioSaid::In(at.word("portfolio", named)?),
            },
        };
        Ok((at.number("line", self.line)?, draft))
    }
}

#[derive(FromRow)]
struct SampleRow {
    #[sqlx(flatten)]
    draft: DraftRow,
    known: bool,
    differs: bool,
}

/// The first good rows, with what applying each would do now.
///
/// # Errors
/// As [`find`].
pub async fn sample(
    conn: &mut Conn,
    id: ImportId,
    limit: usize,
) -> Result<Vec<(BillerDraft, RowEffect)>, StorageError> {
    let mut sql = crate::sql::Sql::new(
        "SELECT r.line, r.bid, r.name, r.state, r.ownership, r.customers, r.tier, r.time_zone, r.portfolio, \
         b.bid IS NOT NULL AS known, ",
    );
    sql.push(stage::DIFFERS).push(" AS differs FROM import_rows r LEFT JOIN billers b ON b.bid = r.bid");
    sql.push(" WHERE r.import_id = ").bind(id.to_string());
    sql.push(" ORDER BY r.line LIMIT ").bind(decode::limit(limit));
    let rows: Vec<SampleRow> = sql.all(conn).await?;
    rows.into_iter()
        .map(|row| {
            let effect = match (row.known, row.differs) {
                (false, _) => RowEffect::New,
                (true, true) => RowEffect::Changed,
                (true, false) => RowEffect::Unchanged,
            };
            Ok((row.draft.into_draft()?.1, effect))
        })
        .collect()
}

/// Good rows with their lines, from the one after `after_line` on.
///
/// # Errors
/// As [`find`].
pub async fn good_rows(
    conn: &mut Conn,
    id: ImportId,
    after_line: u64,
    limit: usize,
) -> Result<Vec<(u64, BillerDraft)>, StorageError> {
    let rows: Vec<DraftRow> = on!(conn, c => {
        sqlx::query_as(
            "SELECT line, bid, name, state, ownership, customers, tier, time_zone, portfolio FROM import_rows \
             WHERE import_id = $1 AND line > $2 ORDER BY line LIMIT $3",
        )
        .bind(id.to_string())
        .bind(stage::line_number(after_line))
        .bind(decode::limit(limit))
        .fetch_all(c)
    })?;
    rows.into_iter().map(DraftRow::into_draft).collect()
}
