-- Outbound events and their deliveries: the outbox.

CREATE TABLE events (
    id TEXT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    bid TEXT NOT NULL REFERENCES billers (bid),
    -- Kept as sent: every attempt sends the same bytes.
    body TEXT NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE TABLE deliveries (
    id TEXT NOT NULL PRIMARY KEY,
    event_id TEXT NOT NULL REFERENCES events (id),
    kind TEXT NOT NULL,
    bid TEXT NOT NULL,
    endpoint TEXT NOT NULL,
    state TEXT NOT NULL,
    attempts BIGINT NOT NULL,
    next_at BIGINT,
    last_status BIGINT,
    last_error TEXT,
    created_at BIGINT NOT NULL,
    delivered_at BIGINT
);

CREATE INDEX deliveries_by_time ON deliveries (created_at, id);
CREATE INDEX deliveries_of_state ON deliveries (state, created_at, id);
CREATE INDEX deliveries_of_biller ON deliveries (bid, created_at, id);
