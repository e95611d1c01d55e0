-- Launches from the CRM that were used: each opens one session, on whichever server it arrives.

CREATE TABLE used_launches (
    -- A hash of issuer and jti: what the CRM chose may be long, or hold anything.
    id TEXT NOT NULL PRIMARY KEY,
    -- From then on the token itself is refused as too old.
    expires_at BIGINT NOT NULL
);

CREATE INDEX used_launches_by_expiry ON used_launches (expires_at);
