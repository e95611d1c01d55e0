-- Reports of months that somebody took down, for good.

CREATE TABLE vendor_reports (
    -- 2026-10
    month TEXT NOT NULL,
    edition BIGINT NOT NULL,
    -- SHA-256 of the document, hex.
    digest TEXT NOT NULL,
    -- The very bytes: report, measurements and failed calls, as JSON.
    document TEXT NOT NULL,
    -- The report alone, as JSON: what a later edition is compared with.
    report TEXT NOT NULL,
    -- What changed since the edition before, a JSON list of texts.
    changes TEXT NOT NULL,
    -- The actor as JSON.
    taken_by TEXT NOT NULL,
    taken_at BIGINT NOT NULL,
    PRIMARY KEY (month, edition)
);
