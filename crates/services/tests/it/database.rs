//! A database for one test.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicU64, Ordering},
};

use sqlx::{Connection, PgConnection, SqliteConnection};
use tempfile::TempDir;

/// An empty database of its own.
pub(crate) struct Database {
    /// How the store opens it.
    pub(crate) url: String,
    kind: Kind,
}

enum Kind {
    /// A file in a folder that goes away with it.
    Sqlite { _folder: TempDir },
    /// A schema on the server, and all schemas of the same test.
    Postgres { server: String, family: Arc<Mutex<Vec<String>>> },
}

/// Tells the schemas of one process apart.
static NEXT: AtomicU64 = AtomicU64::new(0);

impl Database {
    /// A file.
    pub(crate) fn sqlite() -> Self {
        let folder = tempfile::tempdir().expect("folder");
        let url = format!("sqlite:{}", folder.path().join("console.db").display());
        Self { url, kind: Kind::Sqlite { _folder: folder } }
    }

    /// One of every kind there is here.
    pub(crate) async fn each() -> Vec<Self> {
        let mut all = vec![Self::sqlite()];
        if let Ok(server) = std::env::var("CIAM_TEST_POSTGRES_URL") {
            all.push(Self::postgres(server, Arc::default()).await);
        }
        all
    }

    /// Another empty one of the same kind.
    pub(crate) async fn another(&self) -> Self {
        match &self.kind {
            Kind::Sqlite { .. } => Self::sqlite(),
            Kind::Postgres { server, family } => Self::postgres(server.clone(), family.clone()).await,
        }
    }

    async fn postgres(server: String, family: Arc<Mutex<Vec<String>>>) -> Self {
        let schema = format!("it_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        run(&server, format!("CREATE SCHEMA {schema}")).await;
        family.lock().expect("family").push(schema.clone());
        let mark = if server.contains('?') { '&' } else { '?' };
        let url = format!("{server}{mark}options[search_path]={schema}");
        Self { url, kind: Kind::Postgres { server, family } }
    }

    /// A column of texts, asked past the storage.
    pub(crate) async fn texts(&self, query: &'static str) -> Vec<String> {
        match &self.kind {
            Kind::Sqlite { .. } => {
                let mut conn = SqliteConnection::connect(&self.url).await.expect("SQLite");
                sqlx::query_scalar(query).fetch_all(&mut conn).await.expect("query")
            }
            Kind::Postgres { .. } => {
                let mut conn = PgConnection::connect(&self.url).await.expect("PostgreSQL");
                sqlx::query_scalar(query).fetch_all(&mut conn).await.expect("query")
            }
        }
    }

    /// Takes it away, with every other one of the same test.
    pub(crate) async fn remove(&self) {
        if let Kind::Postgres { server, family } = &self.kind {
            let schemas = std::mem::take(&mut *family.lock().expect("family"));
            for schema in schemas {
                run(server, format!("DROP SCHEMA {schema} CASCADE")).await;
            }
        }
    }
}

async fn run(server: &str, statement: String) {
    let mut conn = PgConnection::connect(server).await.expect("PostgreSQL");
    sqlx::raw_sql(sqlx::AssertSqlSafe(statement)).execute(&mut conn).await.expect("statement");
    conn.close().await.expect("close");
}
