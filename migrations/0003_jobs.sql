-- Background work that outlives requests and processes.

CREATE TABLE jobs (
    id TEXT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    -- Goes up each time the job is taken, and so also tells one lease from the next.
    attempts BIGINT NOT NULL,
    -- When it may be taken: its time while it is free, the end of the lease while a worker holds it.
    due_at BIGINT NOT NULL,
    leased_by TEXT,
    -- Asked for again while a worker held it: what caused that may have come too late for the worker to see.
    again_at BIGINT,
    last_error TEXT
);

-- Asking for the same work twice makes one job.
CREATE UNIQUE INDEX jobs_of_subject ON jobs (kind, subject);
CREATE INDEX jobs_by_due ON jobs (due_at, id);
