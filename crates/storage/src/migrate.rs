//! Brings the schema up to date: one folder of files for both databases.

use std::collections::BTreeSet;

use sqlx::{
    AssertSqlSafe, PgPool, SqlSafeStr, SqlitePool,
    migrate::{Migration, Migrator},
};

use crate::{StorageError, guards};

static FILES: Migrator = sqlx::migrate!("../../migrations");

/// SQLite compares text byte by byte. PostgreSQL does so only in the collation "C", which every TEXT column gets
/// here, so that both databases order, compare and search alike whatever the server's locale is.
fn for_postgres() -> Migrator {
    let migrations = FILES.iter().map(|file| {
        let mut file: Migration = file.clone();
        let text: Vec<String> = file.sql.as_str().lines().map(with_collation).collect();
        file.sql = AssertSqlSafe(text.join("\n")).into_sql_str();
        file
    });
    // The checksum stays that of the file, so both databases notice an edited one.
    Migrator::with_migrations(migrations.collect())
}

fn with_collation(line: &str) -> String {
    let code = line.split("--").next().unwrap_or_default();
    if line.trim_start().starts_with("CREATE INDEX") || !code.contains(" TEXT") {
        return line.to_owned();
    }
    line.replacen(" TEXT", " TEXT COLLATE \"C\"", 1)
}

fn failed(error: impl std::fmt::Display) -> StorageError {
    StorageError::Migration(format!(
        "{error}. Nothing of the failed step was kept; start the version that last worked, or restore the backup."
    ))
}

pub(crate) async fn sqlite(pool: &SqlitePool) -> Result<(), StorageError> {
    FILES.run(pool).await.map_err(failed)?;
    guards::sqlite(pool).await
}

pub(crate) async fn postgres(pool: &PgPool) -> Result<(), StorageError> {
    for_postgres().run(pool).await.map_err(failed)?;
    guards::postgres(pool).await
}

const APPLIED: &str = "SELECT version FROM _sqlx_migrations WHERE success ORDER BY version";

pub(crate) async fn check_sqlite(pool: &SqlitePool) -> Result<(), StorageError> {
    complete(sqlx::query_scalar(APPLIED).fetch_all(pool).await)
}

pub(crate) async fn check_postgres(pool: &PgPool) -> Result<(), StorageError> {
    complete(sqlx::query_scalar(APPLIED).fetch_all(pool).await)
}

fn complete(applied: Result<Vec<i64>, sqlx::Error>) -> Result<(), StorageError> {
    let applied: BTreeSet<i64> = match applied {
        Ok(applied) => applied.into_iter().collect(),
        Err(sqlx::Error::Database(_)) => BTreeSet::new(),
        Err(error) => return Err(error.into()),
    };
    let missing: Vec<String> = FILES
        .iter()
        .filter(|file| !applied.contains(&file.version))
        .map(|file| file.version.to_string())
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    Err(StorageError::Migration(format!(
        "steps {} are missing. Start once with migrations switched on.",
        missing.join(", ")
    )))
}
