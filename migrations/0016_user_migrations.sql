-- The one-time move of billers' users. It may be paused for days, so it lives beside runs, not among them.

CREATE TABLE user_migrations (
    id TEXT NOT NULL PRIMARY KEY,
    bid TEXT NOT NULL REFERENCES billers (bid),
    state TEXT NOT NULL,
    file_name TEXT NOT NULL,
    -- The columns' names as a JSON array.
    header TEXT NOT NULL,
    -- Which column is which, as JSON.
    mapping TEXT NOT NULL,
    rows_in_all BIGINT NOT NULL,
    -- What every record sent says of its last change: whoever changes a user later leaves another instant.
    stamp BIGINT NOT NULL,
    pool_id TEXT,
    -- Where comparing or undoing stands.
    cursor TEXT,
    -- Requests in flight at a time, now.
    parallel BIGINT NOT NULL,
    -- Why it is slower than it could be.
    throttle TEXT,
    -- Why it stopped, as JSON.
    failure TEXT,
    -- What the canary found, as a JSON array.
    canaries TEXT NOT NULL,
    -- Differences found when both sides were compared.
    differences BIGINT NOT NULL,
    created_by TEXT NOT NULL,
    reason TEXT,
    created_at BIGINT NOT NULL,
    -- When a person started it, and when it began or went on moving: the rate counts from there.
    started_at BIGINT,
    session_at BIGINT,
    session_users BIGINT NOT NULL,
    -- When it last got on: what works and has not got on is stalled.
    moved_on_at BIGINT NOT NULL,
    finished_at BIGINT
);

CREATE INDEX user_migrations_of_biller ON user_migrations (bid, created_at);
CREATE INDEX user_migrations_by_state ON user_migrations (state, moved_on_at);

-- One for each row of the file.
CREATE TABLE user_migration_rows (
    migration_id TEXT NOT NULL REFERENCES user_migrations (id),
    line BIGINT NOT NULL,
    state TEXT NOT NULL,
    verdict TEXT,
    kind TEXT,
    -- The row as it came, encrypted; erased once the user was verified.
    sealed TEXT,
    -- UUIDs, minted once: the user, and its records as one text.
    user_id TEXT NOT NULL,
    record_ids TEXT NOT NULL,
    -- IC's id of the user.
    reference TEXT,
    -- What both sides are compared by.
    digest TEXT,
    without_phone BOOLEAN NOT NULL,
    -- The stamp of the user as an earlier move left it; NULL for a user that was not moved before.
    baseline BIGINT,
    -- JSON array.
    problems TEXT,
    PRIMARY KEY (migration_id, line)
);

CREATE UNIQUE INDEX user_migration_rows_of_user ON user_migration_rows (migration_id, user_id);
CREATE INDEX user_migration_rows_by_state ON user_migration_rows (migration_id, state, line);

-- What must belong to one user alone within the file, and on which line it stands first.
CREATE TABLE user_migration_claims (
    migration_id TEXT NOT NULL,
    claim TEXT NOT NULL,
    exact TEXT NOT NULL,
    line BIGINT NOT NULL,
    PRIMARY KEY (migration_id, claim)
);

-- Numbers that pages show, kept in the commits that change them: rows by state, verdict, kind and cause.
CREATE TABLE user_migration_counts (
    migration_id TEXT NOT NULL,
    scope TEXT NOT NULL,
    name TEXT NOT NULL,
    n BIGINT NOT NULL,
    -- The first lines it is about, for causes.
    sample TEXT NOT NULL,
    PRIMARY KEY (migration_id, scope, name)
);

-- Batches that were sent and not settled. After a crash they are read back before anything is sent again.
CREATE TABLE user_migration_batches (
    id TEXT NOT NULL PRIMARY KEY,
    migration_id TEXT NOT NULL REFERENCES user_migrations (id),
    -- JSON array.
    lines TEXT NOT NULL,
    sent_at BIGINT NOT NULL
);

CREATE INDEX user_migration_batches_of ON user_migration_batches (migration_id);

-- Whom IC knows by which id at SecureAuth, and how we left them there.
CREATE TABLE moved_users (
    bid TEXT NOT NULL REFERENCES billers (bid),
    reference TEXT NOT NULL,
    user_id TEXT NOT NULL,
    record_ids TEXT NOT NULL,
    -- Keyed hash of the row that was moved: the same row again is no news.
    source TEXT NOT NULL,
    stamp BIGINT NOT NULL,
    migration_id TEXT NOT NULL,
    PRIMARY KEY (bid, reference)
);

CREATE INDEX moved_users_by_id ON moved_users (bid, user_id);
