-- What applications were given at SecureAuth. The configuration may change afterwards; what was written stays true.

-- Of an application: redirect URIs, scopes and client proof as written, as JSON. Null for other objects, and for
-- applications written before this column was there.
ALTER TABLE vendor_objects ADD COLUMN oidc TEXT;

-- Of an application: when a secret of it was last made and shown. The secret itself is kept nowhere.
ALTER TABLE vendor_objects ADD COLUMN secret_made_at BIGINT;

-- Where this sign-in comes back: the code is exchanged with the very same address. Null for sign-ins that were
-- under way when this column came.
ALTER TABLE login_attempts ADD COLUMN redirect_uri TEXT;
