-- Changes of settings that a second person decides, and who changed what drifted.

CREATE TABLE setting_requests (
    id TEXT NOT NULL PRIMARY KEY,
    -- JSON: the proposed change, and what SecureAuth showed when it was asked for.
    body TEXT NOT NULL,
    reason TEXT NOT NULL,
    -- The actors as JSON.
    requested_by TEXT NOT NULL,
    requested_at BIGINT NOT NULL,
    state TEXT NOT NULL,
    reviewed_by TEXT,
    reviewed_at BIGINT,
    review TEXT
);

-- Few wait at any time: the overview and the settings pages look here.
CREATE INDEX setting_requests_waiting ON setting_requests (requested_at, id) WHERE state = 'waiting';

-- Which levels a request touches.
CREATE TABLE setting_request_levels (
    level TEXT NOT NULL,
    request_id TEXT NOT NULL REFERENCES setting_requests (id),
    PRIMARY KEY (level, request_id)
);

-- JSON: who changed the value at SecureAuth, as far as its audit events tell. Null: not asked yet.
ALTER TABLE drifts ADD COLUMN changed TEXT;
