-- The three use cases: what is chosen, what is in effect, who changed what; and emergencies.

-- How far a biller is for each use case; null while it is not enabled. Kept, so that lists filter by it.
ALTER TABLE billers ADD COLUMN user_hosting TEXT;
ALTER TABLE billers ADD COLUMN delegated_login TEXT;
ALTER TABLE billers ADD COLUMN hosted_login TEXT;

CREATE INDEX billers_of_user_hosting_by_name ON billers (user_hosting, name_key, bid) WHERE user_hosting IS NOT NULL;
CREATE INDEX billers_of_delegated_login_by_name ON billers (delegated_login, name_key, bid) WHERE delegated_login IS NOT NULL;
CREATE INDEX billers_of_hosted_login_by_name ON billers (hosted_login, name_key, bid) WHERE hosted_login IS NOT NULL;

UPDATE billers SET user_hosting = CASE
    WHEN status <> 'enabled' THEN 'suspended'
    WHEN open_run IS NOT NULL THEN 'busy'
    ELSE 'ready' END
WHERE status IN ('enabled', 'suspending', 'suspended', 'resuming');

UPDATE billers SET delegated_login = CASE
    WHEN user_hosting <> 'ready' THEN user_hosting
    WHEN EXISTS (SELECT 1 FROM user_moves m WHERE m.bid = billers.bid AND m.state IN ('moved', 'nothing_to_move')) THEN 'ready'
    ELSE 'users_not_moved' END
WHERE user_hosting IS NOT NULL;

UPDATE billers SET hosted_login = delegated_login WHERE user_hosting IS NOT NULL;

INSERT INTO counters (scope, name, n)
SELECT 'user_hosting', user_hosting, COUNT(*) FROM billers WHERE user_hosting IS NOT NULL GROUP BY user_hosting;
INSERT INTO counters (scope, name, n)
SELECT 'delegated_login', delegated_login, COUNT(*) FROM billers WHERE delegated_login IS NOT NULL GROUP BY delegated_login;
INSERT INTO counters (scope, name, n)
SELECT 'hosted_login', hosted_login, COUNT(*) FROM billers WHERE hosted_login IS NOT NULL GROUP BY hosted_login;

-- What is chosen on each level: 'biller' with its bid, 'tier' with its name, 'everyone' with an empty subject.
CREATE TABLE use_case_choices (
    level TEXT NOT NULL,
    subject TEXT NOT NULL,
    -- JSON.
    choices TEXT NOT NULL,
    -- The actor as JSON.
    changed_by TEXT NOT NULL,
    changed_at BIGINT NOT NULL,
    PRIMARY KEY (level, subject)
);

-- What is in effect, as the last run that proved it left it; no row means that nothing ever was.
CREATE TABLE use_case_effects (
    bid TEXT NOT NULL PRIMARY KEY REFERENCES billers (bid),
    -- JSON.
    in_effect TEXT NOT NULL,
    -- Hosted login was on at least once: from then on it decides where the login URL leads.
    governs_login BOOLEAN NOT NULL,
    run_id TEXT NOT NULL REFERENCES runs (id),
    changed_at BIGINT NOT NULL
);

CREATE TABLE use_case_changes (
    id TEXT NOT NULL PRIMARY KEY,
    bid TEXT NOT NULL REFERENCES billers (bid),
    cause TEXT NOT NULL,
    -- The actor as JSON.
    changed_by TEXT NOT NULL,
    reason TEXT,
    -- The run that brings it about; null where nothing had to be.
    run_id TEXT,
    -- What was and is chosen for the biller, as JSON.
    choices_before TEXT NOT NULL,
    choices_after TEXT NOT NULL,
    -- What was in effect and what was to be, as JSON.
    effect_before TEXT NOT NULL,
    effect_after TEXT NOT NULL,
    changed_at BIGINT NOT NULL
);

CREATE INDEX use_case_changes_of_biller ON use_case_changes (bid, changed_at, id);

-- Sign-ins sent to the legacy page at once: of one biller, or of everyone where the bid is null.
CREATE TABLE emergencies (
    id TEXT NOT NULL PRIMARY KEY,
    bid TEXT REFERENCES billers (bid),
    state TEXT NOT NULL,
    reason TEXT NOT NULL,
    -- The actors as JSON.
    started_by TEXT NOT NULL,
    started_at BIGINT NOT NULL,
    reviewed_by TEXT,
    reviewed_at BIGINT,
    review TEXT,
    lifted_by TEXT,
    lifted_at BIGINT
);

-- Few at any time: every opened login URL looks here.
CREATE INDEX emergencies_that_hold ON emergencies (bid, started_at) WHERE state <> 'lifted';
CREATE INDEX emergencies_by_time ON emergencies (started_at, id);

-- What a wave does, as JSON; null enables. The first lines are the pilot, the others follow in stages of this
-- size (0: all at once). Only lines before the mark may be started.
ALTER TABLE waves ADD COLUMN action TEXT;
ALTER TABLE waves ADD COLUMN pilot BIGINT NOT NULL DEFAULT 0;
ALTER TABLE waves ADD COLUMN stage BIGINT NOT NULL DEFAULT 0;
ALTER TABLE waves ADD COLUMN released BIGINT;
