-- The audit log: a chain of hashes without gaps. Triggers made by the program keep its rows from being changed.

CREATE TABLE audit_entries (
    seq BIGINT NOT NULL PRIMARY KEY,
    at BIGINT NOT NULL,
    -- The actor as JSON, and what it is looked up by.
    actor TEXT NOT NULL,
    actor_id TEXT NOT NULL,
    actor_key TEXT NOT NULL,
    action TEXT NOT NULL,
    subject_kind TEXT NOT NULL,
    subject_id TEXT NOT NULL,
    reason TEXT,
    state_before TEXT,
    state_after TEXT,
    trace_id TEXT,
    prev_hash TEXT NOT NULL,
    hash TEXT NOT NULL
);

CREATE INDEX audit_entries_of_subject ON audit_entries (subject_kind, subject_id, seq);
CREATE INDEX audit_entries_of_actor ON audit_entries (actor_id, seq);
CREATE INDEX audit_entries_of_actor_name ON audit_entries (actor_key, seq);
CREATE INDEX audit_entries_of_action ON audit_entries (action, seq);
CREATE INDEX audit_entries_by_time ON audit_entries (at, seq);

-- The end of the chain, one row; locking it puts commits in a line.
CREATE TABLE audit_head (
    one BIGINT NOT NULL PRIMARY KEY CHECK (one = 1),
    seq BIGINT NOT NULL,
    hash TEXT NOT NULL
);

INSERT INTO audit_head (one, seq, hash)
VALUES (1, 0, '0000000000000000000000000000000000000000000000000000000000000000');
