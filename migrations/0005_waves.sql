-- Waves: one action for many billers, one line each.

CREATE TABLE waves (
    id TEXT NOT NULL PRIMARY KEY,
    state TEXT NOT NULL,
    parallel BIGINT NOT NULL,
    stop_above_percent BIGINT NOT NULL,
    reason TEXT,
    -- The actor as JSON.
    requested_by TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    finished_at BIGINT,
    -- Lines by state, kept with every change of a line.
    waiting BIGINT NOT NULL,
    running BIGINT NOT NULL,
    succeeded BIGINT NOT NULL,
    failed BIGINT NOT NULL,
    skipped BIGINT NOT NULL
);

CREATE INDEX waves_by_time ON waves (created_at, id);

CREATE TABLE wave_items (
    wave_id TEXT NOT NULL REFERENCES waves (id),
    position BIGINT NOT NULL,
    bid TEXT NOT NULL REFERENCES billers (bid),
    state TEXT NOT NULL,
    run_id TEXT,
    note TEXT,
    PRIMARY KEY (wave_id, position)
);

CREATE UNIQUE INDEX wave_items_of_biller ON wave_items (wave_id, bid);
CREATE INDEX wave_items_of_state ON wave_items (wave_id, state, position);
