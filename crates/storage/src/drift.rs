//! Values that drifted, and the scans that find them.

use domain::{
    Bid, ScanId, Timestamp,
    settings::{
        Scope,
        drift::{Changed, Drift, Scan, ScanState},
    },
};
use sqlx::FromRow;

use crate::{
    Conn, StorageError, Tx,
    decode::{self, Place, instant, limit, to_json},
    error::exactly,
    live::{self, Topic},
    sql::{Sql, Value},
};

#[derive(FromRow)]
struct DriftRow {
    bid: String,
    key: String,
    wanted: String,
    found: String,
    found_at: i64,
    ignored_until: Option<i64>,
    changed: Option<String>,
}

impl DriftRow {
    /// `None` for a setting that the catalogue no longer has.
    fn read(self) -> Result<Option<Drift>, StorageError> {
        let at = Place { table: "drifts", row: &self.bid };
        let Ok(key) = self.key.parse::<domain::settings::SettingKey>() else { return Ok(None) };
        let setting = key.setting();
        Ok(Some(Drift {
            bid: decode::bid("drifts", &self.bid)?,
            key,
            wanted: at.checked("wanted", setting.kind.parse(&self.wanted))?,
            found: at.json("found", &self.found)?,
            found_at: Timestamp::from_micros(self.found_at),
            ignored_until: instant(self.ignored_until),
            changed: at.json_opt("changed", self.changed.as_deref())?,
        }))
    }
}

const COLUMNS: &str = "d.bid, d.key, d.wanted, d.found, d.found_at, d.ignored_until, d.changed";

/// What differs for a biller.
///
/// # Errors
/// [`StorageError::Driver`]; [`StorageError::Inconsistent`] for a row that was changed by hand.
pub async fn of_biller(conn: &mut Conn, bid: &Bid) -> Result<Vec<Drift>, StorageError> {
    let mut sql = Sql::new("SELECT ");
    sql.push(COLUMNS).push(" FROM drifts d WHERE d.bid = ").bind(bid.as_str()).push(" ORDER BY d.key");
    read(sql.all(conn).await?)
}

/// What differs and is not ignored, in the order of bids, after this place; only billers of a portfolio if one is given.
///
/// # Errors
/// As [`of_biller`].
pub async fn list(
    conn: &mut Conn,
    within: Option<&str>,
    after: Option<(&Bid, &str)>,
    now: Timestamp,
    rows: usize,
) -> Result<Vec<Drift>, StorageError> {
    let mut sql = Sql::new("SELECT ");
    sql.push(COLUMNS).push(" FROM drifts d");
    if within.is_some() {
        sql.push(" JOIN billers b ON b.bid = d.bid");
    }
    sql.push(" WHERE (d.ignored_until IS NULL OR d.ignored_until <= ").bind(now.micros()).push(")");
    if let Some(portfolio) = within {
        sql.push(" AND b.portfolio = ").bind(portfolio);
    }
    if let Some((bid, key)) = after {
        sql.push(" AND (d.bid, d.key) > (").bind(bid.as_str()).push(", ").bind(key).push(")");
    }
    sql.push(" ORDER BY d.bid, d.key LIMIT ").bind(limit(rows));
    read(sql.all(conn).await?)
}

fn read(rows: Vec<DriftRow>) -> Result<Vec<Drift>, StorageError> {
    rows.into_iter().filter_map(|row| row.read().transpose()).collect()
}

/// Notes everything that differs in one object of a biller, in place of what differed before. What shows the same as
/// before keeps the time at which it was found, and the decision to ignore it.
///
/// # Errors
/// [`StorageError::Driver`], also for an unknown biller.
pub async fn replace(tx: &mut Tx, bid: &Bid, scope: Scope, drifts: &[Drift]) -> Result<(), StorageError> {
    let mut sql = Sql::new("DELETE FROM drifts WHERE bid = ");
    sql.bind(bid.as_str()).push(" AND scope = ").bind(scope.as_str());
    for drift in drifts {
        sql.push(" AND key <> ").bind(drift.key.as_str());
    }
    sql.run(tx).await?;
    for drift in drifts {
        let rows = affected!(
            tx,
            sqlx::query(
                "INSERT INTO drifts (bid, key, scope, wanted, found, found_at, ignored_until) \
                 VALUES ($1, $2, $3, $4, $5, $6, NULL) ON CONFLICT (bid, key) DO UPDATE SET \
                 wanted = excluded.wanted, found = excluded.found, \
                 found_at = CASE WHEN drifts.found = excluded.found THEN drifts.found_at ELSE excluded.found_at END, \
                 ignored_until = CASE WHEN drifts.found = excluded.found THEN drifts.ignored_until END, \
                 changed = CASE WHEN drifts.found = excluded.found THEN drifts.changed END",
            )
            .bind(bid.as_str())
            .bind(drift.key.as_str())
            .bind(scope.as_str())
            .bind(drift.wanted.to_text())
            .bind(to_json(&drift.found)?)
            .bind(drift.found_at.micros())
        )?;
        exactly(1, rows, "Noting drift")?;
    }
    live::touch(tx, Topic::Biller(bid.clone()));
    Ok(())
}

/// Notes who changed a value at SecureAuth. One that agrees again, or shows something else by now, is passed over.
///
/// # Errors
/// [`StorageError::Driver`] or [`StorageError::Busy`].
pub async fn tell(tx: &mut Tx, drift: &Drift, changed: &Changed) -> Result<(), StorageError> {
    affected!(
        tx,
        sqlx::query("UPDATE drifts SET changed = $4 WHERE bid = $1 AND key = $2 AND found_at = $3")
            .bind(drift.bid.as_str())
            .bind(drift.key.as_str())
            .bind(drift.found_at.micros())
            .bind(to_json(changed)?)
    )?;
    live::touch(tx, Topic::Biller(drift.bid.clone()));
    Ok(())
}

/// Lets one value be ignored until then.
///
/// # Errors
/// [`StorageError::Stale`] when it does not differ any more.
pub async fn ignore(tx: &mut Tx, bid: &Bid, key: &str, until: Timestamp) -> Result<(), StorageError> {
    let rows = affected!(
        tx,
        sqlx::query("UPDATE drifts SET ignored_until = $3 WHERE bid = $1 AND key = $2")
            .bind(bid.as_str())
            .bind(key)
            .bind(until.micros())
    )?;
    live::touch(tx, Topic::Biller(bid.clone()));
    if rows == 1 { Ok(()) } else { Err(StorageError::Stale { what: "drift" }) }
}

#[derive(FromRow)]
struct ScanRow {
    id: String,
    state: String,
    requested_by: String,
    started_at: i64,
    finished_at: Option<i64>,
    cursor_bid: Option<String>,
    total: i64,
    done: i64,
    calls: i64,
    drifted: i64,
    failed: i64,
}

impl ScanRow {
    fn read(self) -> Result<Scan, StorageError> {
        let at = Place { table: "drift_scans", row: &self.id };
        Ok(Scan {
            id: at.word("id", &self.id)?,
            state: at.word::<ScanState>("state", &self.state)?,
            requested_by: at.json("requested_by", &self.requested_by)?,
            started_at: Timestamp::from_micros(self.started_at),
            finished_at: instant(self.finished_at),
            cursor: at.word_opt("cursor_bid", self.cursor_bid.as_deref())?,
            total: at.number("total", self.total)?,
            done: at.number("done", self.done)?,
            calls: at.number("calls", self.calls)?,
            drifted: at.number("drifted", self.drifted)?,
            failed: at.number("failed", self.failed)?,
        })
    }
}

/// The newest scan.
///
/// # Errors
/// As [`of_biller`].
pub async fn newest_scan(conn: &mut Conn) -> Result<Option<Scan>, StorageError> {
    let sql = Sql::new("SELECT * FROM drift_scans ORDER BY started_at DESC, id DESC LIMIT 1");
    sql.optional::<ScanRow>(conn).await?.map(ScanRow::read).transpose()
}

/// One scan.
///
/// # Errors
/// As [`of_biller`].
pub async fn find_scan(conn: &mut Conn, id: ScanId) -> Result<Option<Scan>, StorageError> {
    let mut sql = Sql::new("SELECT * FROM drift_scans WHERE id = ");
    sql.bind(id.to_string());
    sql.optional::<ScanRow>(conn).await?.map(ScanRow::read).transpose()
}

/// Begins a scan; `false` when one is running already.
///
/// # Errors
/// [`StorageError::Driver`] or [`StorageError::Busy`].
pub async fn begin_scan(tx: &mut Tx, scan: &Scan) -> Result<bool, StorageError> {
    let count = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
    let mut sql = Sql::new(
        "INSERT INTO drift_scans (id, state, requested_by, started_at, total, done, calls, drifted, failed) VALUES ",
    );
    sql.tuple([
        Value::from(scan.id.to_string()),
        scan.state.as_str().into(),
        to_json(&scan.requested_by)?.into(),
        scan.started_at.micros().into(),
        count(scan.total).into(),
        0_i64.into(),
        0_i64.into(),
        0_i64.into(),
        0_i64.into(),
    ]);
    sql.push(" ON CONFLICT DO NOTHING");
    let begun = sql.run(tx).await? == 1;
    live::touch(tx, Topic::Billers);
    Ok(begun)
}

/// Notes how far a scan is.
///
/// # Errors
/// [`StorageError::Stale`] when another worker noted more since it was read.
pub async fn save_scan(tx: &mut Tx, before: &Scan, after: &Scan) -> Result<(), StorageError> {
    let count = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
    let rows = affected!(
        tx,
        sqlx::query(
            "UPDATE drift_scans SET state = $3, finished_at = $4, cursor_bid = $5, total = $6, done = $7, calls = $8, \
             drifted = $9, failed = $10 WHERE id = $1 AND done = $2 AND state = 'running'",
        )
        .bind(after.id.to_string())
        .bind(count(before.done))
        .bind(after.state.as_str())
        .bind(after.finished_at.map(Timestamp::micros))
        .bind(after.cursor.as_ref().map(|bid| bid.as_str().to_owned()))
        .bind(count(after.total))
        .bind(count(after.done))
        .bind(count(after.calls))
        .bind(count(after.drifted))
        .bind(count(after.failed))
    )?;
    live::touch(tx, Topic::Billers);
    if rows == 1 { Ok(()) } else { Err(StorageError::Stale { what: "drift scan" }) }
}
