-- The issuer at which a sign-in was started: its tokens name this one, even where another is in effect when they come.

ALTER TABLE login_attempts ADD COLUMN issuer TEXT;
