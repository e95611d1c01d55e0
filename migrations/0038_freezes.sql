-- Declared freezes of billers' users at IC: one a biller, the newest.

CREATE TABLE freezes (
    bid TEXT NOT NULL PRIMARY KEY REFERENCES billers (bid),
    from_at BIGINT NOT NULL,
    until_at BIGINT NOT NULL,
    -- The zone in which both were given.
    zone TEXT NOT NULL,
    declared_by TEXT NOT NULL,
    declared_at BIGINT NOT NULL,
    reason TEXT,
    -- The move whose delivery came in during the freeze; NULL while none was moved.
    delta TEXT
);
