-- Billers, how they are found, and how many there are.
--
-- Rules of this folder: forward only; one column a line; TEXT, BIGINT, DOUBLE PRECISION and BOOLEAN only, so that
-- every file runs on SQLite and on PostgreSQL (where every TEXT gets COLLATE "C" when it is applied: text is
-- compared byte by byte on both). Instants are microseconds since 1970, UTC. Rows of ours have UUIDs as text.

CREATE TABLE billers (
    bid TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    -- The name folded in the program, for sorting: no case, accents or punctuation.
    name_key TEXT NOT NULL,
    state TEXT,
    ownership TEXT,
    customers BIGINT,
    tier TEXT,
    time_zone TEXT,
    status TEXT NOT NULL,
    status_since BIGINT NOT NULL,
    -- Chosen once and kept for ever: people bookmark it.
    slug TEXT,
    login_route TEXT NOT NULL,
    issuer TEXT,
    go_live TEXT,
    open_run TEXT,
    -- The open run has failed and waits for a decision.
    attention BOOLEAN NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    version BIGINT NOT NULL
);

CREATE UNIQUE INDEX billers_by_slug ON billers (slug);

-- One index per sort order, with the bid to break ties: a page of the list is a range of it. Sorting by bid is
-- the primary key's order.
CREATE INDEX billers_by_name ON billers (name_key, bid);
CREATE INDEX billers_by_customers ON billers (customers, bid);
CREATE INDEX billers_by_change ON billers (status_since, bid);

-- The same for each filter, so that a page of a filtered list is a range, too, however rare the value is.
CREATE INDEX billers_of_status_by_name ON billers (status, name_key, bid);
CREATE INDEX billers_of_status_by_bid ON billers (status, bid);
CREATE INDEX billers_of_status_by_customers ON billers (status, customers, bid);
CREATE INDEX billers_of_status_by_change ON billers (status, status_since, bid);
CREATE INDEX billers_of_state_by_name ON billers (state, name_key, bid);
CREATE INDEX billers_of_state_by_bid ON billers (state, bid);
CREATE INDEX billers_of_state_by_customers ON billers (state, customers, bid);
CREATE INDEX billers_of_state_by_change ON billers (state, status_since, bid);
CREATE INDEX billers_of_ownership_by_name ON billers (ownership, name_key, bid);
CREATE INDEX billers_of_ownership_by_bid ON billers (ownership, bid);
CREATE INDEX billers_of_ownership_by_customers ON billers (ownership, customers, bid);
CREATE INDEX billers_of_ownership_by_change ON billers (ownership, status_since, bid);
CREATE INDEX billers_of_tier_by_name ON billers (tier, name_key, bid);
CREATE INDEX billers_of_tier_by_bid ON billers (tier, bid);
CREATE INDEX billers_of_tier_by_customers ON billers (tier, customers, bid);
CREATE INDEX billers_of_tier_by_change ON billers (tier, status_since, bid);

-- Few at any time, so these cost next to nothing.
CREATE INDEX billers_in_need_by_name ON billers (name_key, bid) WHERE attention;
CREATE INDEX billers_in_need_by_bid ON billers (bid) WHERE attention;
CREATE INDEX billers_in_need_by_customers ON billers (customers, bid) WHERE attention;
CREATE INDEX billers_in_need_by_change ON billers (status_since, bid) WHERE attention;

-- The words under which a biller is found, folded: a prefix is a range of them.
CREATE TABLE biller_terms (
    term TEXT NOT NULL,
    bid TEXT NOT NULL REFERENCES billers (bid),
    PRIMARY KEY (term, bid)
);

CREATE INDEX biller_terms_of_biller ON biller_terms (bid, term);

-- Numbers that pages show, kept in the commits that change them.
CREATE TABLE counters (
    scope TEXT NOT NULL,
    name TEXT NOT NULL,
    n BIGINT NOT NULL,
    PRIMARY KEY (scope, name)
);

-- A row to lock for writers that must go one after the other.
CREATE TABLE locks (
    name TEXT NOT NULL PRIMARY KEY,
    taken BIGINT NOT NULL
);

INSERT INTO locks (name, taken) VALUES ('billers', 0);
