-- Measurements of calls to the vendor.

-- An hour of one operation by one source: the minutes in which something was called, as one short text
-- (`minute:outcome.calls,…;bucket.calls,…|…`). Minutes that are missing are unknown.
CREATE TABLE call_hours (
    operation TEXT NOT NULL,
    source TEXT NOT NULL,
    -- Whole hours since 1970, UTC.
    hour BIGINT NOT NULL,
    minutes TEXT NOT NULL,
    PRIMARY KEY (operation, source, hour)
);

CREATE INDEX call_hours_by_hour ON call_hours (hour);

-- The same, added up by day (UTC), so that a year is read as fast as a day.
CREATE TABLE call_days (
    operation TEXT NOT NULL,
    source TEXT NOT NULL,
    -- Whole days since 1970, UTC.
    day BIGINT NOT NULL,
    total TEXT NOT NULL,
    -- Minutes in which something was called.
    known BIGINT NOT NULL,
    PRIMARY KEY (operation, source, day)
);

CREATE INDEX call_days_by_day ON call_days (day);

-- Single calls that failed, with what the vendor's support asks for.
CREATE TABLE failed_calls (
    id TEXT NOT NULL PRIMARY KEY,
    at BIGINT NOT NULL,
    operation TEXT NOT NULL,
    source TEXT NOT NULL,
    outcome TEXT NOT NULL,
    status BIGINT,
    latency BIGINT NOT NULL,
    trace_id TEXT,
    correlation_id TEXT NOT NULL
);

CREATE INDEX failed_calls_by_time ON failed_calls (at, id);
CREATE INDEX failed_calls_of_operation ON failed_calls (operation, at, id);

INSERT INTO locks (name, taken) VALUES ('calls', 0);
