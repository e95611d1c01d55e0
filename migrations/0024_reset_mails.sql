-- Reset e-mails to people who came without a password that SecureAuth could take.

-- One for each move.
CREATE TABLE reset_mailings (
    migration_id TEXT NOT NULL PRIMARY KEY REFERENCES user_migrations (id),
    bid TEXT NOT NULL,
    state TEXT NOT NULL,
    -- The day of the wave under way in the biller's zone, how many went out in it, and waves begun so far.
    wave_day TEXT,
    wave_sent BIGINT NOT NULL,
    waves BIGINT NOT NULL,
    -- Why it waits.
    why TEXT,
    started_by TEXT NOT NULL,
    started_at BIGINT NOT NULL,
    finished_at BIGINT
);

-- One for each person. Addresses stay at SecureAuth.
CREATE TABLE reset_mails (
    migration_id TEXT NOT NULL REFERENCES reset_mailings (migration_id),
    line BIGINT NOT NULL,
    user_id TEXT NOT NULL,
    state TEXT NOT NULL,
    sent_at BIGINT,
    -- When to look whether the person has set a password, and how often that was done.
    look_at BIGINT,
    looks BIGINT NOT NULL,
    problem TEXT,
    PRIMARY KEY (migration_id, line)
);

CREATE INDEX reset_mails_by_state ON reset_mails (migration_id, state, line);
CREATE INDEX reset_mails_to_look_at ON reset_mails (migration_id, state, look_at);

-- What comparing both sides found, as JSON; NULL before.
ALTER TABLE user_migrations ADD COLUMN comparison TEXT;
