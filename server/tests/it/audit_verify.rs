//! `ciam-console audit verify` against people who can write to the database itself.

use std::{path::Path, process::Command};

use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection, SqliteConnection};

/// A database with a few imports in its audit log.
struct Log {
    url: String,
    data: tempfile::TempDir,
}

impl Log {
    /// Runs the test on SQLite, and on PostgreSQL where `CIAM_TEST_POSTGRES_URL` names one.
    async fn each(test: impl AsyncFn(&Self)) {
        let data = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", data.path().join("console.db").display());
        test(&Self { url, data }.written()).await;
        let Ok(server) = std::env::var("CIAM_TEST_POSTGRES_URL") else { return };
        let schema = format!("verify_{}", std::process::id());
        run_on_postgres(&server, &format!("CREATE SCHEMA {schema}")).await;
        let mark = if server.contains('?') { '&' } else { '?' };
        let url = format!("{server}{mark}options[search_path]={schema}");
        test(&Self { url, data: tempfile::tempdir().unwrap() }.written()).await;
        run_on_postgres(&server, &format!("DROP SCHEMA {schema} CASCADE")).await;
    }

    /// Three imports leave six entries.
    fn written(self) -> Self {
        for n in 1..=3 {
            let file = self.data.path().join("billers.csv");
            std::fs::write(&file, format!("bid,name\n{n},Number {n}\n")).unwrap();
            let imported = self.command(&["import", "billers", file.to_str().unwrap()]);
            assert!(imported.0, "{}", imported.1);
        }
        self
    }

    /// Whether the command succeeded, and what it said.
    fn command(&self, arguments: &[&str]) -> (bool, String) {
        let output = Command::new(env!("CARGO_BIN_EXE_ciam-console"))
            .arg("--data-dir")
            .arg(Path::new(self.data.path()))
            .args(arguments)
            .env("CIAM_DATABASE__URL", &self.url)
            .env("RUST_LOG", "error")
            .output()
            .unwrap();
        let said =
            format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        (output.status.success(), said)
    }

    fn verify(&self) -> (bool, String) {
        self.command(&["audit", "verify"])
    }

    /// Writes past the program, without the triggers that guard the entries.
    async fn tamper(&self, sql: &str) {
        if self.url.starts_with("sqlite:") {
            let unguard = "DROP TRIGGER IF EXISTS audit_entries_no_update; DROP TRIGGER IF EXISTS audit_entries_no_delete;";
            let mut conn = SqliteConnection::connect(&self.url).await.unwrap();
            conn.execute(sqlx::raw_sql(AssertSqlSafe(format!("{unguard} {sql}")))).await.unwrap();
            conn.close().await.unwrap();
        } else {
            let unguard = "DROP TRIGGER IF EXISTS audit_entries_guard ON audit_entries;";
            run_on_postgres(&self.url, &format!("{unguard} {sql}")).await;
        }
    }
}

async fn run_on_postgres(url: &str, sql: &str) {
    let mut conn = PgConnection::connect(url).await.unwrap();
    conn.execute(sqlx::raw_sql(AssertSqlSafe(sql.to_owned()))).await.unwrap();
    conn.close().await.unwrap();
}

/// What somebody does to the log, how it is undone, and which entry has to be named.
const ACTS: [(&str, &str, &str, i64); 7] = [
    (
        "edited",
        "UPDATE audit_entries SET reason = 'another' WHERE seq = 3",
        "UPDATE audit_entries SET reason = NULL WHERE seq = 3",
        3,
    ),
    (
        "edited in what it is looked up by",
        "UPDATE audit_entries SET actor_id = 'person:nobody' WHERE seq = 4",
        "UPDATE audit_entries SET actor_id = 'operator' WHERE seq = 4",
        4,
    ),
    (
        "removed in the middle",
        "CREATE TABLE kept AS SELECT * FROM audit_entries WHERE seq = 3; DELETE FROM audit_entries WHERE seq = 3",
        "INSERT INTO audit_entries SELECT * FROM kept; DROP TABLE kept",
        3,
    ),
    (
        "removed in the middle, and the gap closed",
        "CREATE TABLE kept AS SELECT * FROM audit_entries WHERE seq = 5; DELETE FROM audit_entries WHERE seq = 5; \
         UPDATE audit_entries SET seq = 5 WHERE seq = 6; UPDATE audit_head SET seq = 5",
        "UPDATE audit_entries SET seq = 6 WHERE seq = 5; INSERT INTO audit_entries SELECT * FROM kept; \
         UPDATE audit_head SET seq = 6; DROP TABLE kept",
        5,
    ),
    (
        "removed at the end",
        "CREATE TABLE kept AS SELECT * FROM audit_entries WHERE seq = 6; DELETE FROM audit_entries WHERE seq = 6",
        "INSERT INTO audit_entries SELECT * FROM kept; DROP TABLE kept",
        6,
    ),
    (
        "inserted at the end",
        "CREATE TABLE kept AS SELECT * FROM audit_entries WHERE seq = 6; UPDATE kept SET seq = 7, prev_hash = hash; \
         INSERT INTO audit_entries SELECT * FROM kept; DROP TABLE kept",
        "DELETE FROM audit_entries WHERE seq = 7",
        7,
    ),
    (
        "inserted in the middle",
        "CREATE TABLE kept AS SELECT * FROM audit_entries WHERE seq = 4; \
         UPDATE audit_entries SET seq = 7 WHERE seq = 6; UPDATE audit_entries SET seq = 6 WHERE seq = 5; \
         UPDATE audit_entries SET seq = 5 WHERE seq = 4; INSERT INTO audit_entries SELECT * FROM kept; \
         UPDATE audit_head SET seq = 7; DROP TABLE kept",
        "DELETE FROM audit_entries WHERE seq = 4; UPDATE audit_entries SET seq = 4 WHERE seq = 5; \
         UPDATE audit_entries SET seq = 5 WHERE seq = 6; UPDATE audit_entries SET seq = 6 WHERE seq = 7; \
         UPDATE audit_head SET seq = 6",
        5,
    ),
];

#[tokio::test]
async fn whatever_is_edited_removed_or_inserted_is_found_and_named() {
    Log::each(async |log: &Log| {
        let (whole, said) = log.verify();
        assert!(whole && said.contains("The audit log is whole: 6 entries."), "{said}");
        for (what, act, undo, entry) in ACTS {
            log.tamper(act).await;
            let (holds, said) = log.verify();
            assert!(!holds && said.contains(&format!("does not hold at entry {entry}:")), "{what}: {said}");
            log.tamper(undo).await;
            let (whole, said) = log.verify();
            assert!(whole, "{what} was undone, so nothing else is wrong: {said}");
        }
    })
    .await;
}

/// Somebody who can write to the database can also compute hashes: only what was noted elsewhere finds that.
#[tokio::test]
async fn a_log_that_was_cut_and_closed_again_is_not_the_one_that_was_noted() {
    Log::each(async |log: &Log| {
        let (_, said) = log.verify();
        let noted = said.lines().find_map(|line| line.strip_prefix("It ends with ")).unwrap().to_owned();
        assert!(noted.starts_with("6:"), "{said}");
        let (same, said) = log.command(&["audit", "verify", "--noted", &noted]);
        assert!(same, "{said}");
        log.tamper(
            "DELETE FROM audit_entries WHERE seq = 6; \
             UPDATE audit_head SET seq = 5, hash = (SELECT hash FROM audit_entries WHERE seq = 5)",
        )
        .await;
        let (whole, said) = log.verify();
        assert!(whole && said.contains("5 entries"), "by itself it holds: {said}");
        let (same, said) = log.command(&["audit", "verify", "--noted", &noted]);
        assert!(!same && said.contains("entry 6 is not the one that was noted"), "{said}");
        for wrong in ["6", "six:1", "0:00", &noted[..20]] {
            let (taken, said) = log.command(&["audit", "verify", "--noted", wrong]);
            assert!(!taken && said.contains("NUMBER:HASH"), "{wrong}: {said}");
        }
    })
    .await;
}
