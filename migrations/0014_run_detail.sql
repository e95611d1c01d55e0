-- What a run is to do where its kind alone does not say it, and what is known of moving billers' users.

-- JSON, typed by the run's kind.
ALTER TABLE runs ADD COLUMN detail TEXT;

-- One row for each biller of which something is known; no row means that nothing is.
CREATE TABLE user_moves (
    bid TEXT NOT NULL PRIMARY KEY REFERENCES billers (bid),
    state TEXT NOT NULL,
    -- Users to be moved.
    users BIGINT NOT NULL,
    -- Users that have been moved.
    moved BIGINT NOT NULL,
    changed_at BIGINT NOT NULL
);
