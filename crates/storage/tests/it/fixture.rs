//! A database for each test, on both engines, and things to put into it.

use std::{
    hash::{DefaultHasher, Hash, Hasher},
    path::Path,
    time::Duration,
};

use domain::{
    Bid, RunId, Timestamp, WaveId,
    actor::Actor,
    audit::{AuditAction, AuditEntry, Subject, SubjectKind},
    biller::{BillerDraft, PortfolioSaid},
    run::{Run, RunKind, RunState},
};
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection, SqliteConnection};
use storage::{Bookkeeping, Engine, OpenOptions, Store, billers, runs};
use tempfile::TempDir;
use uuid::Uuid;

/// A fresh, empty database.
pub(crate) struct Database {
    pub(crate) store: Store,
    pub(crate) url: String,
    _folder: Option<TempDir>,
}

/// Runs the test on SQLite and, if there is one, on PostgreSQL.
pub(crate) async fn both(test: impl AsyncFn(&Database)) {
    test(&sqlite().await).await;
    on_postgres(test).await;
}

/// Runs the test on PostgreSQL, if there is one.
pub(crate) async fn on_postgres(test: impl AsyncFn(&Database)) {
    let Some(server) = postgres_server() else { return };
    let (database, name) = postgres(&server).await;
    test(&database).await;
    database.store.close().await;
    let mut admin = PgConnection::connect(&server).await.unwrap();
    admin.execute(AssertSqlSafe(format!("DROP DATABASE {name} WITH (FORCE)"))).await.unwrap();
}

fn postgres_server() -> Option<String> {
    let server = std::env::var("CIAM_TEST_POSTGRES_URL").ok().filter(|url| !url.is_empty());
    if server.is_none() {
        eprintln!(
            "CIAM_TEST_POSTGRES_URL is not set: tested on SQLite only (scripts/postgres.sh starts a server)"
        );
    }
    server
}

pub(crate) async fn sqlite() -> Database {
    let folder = TempDir::new().unwrap();
    let url = format!("sqlite:{}", folder.path().join("test.db").display());
    let store = Store::open(&url, OpenOptions::default()).await.unwrap();
    Database { store, url, _folder: Some(folder) }
}

/// A copy of a migrated database, which is quicker than to migrate each one.
async fn postgres(server: &str) -> (Database, String) {
    let template = format!("storage_{:016x}", migrations_hash());
    let mut admin = PgConnection::connect(server).await.unwrap();
    admin.execute("SELECT pg_advisory_lock(20261123)").await.unwrap();
    let found: Option<i32> = sqlx::query_scalar("SELECT 1 FROM pg_database WHERE datname = $1")
        .bind(&template)
        .fetch_optional(&mut admin)
        .await
        .unwrap();
    if found.is_none() {
        let making = format!("{template}_making");
        admin.execute(AssertSqlSafe(format!("DROP DATABASE IF EXISTS {making} WITH (FORCE)"))).await.unwrap();
        admin.execute(AssertSqlSafe(format!("CREATE DATABASE {making}"))).await.unwrap();
        let store = Store::open(&at(server, &making), OpenOptions::default()).await.unwrap();
        store.close().await;
        admin.execute(AssertSqlSafe(format!("ALTER DATABASE {making} RENAME TO {template}"))).await.unwrap();
    }
    admin.execute("SELECT pg_advisory_unlock(20261123)").await.unwrap();
    let name = format!("storage_{}", Uuid::from_u128(random()).simple());
    admin.execute(AssertSqlSafe(format!("CREATE DATABASE {name} TEMPLATE {template}"))).await.unwrap();
    let url = at(server, &name);
    let options = OpenOptions { max_connections: 20, ..OpenOptions::default() };
    let store = Store::open(&url, options).await.unwrap();
    (Database { store, url, _folder: None }, name)
}

fn at(server: &str, database: &str) -> String {
    let (front, _) = server.rsplit_once('/').unwrap();
    format!("{front}/{database}")
}

fn migrations_hash() -> u64 {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../migrations");
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let mut hasher = DefaultHasher::new();
    for file in files {
        std::fs::read(file).unwrap().hash(&mut hasher);
    }
    hasher.finish()
}

/// Different in every process and at every call; only names of databases come from it.
fn random() -> u128 {
    use std::hash::{BuildHasher, RandomState};
    let half = || u128::from(RandomState::new().hash_one(std::process::id()));
    (half() << 64) | half()
}

impl Database {
    /// Runs SQL past the storage, as someone with direct access could.
    pub(crate) async fn tamper(&self, sql: &str) -> Result<(), sqlx::Error> {
        let sql = AssertSqlSafe(sql.to_owned());
        match self.store.engine() {
            Engine::Sqlite => {
                SqliteConnection::connect(&self.url).await?.execute(sqlx::raw_sql(sql)).await.map(drop)
            }
            Engine::Postgres => {
                PgConnection::connect(&self.url).await?.execute(sqlx::raw_sql(sql)).await.map(drop)
            }
        }
    }

    /// One number, asked past the storage.
    pub(crate) async fn number(&self, sql: &str) -> i64 {
        let query = sqlx::query_scalar(AssertSqlSafe(sql.to_owned()));
        match self.store.engine() {
            Engine::Sqlite => {
                let query = sqlx::query_scalar(AssertSqlSafe(sql.to_owned()));
                query.fetch_one(&mut SqliteConnection::connect(&self.url).await.unwrap()).await.unwrap()
            }
            Engine::Postgres => {
                query.fetch_one(&mut PgConnection::connect(&self.url).await.unwrap()).await.unwrap()
            }
        }
    }

    /// Puts billers in.
    pub(crate) async fn with(&self, drafts: &[BillerDraft]) {
        let mut tx = self.store.begin().await.unwrap();
        billers::upsert_many(&mut tx, drafts, T0).await.unwrap();
        tx.commit_bookkeeping(Bookkeeping::SampleData).await.unwrap();
    }

    /// Creates an enablement.
    pub(crate) async fn with_run(&self, run: &Run) {
        let mut tx = self.store.begin().await.unwrap();
        runs::create(&mut tx, run).await.unwrap();
        tx.commit_bookkeeping(Bookkeeping::RunProgress).await.unwrap();
    }
}

/// The beginning of time in these tests.
pub(crate) const T0: Timestamp = Timestamp::from_micros(1_795_000_000_000_000);

/// Some seconds later.
pub(crate) fn after(seconds: u64) -> Timestamp {
    T0.plus(Duration::from_secs(seconds))
}

pub(crate) fn bid(text: &str) -> Bid {
    Bid::parse(text).unwrap()
}

pub(crate) fn draft(id: &str, name: &str) -> BillerDraft {
    BillerDraft {
        bid: bid(id),
        name: name.to_owned(),
        state: None,
        ownership: None,
        customers: None,
        tier: None,
        time_zone: None,
        portfolio: PortfolioSaid::Nothing,
    }
}

pub(crate) fn id(n: u128) -> Uuid {
    Uuid::from_u128(n)
}

pub(crate) fn wave_id(n: u128) -> WaveId {
    WaveId::from_uuid(id(n))
}

pub(crate) fn run_id(n: u128) -> RunId {
    RunId::from_uuid(id(n))
}

pub(crate) fn run(n: u128, biller: &str) -> Run {
    Run {
        id: run_id(n),
        bid: bid(biller),
        kind: RunKind::Enable,
        state: RunState::Queued,
        reason: Some("because".to_owned()),
        requested_by: Actor::Operator,
        wave: None,
        detail: None,
        created_at: after(u64::try_from(n).unwrap()),
        started_at: None,
        finished_at: None,
    }
}

pub(crate) fn entry(biller: &str) -> AuditEntry {
    let subject = Subject::new(SubjectKind::Biller, biller);
    AuditEntry::new(T0, Actor::Operator, AuditAction::RunRequested, subject)
}
