-- Uploaded files of billers, between upload and apply.

CREATE TABLE imports (
    id TEXT NOT NULL PRIMARY KEY,
    file_name TEXT NOT NULL,
    state TEXT NOT NULL,
    good BIGINT NOT NULL,
    bad BIGINT NOT NULL,
    -- What applying would do, found out when the file was checked.
    new_rows BIGINT NOT NULL,
    changed_rows BIGINT NOT NULL,
    unchanged_rows BIGINT NOT NULL,
    file_error TEXT,
    -- Names as a JSON array.
    ignored_columns TEXT NOT NULL,
    -- The actor as JSON.
    created_by TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    applied_at BIGINT
);

CREATE INDEX imports_by_time ON imports (created_at, id);

CREATE TABLE import_rows (
    import_id TEXT NOT NULL REFERENCES imports (id),
    line BIGINT NOT NULL,
    bid TEXT NOT NULL,
    name TEXT NOT NULL,
    state TEXT,
    ownership TEXT,
    customers BIGINT,
    tier TEXT,
    time_zone TEXT,
    PRIMARY KEY (import_id, line)
);

-- A bid stands in a file once.
CREATE UNIQUE INDEX import_rows_of_biller ON import_rows (import_id, bid);

CREATE TABLE import_errors (
    import_id TEXT NOT NULL REFERENCES imports (id),
    line BIGINT NOT NULL,
    position BIGINT NOT NULL,
    field TEXT,
    problem TEXT NOT NULL,
    cure TEXT NOT NULL,
    PRIMARY KEY (import_id, line, position)
);
