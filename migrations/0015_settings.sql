-- Settings of billers at SecureAuth: what is wanted, what was read there, and changes that somebody proposed.

-- What is set, on three levels: "all", "tier:NAME", "biller:BID". No row: nothing was ever set there.
CREATE TABLE setting_values (
    layer TEXT NOT NULL,
    key TEXT NOT NULL,
    -- Canonical text; NULL goes back to what is inherited, and keeps who decided so.
    value TEXT,
    changed_at BIGINT NOT NULL,
    -- JSON of the actor.
    changed_by TEXT NOT NULL,
    reason TEXT,
    PRIMARY KEY (layer, key)
);

CREATE INDEX setting_values_of_key ON setting_values (key, layer);

-- What an object of a biller showed when it was last read.
CREATE TABLE settings_observed (
    bid TEXT NOT NULL REFERENCES billers (bid),
    scope TEXT NOT NULL,
    -- JSON: key to what was observed.
    observed TEXT NOT NULL,
    read_at BIGINT NOT NULL,
    PRIMARY KEY (bid, scope)
);

-- Changes that were proposed and are looked at before they are made. Nothing of them holds yet.
CREATE TABLE setting_proposals (
    id TEXT NOT NULL PRIMARY KEY,
    -- The actor's id; nobody else sees or confirms it.
    made_by TEXT NOT NULL,
    made_at BIGINT NOT NULL,
    -- JSON.
    body TEXT NOT NULL
);

CREATE INDEX setting_proposals_by_age ON setting_proposals (made_at);
