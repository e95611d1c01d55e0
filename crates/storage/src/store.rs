//! Opens the database and hands out connections.

use std::{fmt, path::Path, str::FromStr, sync::Arc, time::Duration};

use sqlx::{
    PgPool, SqlitePool,
    postgres::{PgConnectOptions, PgPoolOptions},
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};
use tokio::sync::broadcast;

use crate::{
    CommitGate, Engine, StorageError,
    conn::{Held, Link, Reader, Tx},
    live::Topic,
    migrate,
};

/// How long a transaction waits for another one before it gives up with [`StorageError::Busy`].
const PATIENCE: Duration = Duration::from_secs(10);

/// Topics that a slow subscriber may lag behind before it is told only that it missed some.
const CHANGES_KEPT: usize = 1_024;

/// Pages that SQLite's writer keeps in memory, in KiB with the minus sign that SQLite wants: with its 2 MB, a large
/// import would fetch the indexes' pages again and again.
const WRITER_CACHE: &str = "-65536";

/// Rows that SQLite's thread reads ahead of whoever takes them: with few, the two threads wait for each other again and
/// again.
const ROWS_BUFFERED: usize = 1_000;

/// How to open a database.
#[derive(Clone, Copy, Debug)]
pub struct OpenOptions {
    /// Brings the schema up to date; otherwise a schema that is behind is an error.
    pub migrate: bool,
    /// Connections for reading (SQLite, which has one more for writing) or in all (PostgreSQL).
    pub max_connections: u32,
}

impl Default for OpenOptions {
    fn default() -> Self {
        Self { migrate: true, max_connections: 8 }
    }
}

/// The database. Cheap to clone.
#[derive(Clone)]
pub struct Store {
    inner: Arc<Inner>,
    pub(crate) gate: Option<Arc<dyn CommitGate>>,
}

struct Inner {
    db: Db,
    changes: broadcast::Sender<Topic>,
}

enum Db {
    /// SQLite has one writer, so there is one connection for it: writers queue up here instead of failing there.
    Lite {
        read: SqlitePool,
        write: SqlitePool,
    },
    Pg(PgPool),
}

impl Store {
    /// Opens `sqlite:/path/to/file.db` (made if missing) or `postgres://…` and brings the schema up to date.
    ///
    /// # Errors
    /// [`StorageError::Address`] for an unusable address, [`StorageError::Migration`] when the schema cannot be
    /// brought up to date or is behind and `options.migrate` is off, [`StorageError::Driver`] when the database
    /// does not answer.
    pub async fn open(url: &str, options: OpenOptions) -> Result<Self, StorageError> {
        let db = if url.starts_with("sqlite:") {
            open_sqlite(url, options).await?
        } else if url.starts_with("postgres:") || url.starts_with("postgresql:") {
            open_postgres(url, options).await?
        } else {
            return Err(address(url, "it begins with neither sqlite: nor postgres:"));
        };
        let (changes, _) = broadcast::channel(CHANGES_KEPT);
        Ok(Self { inner: Arc::new(Inner { db, changes }), gate: None })
    }

    /// The same database with a gate around every commit: crash tests stop a run there.
    #[must_use]
    pub fn with_gate(self, gate: Arc<dyn CommitGate>) -> Self {
        Self { gate: Some(gate), ..self }
    }

    /// A connection for reading.
    ///
    /// # Errors
    /// [`StorageError::Busy`] when none gets free in time, [`StorageError::Driver`].
    pub async fn read(&self) -> Result<Reader, StorageError> {
        Ok(Reader::new(match &self.inner.db {
            Db::Lite { read, .. } => Link::Lite(Held::Free(read.acquire().await?)),
            Db::Pg(pool) => Link::Pg(Held::Free(pool.acquire().await?)),
        }))
    }

    /// Begins a write transaction.
    ///
    /// # Errors
    /// [`StorageError::Busy`] when another one is in the way for too long, [`StorageError::Driver`].
    pub async fn begin(&self) -> Result<Tx, StorageError> {
        let link = match &self.inner.db {
            // IMMEDIATE: a transaction that reads first and writes later would fail at once if another one wrote
            // in between, whatever the busy timeout says.
            Db::Lite { write, .. } => Link::Lite(Held::Open(write.begin_with("BEGIN IMMEDIATE").await?)),
            Db::Pg(pool) => Link::Pg(Held::Open(pool.begin().await?)),
        };
        Ok(Tx::new(link, self.clone()))
    }

    /// Every topic touched by a commit of this process from now on. A receiver that lags behind is told so and
    /// must look at everything it shows.
    #[must_use]
    pub fn changes(&self) -> broadcast::Receiver<Topic> {
        self.inner.changes.subscribe()
    }

    pub(crate) fn announce(&self, topic: Topic) {
        // Nobody listening is no error.
        let _ = self.inner.changes.send(topic);
    }

    /// Which database this is.
    #[must_use]
    pub fn engine(&self) -> Engine {
        match self.inner.db {
            Db::Lite { .. } => Engine::Sqlite,
            Db::Pg(_) => Engine::Postgres,
        }
    }

    /// Closes every connection; waits until those in use are given back.
    pub async fn close(&self) {
        match &self.inner.db {
            Db::Lite { read, write } => {
                read.close().await;
                write.close().await;
            }
            Db::Pg(pool) => pool.close().await,
        }
    }
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store").field("engine", &self.engine()).finish_non_exhaustive()
    }
}

async fn open_sqlite(url: &str, options: OpenOptions) -> Result<Db, StorageError> {
    if url.contains(":memory:") || url.contains("mode=memory") {
        return Err(address(url, "data in memory only would not outlive a restart"));
    }
    let base = SqliteConnectOptions::from_str(url).map_err(|error| address(url, error))?;
    make_private(base.get_filename()).map_err(|error| address(url, error))?;
    let base = base
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .busy_timeout(PATIENCE)
        .row_buffer_size(ROWS_BUFFERED)
        .foreign_keys(true);
    let write = SqlitePoolOptions::new()
        .max_connections(1)
        .acquire_timeout(PATIENCE)
        .test_before_acquire(false)
        .idle_timeout(None)
        .max_lifetime(None)
        .connect_with(base.clone().pragma("cache_size", WRITER_CACHE))
        .await?;
    if options.migrate {
        migrate::sqlite(&write).await?;
    }
    let read = SqlitePoolOptions::new()
        .max_connections(options.max_connections.max(1))
        .acquire_timeout(PATIENCE)
        .test_before_acquire(false)
        .connect_with(base.pragma("query_only", "ON"))
        .await?;
    migrate::check_sqlite(&read).await?;
    Ok(Db::Lite { read, write })
}

async fn open_postgres(url: &str, options: OpenOptions) -> Result<Db, StorageError> {
    let patience = PATIENCE.as_millis().to_string();
    let base = PgConnectOptions::from_str(url)
        .map_err(|error| address(url, error))?
        .application_name("ciam-console")
        // Plans made for one value, or for a table that was small then, are slow for others: plan each time.
        .options([("lock_timeout", patience.as_str()), ("plan_cache_mode", "force_custom_plan")]);
    let pool = PgPoolOptions::new()
        .max_connections(options.max_connections.max(2))
        .acquire_timeout(PATIENCE)
        .connect_with(base)
        .await?;
    if options.migrate {
        migrate::postgres(&pool).await?;
    }
    migrate::check_postgres(&pool).await?;
    Ok(Db::Pg(pool))
}

/// Makes the folder and the file, readable by their owner alone: the file holds sessions and sign-ins under way.
fn make_private(file: &Path) -> std::io::Result<()> {
    if let Some(folder) = file.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder)?;
    }
    let mut open = std::fs::OpenOptions::new();
    open.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut open, 0o600);
    open.open(file).map(drop)
}

fn address(url: &str, problem: impl fmt::Display) -> StorageError {
    // Everything between "//" and "@" may hold a password.
    let url = match (url.find("//"), url.rfind('@')) {
        (Some(start), Some(end)) if start + 2 < end => format!("{}…{}", &url[..start + 2], &url[end..]),
        _ => url.to_owned(),
    };
    StorageError::Address { url, problem: problem.to_string() }
}
