-- What the console saw when it last asked a biller's vanity domain itself: the vendor's contract tells neither whether
-- it answers nor when its certificate ends.

CREATE TABLE vanity_checks (
    bid TEXT NOT NULL PRIMARY KEY REFERENCES billers (bid),
    domain TEXT NOT NULL,
    checked_at BIGINT NOT NULL,
    -- The issuer that its discovery document names.
    issuer TEXT,
    -- When the certificate that it showed ends.
    certificate_until BIGINT,
    -- Why one of the two is missing, in words.
    problem TEXT
);
