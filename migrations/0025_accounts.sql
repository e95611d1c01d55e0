-- Accounts after the move: each user as IC says it and as SecureAuth has it, how users are found, and changes on
-- their way to SecureAuth.

CREATE TABLE accounts (
    bid TEXT NOT NULL REFERENCES billers (bid),
    -- IC's id of the user.
    reference TEXT NOT NULL,
    -- UUIDs at SecureAuth: the user, and its records as one text.
    user_id TEXT NOT NULL,
    record_ids TEXT NOT NULL,
    origin TEXT NOT NULL,
    -- What IC says, as JSON; NULL where IC does not know the user.
    ic TEXT,
    -- IC's number of its last change, a keyed hash of it, and when it came in.
    ic_version BIGINT,
    ic_digest TEXT,
    ic_at BIGINT,
    -- What SecureAuth has, as JSON; NULL where it does not have the user. When it was read.
    vendor TEXT,
    vendor_at BIGINT,
    -- What a person decided here, whatever IC says.
    hold TEXT,
    -- The status at SecureAuth, or that the user is not there.
    standing TEXT NOT NULL,
    differs BOOLEAN NOT NULL,
    -- The name folded in the program, for sorting.
    sort_key TEXT NOT NULL,
    -- When the password that we sent last was set at IC.
    password_at BIGINT,
    created_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    version BIGINT NOT NULL,
    PRIMARY KEY (bid, reference)
);

CREATE UNIQUE INDEX accounts_of_user ON accounts (bid, user_id);
-- A page of the list is a range of one of these.
CREATE INDEX accounts_by_name ON accounts (bid, sort_key, reference);
CREATE INDEX accounts_of_standing_by_name ON accounts (bid, standing, sort_key, reference);
CREATE INDEX accounts_that_differ_by_name ON accounts (bid, sort_key, reference) WHERE differs;

-- The terms under which a user is found, folded: a prefix is a range of them.
CREATE TABLE account_terms (
    bid TEXT NOT NULL,
    term TEXT NOT NULL,
    reference TEXT NOT NULL,
    PRIMARY KEY (bid, term, reference)
);

-- What is still to be done at SecureAuth: one row a user, so that what is newer takes the place of what is older.
CREATE TABLE account_changes (
    bid TEXT NOT NULL,
    reference TEXT NOT NULL,
    state TEXT NOT NULL,
    -- What SecureAuth should have, as JSON.
    wanted TEXT NOT NULL,
    -- A password's hash, encrypted; erased with the row.
    password TEXT,
    password_at BIGINT,
    -- Whether the person has to be signed out everywhere.
    revoke BOOLEAN NOT NULL,
    -- Counts what took the place of what.
    revision BIGINT NOT NULL,
    attempts BIGINT NOT NULL,
    -- Since when SecureAuth is behind.
    since BIGINT NOT NULL,
    next_at BIGINT NOT NULL,
    cause TEXT,
    last_error TEXT,
    -- Who asked last, as JSON.
    actor TEXT NOT NULL,
    PRIMARY KEY (bid, reference),
    FOREIGN KEY (bid, reference) REFERENCES accounts (bid, reference)
);

CREATE INDEX account_changes_due ON account_changes (bid, state, next_at);
CREATE INDEX account_changes_by_age ON account_changes (state, since, bid, reference);

-- Who may look at whose personal data, until when.
CREATE TABLE account_reveals (
    actor TEXT NOT NULL,
    bid TEXT NOT NULL,
    user_id TEXT NOT NULL,
    until BIGINT NOT NULL,
    PRIMARY KEY (actor, bid, user_id)
);

CREATE INDEX account_reveals_by_end ON account_reveals (until);
