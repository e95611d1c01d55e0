-- Drift of settings: what differs, what somebody decided to ignore, and the scans that find it.

-- What differed when an object was last read. A row goes when both agree again.
CREATE TABLE drifts (
    bid TEXT NOT NULL REFERENCES billers (bid),
    key TEXT NOT NULL,
    -- The object that holds it.
    scope TEXT NOT NULL,
    -- Canonical text.
    wanted TEXT NOT NULL,
    -- JSON.
    found TEXT NOT NULL,
    found_at BIGINT NOT NULL,
    -- Not shown until then; expires by itself, and with a change of what is found.
    ignored_until BIGINT,
    PRIMARY KEY (bid, key)
);

CREATE TABLE drift_scans (
    id TEXT NOT NULL PRIMARY KEY,
    state TEXT NOT NULL,
    -- JSON of the actor.
    requested_by TEXT NOT NULL,
    started_at BIGINT NOT NULL,
    finished_at BIGINT,
    -- The last biller that was read.
    cursor_bid TEXT,
    total BIGINT NOT NULL,
    done BIGINT NOT NULL,
    calls BIGINT NOT NULL,
    drifted BIGINT NOT NULL,
    failed BIGINT NOT NULL
);

CREATE INDEX drift_scans_by_start ON drift_scans (started_at);

-- At most one scan at a time.
CREATE UNIQUE INDEX drift_scans_running ON drift_scans (state) WHERE state = 'running';
