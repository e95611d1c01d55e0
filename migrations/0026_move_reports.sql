-- What a move of users came to, as it was when both sides had been compared or the move had been undone. A report never
-- changes: a move that goes on afterwards gets another edition.

CREATE TABLE user_migration_reports (
    migration_id TEXT NOT NULL REFERENCES user_migrations (id),
    edition BIGINT NOT NULL,
    made_at BIGINT NOT NULL,
    -- The file as people take it away, byte by byte.
    body TEXT NOT NULL,
    -- SHA-256 of the body; the log of activity holds it, too.
    digest TEXT NOT NULL,
    PRIMARY KEY (migration_id, edition)
);
