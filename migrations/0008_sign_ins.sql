-- Sessions of the console, sign-ins started at login URLs, and what is known of billers' users.

CREATE TABLE sessions (
    id TEXT NOT NULL PRIMARY KEY,
    data TEXT NOT NULL,
    expires_at BIGINT NOT NULL
);

CREATE INDEX sessions_by_expiry ON sessions (expires_at);

CREATE TABLE login_attempts (
    -- The state parameter of the authorization request.
    state TEXT NOT NULL PRIMARY KEY,
    bid TEXT NOT NULL REFERENCES billers (bid),
    code_verifier TEXT NOT NULL,
    nonce TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    redeemed_at BIGINT
);

CREATE INDEX login_attempts_of_biller ON login_attempts (bid, created_at);
CREATE INDEX login_attempts_by_time ON login_attempts (created_at);

CREATE TABLE biller_users (
    bid TEXT NOT NULL REFERENCES billers (bid),
    user_ref TEXT NOT NULL,
    legacy_password TEXT NOT NULL,
    PRIMARY KEY (bid, user_ref)
);
