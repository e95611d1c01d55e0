-- Runs: durable, resumable executions with steps; and what they made at SecureAuth.

CREATE TABLE runs (
    id TEXT NOT NULL PRIMARY KEY,
    bid TEXT NOT NULL REFERENCES billers (bid),
    kind TEXT NOT NULL,
    state TEXT NOT NULL,
    reason TEXT,
    -- The actor as JSON.
    requested_by TEXT NOT NULL,
    wave_id TEXT,
    created_at BIGINT NOT NULL,
    started_at BIGINT,
    finished_at BIGINT
);

-- A biller with a run in progress takes no second one.
CREATE UNIQUE INDEX runs_one_open ON runs (bid) WHERE state IN ('queued', 'running', 'failed');
CREATE INDEX runs_of_biller ON runs (bid, created_at, id);
CREATE INDEX runs_of_state ON runs (state, created_at, id);
CREATE INDEX runs_by_time ON runs (created_at, id);

CREATE TABLE run_steps (
    run_id TEXT NOT NULL REFERENCES runs (id),
    position BIGINT NOT NULL,
    kind TEXT NOT NULL,
    state TEXT NOT NULL,
    attempts BIGINT NOT NULL,
    started_at BIGINT,
    finished_at BIGINT,
    outcome TEXT,
    -- Where a long step goes on after a crash.
    resume_at TEXT,
    -- The failure as JSON.
    failure TEXT,
    PRIMARY KEY (run_id, position)
);

CREATE TABLE vendor_objects (
    bid TEXT NOT NULL REFERENCES billers (bid),
    kind TEXT NOT NULL,
    vendor_id TEXT NOT NULL,
    name TEXT NOT NULL,
    origin TEXT NOT NULL,
    run_id TEXT NOT NULL REFERENCES runs (id),
    made_at BIGINT NOT NULL,
    PRIMARY KEY (bid, kind)
);
