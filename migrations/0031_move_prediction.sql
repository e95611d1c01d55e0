-- What a check knows of the pool before rows are judged: as JSON, see crates/storage/src/user_migrations/prediction.rs.
ALTER TABLE user_migrations ADD COLUMN prediction TEXT;
