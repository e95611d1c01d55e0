//! Triggers that keep written audit entries from being changed or removed. Their language differs between the
//! databases, so they are made here after every migration and not in the migration files.

use sqlx::{Executor, PgPool, SqlitePool};

use crate::StorageError;

const SQLITE: &str = "
CREATE TRIGGER IF NOT EXISTS audit_entries_no_update BEFORE UPDATE ON audit_entries
BEGIN SELECT RAISE(ABORT, 'audit entries are never changed'); END;
CREATE TRIGGER IF NOT EXISTS audit_entries_no_delete BEFORE DELETE ON audit_entries
BEGIN SELECT RAISE(ABORT, 'audit entries are never removed'); END;
";

// The lock lets servers that start at the same time do this one after the other.
const POSTGRES: &str = "
SELECT pg_advisory_xact_lock(hashtext('audit_entries_guard'));
CREATE OR REPLACE FUNCTION audit_entries_guard() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'audit entries are never changed or removed'; END $$;
DO $$ BEGIN
  IF NOT EXISTS (SELECT 1 FROM pg_trigger
                 WHERE tgname = 'audit_entries_guard' AND tgrelid = 'audit_entries'::regclass) THEN
    CREATE TRIGGER audit_entries_guard BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_entries
    FOR EACH STATEMENT EXECUTE FUNCTION audit_entries_guard();
  END IF;
END $$;
";

pub(crate) async fn sqlite(pool: &SqlitePool) -> Result<(), StorageError> {
    pool.execute(sqlx::raw_sql(SQLITE)).await?;
    Ok(())
}

pub(crate) async fn postgres(pool: &PgPool) -> Result<(), StorageError> {
    pool.execute(sqlx::raw_sql(POSTGRES)).await?;
    Ok(())
}
