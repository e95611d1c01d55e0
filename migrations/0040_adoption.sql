-- Who has signed in at SecureAuth, as its audit events tell: the first and the last time of each user.
CREATE TABLE user_sign_ins (
    bid TEXT NOT NULL,
    -- UUID at SecureAuth.
    user_id TEXT NOT NULL,
    first_at BIGINT NOT NULL,
    last_at BIGINT NOT NULL,
    PRIMARY KEY (bid, user_id)
);

-- How many users were moved on a day (UTC, days since 1970), less those removed again; and how many moved users signed
-- in for the first time. Kept beside the users, so that a curve costs the same however many there are.
CREATE TABLE adoption_days (
    bid TEXT NOT NULL,
    day BIGINT NOT NULL,
    moved BIGINT NOT NULL,
    signed_in BIGINT NOT NULL,
    PRIMARY KEY (bid, day)
);

INSERT INTO adoption_days (bid, day, moved, signed_in)
SELECT bid, stamp / 86400000000, COUNT(*), 0 FROM moved_users GROUP BY bid, stamp / 86400000000;

-- How far the audit events of a biller's organization are read. While a window is read its end and the event after
-- which the next page begins are kept.
CREATE TABLE sign_in_feeds (
    bid TEXT NOT NULL PRIMARY KEY,
    -- Everything before is read; NULL before the first reading is whole.
    read_to BIGINT,
    window_to BIGINT,
    after_event TEXT,
    -- When it was asked last, when it is to be asked again, and what kept the vendor from answering.
    at BIGINT NOT NULL,
    due BIGINT NOT NULL,
    why TEXT
);

CREATE INDEX sign_in_feeds_due ON sign_in_feeds (due);
