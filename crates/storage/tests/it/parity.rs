//! Both databases have the same tables and columns.

use std::collections::BTreeSet;

use sqlx::{Connection, PgConnection, SqliteConnection};

use crate::fixture::{on_postgres, sqlite};

/// Table, column, type, whether it may be NULL.
type Column = (String, String, String, bool);

async fn of_sqlite() -> BTreeSet<Column> {
    let db = sqlite().await;
    let mut conn = SqliteConnection::connect(&db.url).await.unwrap();
    sqlx::query_as(
        "SELECT m.name, c.name, LOWER(c.type), c.\"notnull\" = 0 FROM sqlite_master m, pragma_table_info(m.name) c \
         WHERE m.type = 'table' AND m.name NOT LIKE '\\_%' ESCAPE '\\' AND m.name NOT LIKE 'sqlite%'",
    )
    .fetch_all(&mut conn)
    .await
    .unwrap()
    .into_iter()
    .collect()
}

#[tokio::test]
async fn tables_and_columns_are_the_same() {
    on_postgres(async |db| {
        let mut conn = PgConnection::connect(&db.url).await.unwrap();
        let postgres: BTreeSet<Column> = sqlx::query_as(
            "SELECT table_name::text, column_name::text, data_type::text, is_nullable = 'YES' \
         FROM information_schema.columns WHERE table_schema = 'public' AND table_name NOT LIKE '\\_%'",
        )
        .fetch_all(&mut conn)
        .await
        .unwrap()
        .into_iter()
        .collect();
        let sqlite = of_sqlite().await;
        assert!(sqlite.len() > 100, "{} columns only", sqlite.len());
        assert_eq!(sqlite.difference(&postgres).collect::<Vec<_>>(), Vec::<&Column>::new(), "only on SQLite");
        assert_eq!(
            postgres.difference(&sqlite).collect::<Vec<_>>(),
            Vec::<&Column>::new(),
            "only on PostgreSQL"
        );
    })
    .await;
}

#[tokio::test]
async fn indexes_are_the_same() {
    on_postgres(async |db| {
        let mut conn = PgConnection::connect(&db.url).await.unwrap();
        let postgres: BTreeSet<String> = sqlx::query_scalar(
        "SELECT indexname::text FROM pg_indexes WHERE schemaname = 'public' AND indexname NOT LIKE '%_pkey'",
    )
    .fetch_all(&mut conn)
    .await
    .unwrap()
    .into_iter()
    .collect();
        let db = sqlite().await;
        let mut conn = SqliteConnection::connect(&db.url).await.unwrap();
        let sqlite: BTreeSet<String> =
            sqlx::query_scalar("SELECT name FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL")
                .fetch_all(&mut conn)
                .await
                .unwrap()
                .into_iter()
                .collect();
        assert_eq!(sqlite, postgres);
    })
    .await;
}

#[tokio::test]
async fn postgres_compares_every_text_byte_by_byte_whatever_its_locale() {
    on_postgres(async |db| {
    let mut conn = PgConnection::connect(&db.url).await.unwrap();
    let provider: String =
        sqlx::query_scalar("SELECT datlocprovider::text FROM pg_database WHERE datname = current_database()")
            .fetch_one(&mut conn)
            .await
            .unwrap();
    assert_eq!(provider, "i", "the test server must have an ICU locale, or order bugs would hide");
    let other: Vec<String> = sqlx::query_scalar(
        "SELECT table_name || '.' || column_name FROM information_schema.columns WHERE table_schema = 'public' \
         AND table_name NOT LIKE '\\_%' AND data_type = 'text' AND collation_name IS DISTINCT FROM 'C'",
    )
    .fetch_all(&mut conn)
    .await
    .unwrap();
    assert_eq!(other, Vec::<String>::new());
    })
    .await;
}
