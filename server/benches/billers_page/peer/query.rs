//! The questions that the console asks the database for its billers page: `storage::billers::list` without a
//! filter, `counts`, `facets`, the version that the page shows, and the session.

use domain::session::SessionKey;
use serde_json::Value;
use sqlx::{FromRow, SqliteConnection, SqlitePool};

/// Why there is no page.
pub(super) enum Failure {
    /// Nobody is signed in.
    Stranger,
    /// The database does not answer.
    Database(sqlx::Error),
}

impl From<sqlx::Error> for Failure {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(error)
    }
}

/// Rows on a page.
pub(super) const PAGE: usize = 50;

/// What the page shows.
pub(super) struct List {
    /// How often the list has changed so far.
    pub(super) version: i64,
    pub(super) rows: Vec<Row>,
    /// Whether there are more rows than these.
    pub(super) more: bool,
    pub(super) statuses: Vec<(String, i64)>,
    pub(super) total: i64,
    pub(super) attention: i64,
    pub(super) states: Vec<(String, i64)>,
    pub(super) ownerships: Vec<(String, i64)>,
    pub(super) tiers: Vec<(String, i64)>,
}

/// A biller; every column that the console reads is read.
#[derive(FromRow)]
#[expect(dead_code, reason = "the same query: what the page does not show is fetched as well")]
pub(super) struct Row {
    pub(super) bid: String,
    pub(super) name: String,
    pub(super) name_key: String,
    pub(super) state: Option<String>,
    pub(super) ownership: Option<String>,
    pub(super) customers: Option<i64>,
    pub(super) tier: Option<String>,
    time_zone: Option<String>,
    portfolio: Option<String>,
    pub(super) status: String,
    pub(super) status_since: i64,
    slug: Option<String>,
    login_route: String,
    issuer: Option<String>,
    go_live: Option<String>,
    pub(super) open_run: Option<String>,
    created_at: i64,
    updated_at: i64,
    version: i64,
}

const ROWS: &str = "SELECT b.bid, b.name, b.name_key, b.state, b.ownership, b.customers, b.tier, b.time_zone, \
    b.portfolio, b.status, b.status_since, b.slug, b.login_route, b.issuer, b.go_live, b.open_run, b.created_at, b.updated_at, \
    b.version FROM billers b WHERE TRUE ORDER BY b.name_key ASC, b.bid ASC LIMIT $1";

/// Everything for the first page of the list.
pub(super) async fn list(database: &SqlitePool, cookie: &str, now: i64) -> Result<List, Failure> {
    let mut conn = database.acquire().await?;
    signed_in(&mut conn, cookie, now).await?;
    let version = version(&mut conn).await?;
    let limit = i64::try_from(PAGE + 1).unwrap_or(i64::MAX);
    let mut rows: Vec<Row> = sqlx::query_as(ROWS).bind(limit).fetch_all(&mut *conn).await?;
    let more = rows.len() > PAGE;
    rows.truncate(PAGE);
    Ok(List {
        version,
        rows,
        more,
        statuses: counters(&mut conn, "status").await?,
        total: counter(&mut conn, "all").await?,
        attention: counter(&mut conn, "attention").await?,
        states: counters(&mut conn, "state").await?,
        ownerships: counters(&mut conn, "ownership").await?,
        tiers: counters(&mut conn, "tier").await?,
    })
}

async fn signed_in(conn: &mut SqliteConnection, cookie: &str, now: i64) -> Result<(), Failure> {
    let id = cookie.split("; ").find_map(|pair| pair.strip_prefix("__Host-ciam-console="));
    let key = id.map(|id| SessionKey::of(id).to_string());
    let data: Option<String> =
        sqlx::query_scalar("SELECT data FROM sessions WHERE key = $1 AND expires_at > $2")
            .bind(key)
            .bind(now)
            .fetch_optional(conn)
            .await?;
    let session: Value = data.and_then(|data| serde_json::from_str(&data).ok()).unwrap_or_default();
    if session["actor"].is_null() { Err(Failure::Stranger) } else { Ok(()) }
}

async fn version(conn: &mut SqliteConnection) -> Result<i64, sqlx::Error> {
    let version = sqlx::query_scalar("SELECT version FROM topics WHERE key = $1")
        .bind("billers")
        .fetch_optional(conn)
        .await?;
    Ok(version.unwrap_or(0))
}

async fn counters(conn: &mut SqliteConnection, scope: &str) -> Result<Vec<(String, i64)>, sqlx::Error> {
    sqlx::query_as("SELECT name, n FROM counters WHERE scope = $1 AND n <> 0 ORDER BY name")
        .bind(scope)
        .fetch_all(conn)
        .await
}

async fn counter(conn: &mut SqliteConnection, name: &str) -> Result<i64, sqlx::Error> {
    let n = sqlx::query_scalar("SELECT n FROM counters WHERE scope = $1 AND name = $2")
        .bind("billers")
        .bind(name)
        .fetch_optional(conn)
        .await?;
    Ok(n.unwrap_or(0))
}
