//! Loading in bulk: without indexes, which are made afterwards, and with nothing kept safe meanwhile.

use std::str::FromStr as _;

use domain::Timestamp;
use sqlx::{
    AssertSqlSafe, Connection as _, PgConnection, SqliteConnection,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous},
};
use storage::accounts::Account;

use crate::Outcome;

/// Rows of one statement, or of one piece that is sent.
const BATCH: usize = 500;

/// The columns of `accounts` that are filled; the others are NULL.
const COLUMNS: [&str; 14] = [
    "bid",
    "reference",
    "user_id",
    "record_ids",
    "origin",
    "ic",
    "ic_at",
    "vendor",
    "vendor_at",
    "standing",
    "differs",
    "sort_key",
    "created_at",
    "changed_at",
];

/// A row of `accounts` as texts, with its terms.
struct Row {
    cells: [Option<String>; COLUMNS.len()],
    reference: String,
    terms: Vec<String>,
}

fn row(it: &Account) -> Outcome<Row> {
    let json = |side: Option<&domain::account::Side>| side.map(serde_json::to_string).transpose();
    let micros = |at: Option<Timestamp>| at.map(|at| at.micros().to_string());
    let ids = &it.ids;
    let records = [ids.credential, ids.username, ids.email, ids.address, ids.phone];
    let profile = it.side().map(|side| side.profile.clone()).unwrap_or_default();
    let differs = u8::from(!it.differences().is_empty());
    let mut terms = profile.terms(&it.reference);
    terms.push(domain::account::exact_term(&it.reference));
    terms.sort_unstable();
    terms.dedup();
    let cells = [
        Some(it.bid.to_string()),
        Some(it.reference.clone()),
        Some(ids.user.to_string()),
        Some(records.map(|id| id.simple().to_string()).concat()),
        Some(it.origin.as_str().to_owned()),
        json(it.ic.as_ref())?,
        micros(it.ic_at),
        json(it.vendor.as_ref())?,
        micros(it.vendor_at),
        Some(it.standing().as_str().to_owned()),
        Some(differs.to_string()),
        Some(profile.sort_key(&it.reference)),
        micros(Some(it.created_at)),
        micros(Some(it.changed_at)),
    ];
    Ok(Row { cells, reference: it.reference.clone(), terms })
}

/// Loads accounts of one biller.
pub(crate) async fn load(url: &str, all: impl Iterator<Item = Account>) -> Outcome<()> {
    if url.starts_with("sqlite:") { load_sqlite(url, all).await } else { load_postgres(url, all).await }
}

/// Removes what matches, and tells how it is made again.
const INDEXES: &str =
    "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name = 'accounts' AND sql IS NOT NULL";

async fn load_sqlite(url: &str, all: impl Iterator<Item = Account>) -> Outcome<()> {
    let options = SqliteConnectOptions::from_str(url)?
        .journal_mode(SqliteJournalMode::Off)
        .synchronous(SqliteSynchronous::Off)
        .pragma("cache_size", "-1000000");
    let mut conn = SqliteConnection::connect_with(&options).await?;
    let indexes: Vec<(String, String)> = sqlx::query_as(INDEXES).fetch_all(&mut conn).await?;
    for (name, _) in &indexes {
        sqlx::query(AssertSqlSafe(format!("DROP INDEX {name}"))).execute(&mut conn).await?;
    }
    sqlx::query("CREATE TABLE unsorted (term TEXT, reference TEXT)").execute(&mut conn).await?;
    let rows = |n: usize, of: usize| vec![format!("({})", vec!["?"; of].join(", ")); n].join(", ");
    let mut batch = Vec::new();
    let mut all = all.peekable();
    while let Some(account) = all.next() {
        batch.push(row(&account)?);
        if batch.len() < BATCH && all.peek().is_some() {
            continue;
        }
        let names = COLUMNS.join(", ");
        let into = format!(
            "INSERT INTO accounts ({names}, version) SELECT *, 0 FROM (VALUES {})",
            rows(batch.len(), COLUMNS.len())
        );
        let mut query = sqlx::query(AssertSqlSafe(into));
        for cell in batch.iter().flat_map(|row| row.cells.iter()) {
            query = query.bind(cell.as_deref());
        }
        query.execute(&mut conn).await?;
        let terms: Vec<(&str, &str)> = batch
            .iter()
            .flat_map(|row| row.terms.iter().map(|term| (term.as_str(), row.reference.as_str())))
            .collect();
        let mut query =
            sqlx::query(AssertSqlSafe(format!("INSERT INTO unsorted VALUES {}", rows(terms.len(), 2))));
        for (term, reference) in terms {
            query = query.bind(term).bind(reference);
        }
        query.execute(&mut conn).await?;
        batch.clear();
    }
    // In the order of its key every page is written once.
    sqlx::query(
        "INSERT INTO account_terms SELECT '1', term, reference FROM unsorted ORDER BY term, reference",
    )
    .execute(&mut conn)
    .await?;
    sqlx::query("DROP TABLE unsorted").execute(&mut conn).await?;
    for (_, made_by) in indexes {
        sqlx::query(AssertSqlSafe(made_by)).execute(&mut conn).await?;
    }
    sqlx::query("PRAGMA journal_mode = WAL").execute(&mut conn).await?;
    conn.close().await?;
    Ok(())
}

async fn load_postgres(url: &str, all: impl Iterator<Item = Account>) -> Outcome<()> {
    let mut rows = PgConnection::connect(url).await?;
    let mut terms = PgConnection::connect(url).await?;
    let indexes: Vec<(String, String)> = sqlx::query_as(
        "SELECT indexname::text, indexdef FROM pg_indexes WHERE tablename = 'accounts' AND indexname <> 'accounts_pkey'",
    )
    .fetch_all(&mut rows)
    .await?;
    for (name, _) in &indexes {
        sqlx::query(AssertSqlSafe(format!("DROP INDEX {name}"))).execute(&mut rows).await?;
    }
    sqlx::query("ALTER TABLE account_terms DROP CONSTRAINT account_terms_pkey").execute(&mut rows).await?;
    let into = format!("COPY accounts ({}, version) FROM STDIN (FORMAT csv)", COLUMNS.join(", "));
    let mut copied = rows.copy_in_raw(&into).await?;
    let mut found = terms.copy_in_raw("COPY account_terms FROM STDIN (FORMAT csv)").await?;
    let (mut lines, mut words) = (String::new(), String::new());
    let mut all = all.enumerate().peekable();
    while let Some((n, account)) = all.next() {
        let row = row(&account)?;
        for cell in &row.cells {
            lines.push_str(&cell.as_deref().map(quoted).unwrap_or_default());
            lines.push(',');
        }
        lines.push_str("0\n");
        for term in &row.terms {
            words.push_str(&format!("1,{},{}\n", quoted(term), quoted(&row.reference)));
        }
        if n % BATCH == 0 || all.peek().is_none() {
            copied.send(std::mem::take(&mut lines).into_bytes()).await?;
            found.send(std::mem::take(&mut words).into_bytes()).await?;
        }
    }
    copied.finish().await?;
    found.finish().await?;
    sqlx::query("SET maintenance_work_mem = '1GB'").execute(&mut rows).await?;
    sqlx::query("ALTER TABLE account_terms ADD PRIMARY KEY (bid, term, reference)")
        .execute(&mut rows)
        .await?;
    for (_, made_by) in indexes {
        sqlx::query(AssertSqlSafe(made_by)).execute(&mut rows).await?;
    }
    for statement in ["VACUUM ANALYZE accounts", "VACUUM ANALYZE account_terms"] {
        sqlx::query(statement).execute(&mut rows).await?;
    }
    Ok(())
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "\"\""))
}

/// A database of its own on a server.
pub(crate) struct Database {
    name: String,
    pub(crate) url: String,
}

/// Makes a database.
pub(crate) async fn make_database(server: &str) -> Outcome<Database> {
    let name = format!("accounts_page_{}", std::process::id());
    let mut conn = PgConnection::connect(server).await?;
    sqlx::query(AssertSqlSafe(format!("CREATE DATABASE {name}"))).execute(&mut conn).await?;
    let mut url = url::Url::parse(server)?;
    url.set_path(&name);
    Ok(Database { url: url.to_string(), name })
}

impl Database {
    /// Drops it.
    pub(crate) async fn drop(self, server: &str) -> Outcome<()> {
        let mut conn = PgConnection::connect(server).await?;
        let drop = format!("DROP DATABASE {} WITH (FORCE)", self.name);
        sqlx::query(AssertSqlSafe(drop)).execute(&mut conn).await?;
        Ok(())
    }
}
