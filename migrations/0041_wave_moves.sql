-- A wave may move users: its lines name the moves that were checked when it was asked for.
ALTER TABLE wave_items ADD COLUMN migration_id TEXT;
