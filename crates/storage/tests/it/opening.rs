//! Opening a database.

use storage::{OpenOptions, StorageError, Store, health};

use crate::fixture::{both, sqlite};

#[tokio::test]
async fn an_address_that_cannot_be_used_is_refused_without_showing_its_password() {
    let error = Store::open("mysql://me:secret@host/db", OpenOptions::default()).await.unwrap_err();
    assert!(matches!(error, StorageError::Address { .. }), "{error}");
    assert!(!error.to_string().contains("secret"), "{error}");
    assert!(error.to_string().contains("sqlite:/path/to/file.db"), "{error}");
}

#[tokio::test]
async fn data_in_memory_only_is_refused() {
    let error = Store::open("sqlite::memory:", OpenOptions::default()).await.unwrap_err();
    assert!(error.to_string().contains("restart"), "{error}");
}

#[tokio::test]
async fn the_file_and_its_folder_are_made_for_the_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("new/folder/console.db");
    Store::open(&format!("sqlite:{}", file.display()), OpenOptions::default()).await.unwrap();
    assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o077, 0);
}

#[tokio::test]
async fn a_schema_that_is_behind_is_an_error_unless_migrations_are_on() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("x.db").display());
    let off = OpenOptions { migrate: false, ..OpenOptions::default() };
    let error = Store::open(&url, off).await.unwrap_err();
    assert!(matches!(error, StorageError::Migration(_)), "{error}");
    Store::open(&url, OpenOptions::default()).await.unwrap().close().await;
    Store::open(&url, off).await.unwrap();
}

/// The largest number in the folder of migrations.
fn newest_migration() -> i64 {
    let files = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../../migrations")).unwrap();
    let names = files.map(|file| file.unwrap().file_name().into_string().unwrap());
    names.map(|name| name.split('_').next().unwrap().parse().unwrap()).max().unwrap()
}

#[tokio::test]
async fn the_health_calls_answer() {
    both(async |db| {
        let mut conn = db.store.read().await.unwrap();
        health::ping(&mut conn).await.unwrap();
        assert_eq!(health::schema_version(&mut conn).await.unwrap(), newest_migration());
        assert_eq!(health::engine(&conn), db.store.engine());
    })
    .await;
}

#[tokio::test]
async fn sqlite_is_safe_against_power_loss_and_reads_beside_a_writer() {
    let db = sqlite().await;
    assert_eq!(db.number("SELECT COUNT(*) FROM pragma_journal_mode WHERE journal_mode = 'wal'").await, 1);
    let _writing = db.store.begin().await.unwrap();
    let mut conn = db.store.read().await.unwrap();
    health::ping(&mut conn).await.unwrap();
}
