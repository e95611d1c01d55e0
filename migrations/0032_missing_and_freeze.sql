-- Whoever was moved before and is missing in a later delivery, and the freeze before the cut-over.

-- The newest delivery whose check found the user's row; NULL for users whose row no later check found.
ALTER TABLE moved_users ADD COLUMN seen_in TEXT;

CREATE INDEX moved_users_by_delivery ON moved_users (bid, seen_in, reference);

-- How many of the users moved before are missing, and what was decided: as JSON, see
-- crates/storage/src/user_migrations/missing.rs.
ALTER TABLE user_migrations ADD COLUMN missing TEXT;
