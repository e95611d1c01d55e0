-- Sessions people can see and end: who, by which way in, with which browser, since when, last when.

-- What was kept before is keyed by the id itself; from now on only its hash is kept, so that whoever reads the
-- database cannot use it. Everybody signs in once more.
DROP TABLE sessions;

CREATE TABLE sessions (
    -- SHA-256 of the id in the cookie, in hex.
    key TEXT NOT NULL PRIMARY KEY,
    data TEXT NOT NULL,
    opened_at BIGINT NOT NULL,
    used_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    -- Nobody is signed in where these are absent.
    person_id TEXT,
    person_name TEXT,
    means TEXT,
    browser TEXT
);

CREATE INDEX sessions_by_expiry ON sessions (expires_at);
CREATE INDEX sessions_by_person ON sessions (person_id, used_at);
