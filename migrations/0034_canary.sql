-- The canary: rounds through a pool of the console's own at the vendor.

-- The pool that is known to be there, and of which the audit log tells.
CREATE TABLE canary_pool (
    id TEXT NOT NULL PRIMARY KEY,
    known_since BIGINT NOT NULL
);

CREATE TABLE canary_rounds (
    id TEXT NOT NULL PRIMARY KEY,
    began BIGINT NOT NULL,
    -- Microseconds.
    took BIGINT NOT NULL,
    -- The step that failed; null for a whole round.
    failed TEXT,
    why TEXT,
    trace_id TEXT
);

CREATE INDEX canary_rounds_by_time ON canary_rounds (began, id);
