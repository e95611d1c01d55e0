-- What a file of users held does not stay longer than it is needed.

-- What rows claim for themselves is compared by keyed hashes from now on. Older claims named people: they go. Rows of a
-- move that is still open are then compared with the pool only, by SecureAuth itself.
DELETE FROM user_migration_claims;

-- When everything the rows of a move held was erased.
ALTER TABLE user_migrations ADD COLUMN erased_at BIGINT;
