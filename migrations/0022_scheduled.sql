-- Changes of use cases that wait for their time, telling of emergencies, and test sign-ins.

CREATE TABLE scheduled_changes (
    id TEXT NOT NULL PRIMARY KEY,
    bid TEXT NOT NULL REFERENCES billers (bid),
    state TEXT NOT NULL,
    due_at BIGINT NOT NULL,
    -- The zone in which the time was given, an IANA name.
    time_zone TEXT NOT NULL,
    -- What was chosen when it was asked for, and what is to be chosen, as JSON.
    choices_before TEXT NOT NULL,
    choices_after TEXT NOT NULL,
    -- What was in effect then, and what is to be, as JSON.
    effect_before TEXT NOT NULL,
    effect_after TEXT NOT NULL,
    reason TEXT,
    -- The actors as JSON.
    asked_by TEXT NOT NULL,
    asked_at BIGINT NOT NULL,
    withdrawn_by TEXT,
    ended_at BIGINT,
    -- Why it was not applied.
    outcome TEXT,
    -- The run that it began.
    run_id TEXT
);

-- One at a time: a second one would be about a state that the first one changes.
CREATE UNIQUE INDEX scheduled_changes_waiting ON scheduled_changes (bid) WHERE state = 'waiting';
CREATE INDEX scheduled_changes_of_biller ON scheduled_changes (bid, asked_at, id);

-- When a wave is to begin, and the zone in which that was given; null for at once.
ALTER TABLE waves ADD COLUMN starts_at BIGINT;
ALTER TABLE waves ADD COLUMN time_zone TEXT;

-- Everyone's emergency is told of biller by biller, some at a time: what is being told ('held' or 'lifted'), and the
-- last biller of whom it was.
ALTER TABLE emergencies ADD COLUMN telling TEXT;
ALTER TABLE emergencies ADD COLUMN told_until TEXT;

CREATE TABLE test_sign_ins (
    id TEXT NOT NULL PRIMARY KEY,
    bid TEXT NOT NULL REFERENCES billers (bid),
    state TEXT NOT NULL,
    -- The actor as JSON.
    started_by TEXT NOT NULL,
    started_at BIGINT NOT NULL,
    finished_at BIGINT,
    -- The application made for it at SecureAuth; null once it is deleted again.
    client_id TEXT,
    -- Of the authorization request; null once it came back.
    login_state TEXT,
    code_verifier TEXT,
    nonce TEXT,
    -- Hops, claims and failure as JSON.
    report TEXT NOT NULL
);

CREATE UNIQUE INDEX test_sign_ins_by_state ON test_sign_ins (login_state);
CREATE INDEX test_sign_ins_of_biller ON test_sign_ins (bid, started_at, id);
