-- What the vendor's licence and its own analytics say, one row for each day (UTC, days since 1970).

CREATE TABLE licence_days (
    day BIGINT NOT NULL PRIMARY KEY,
    -- When it was read last on that day.
    at BIGINT NOT NULL,
    starts BIGINT,
    ends BIGINT,
    enforced BOOLEAN,
    tokens_limit BIGINT,
    tokens_used BIGINT,
    providers_limit BIGINT,
    providers_used BIGINT,
    users BIGINT
);

-- How the vendor itself measured the requests it served, by its own name of the API. Microseconds.
CREATE TABLE vendor_days (
    day BIGINT NOT NULL,
    api TEXT NOT NULL,
    requests BIGINT,
    p50 BIGINT,
    p95 BIGINT,
    p99 BIGINT,
    PRIMARY KEY (day, api)
);

-- Sign-ins at a biller by day, as the vendor counts them. A day without any has no row.
CREATE TABLE sign_in_days (
    bid TEXT NOT NULL,
    day BIGINT NOT NULL,
    succeeded BIGINT NOT NULL,
    failed BIGINT NOT NULL,
    PRIMARY KEY (bid, day)
);

CREATE INDEX sign_in_days_by_day ON sign_in_days (day, bid);

-- What was read when, and what kept the vendor from answering. The subject is `licence`, `figures` or a bid.
CREATE TABLE vendor_reads (
    subject TEXT NOT NULL PRIMARY KEY,
    at BIGINT NOT NULL,
    -- When it is to be read again.
    due BIGINT NOT NULL,
    why TEXT
);
