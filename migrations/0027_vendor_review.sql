-- What the vendor promised, what is left out, what went wrong, and who was told.

CREATE TABLE objectives (
    id TEXT NOT NULL PRIMARY KEY,
    -- JSON.
    objective TEXT NOT NULL,
    changed_at BIGINT NOT NULL,
    -- Taken back then.
    retired_at BIGINT
);

CREATE TABLE maintenance (
    id TEXT NOT NULL PRIMARY KEY,
    whose TEXT NOT NULL,
    begins BIGINT NOT NULL,
    ends BIGINT NOT NULL,
    note TEXT NOT NULL,
    state TEXT NOT NULL,
    -- Actors as JSON.
    proposed_by TEXT NOT NULL,
    proposed_at BIGINT NOT NULL,
    reviewed_by TEXT,
    reviewed_at BIGINT,
    review TEXT
);

CREATE INDEX maintenance_by_time ON maintenance (begins, id);

CREATE TABLE incidents (
    id TEXT NOT NULL PRIMARY KEY,
    title TEXT NOT NULL,
    -- The group of operations; null is none in particular.
    operations TEXT,
    state TEXT NOT NULL,
    began BIGINT NOT NULL,
    ended BIGINT,
    -- The actor as JSON; null is the rule.
    opened_by TEXT,
    -- What people know of it, as JSON.
    facts TEXT NOT NULL,
    version BIGINT NOT NULL
);

CREATE INDEX incidents_by_time ON incidents (began, id);
-- The rule opens one of each group at most.
CREATE UNIQUE INDEX incidents_open_by_rule ON incidents (operations) WHERE state = 'open' AND opened_by IS NULL;

CREATE TABLE incident_notes (
    incident TEXT NOT NULL REFERENCES incidents (id),
    place BIGINT NOT NULL,
    at BIGINT NOT NULL,
    -- The actor as JSON; null is the rule.
    noted_by TEXT,
    note TEXT NOT NULL,
    PRIMARY KEY (incident, place)
);

CREATE TABLE alerts (
    id TEXT NOT NULL PRIMARY KEY,
    subject TEXT NOT NULL,
    state TEXT NOT NULL,
    note TEXT NOT NULL,
    began BIGINT NOT NULL,
    ended BIGINT
);

CREATE INDEX alerts_by_time ON alerts (began, id);
-- Of each subject one is open at most: whoever was told is not told again.
CREATE UNIQUE INDEX alerts_firing ON alerts (subject) WHERE state = 'firing';

-- One message to one receiver: that it began, or that it is over.
CREATE TABLE alert_messages (
    id TEXT NOT NULL PRIMARY KEY,
    alert TEXT NOT NULL REFERENCES alerts (id),
    tells TEXT NOT NULL,
    receiver TEXT NOT NULL,
    state TEXT NOT NULL,
    attempts BIGINT NOT NULL,
    next_at BIGINT,
    last_error TEXT,
    delivered_at BIGINT
);

CREATE INDEX alert_messages_of_alert ON alert_messages (alert, id);

INSERT INTO locks (name, taken) VALUES ('watch', 0);
