-- A host name leads to one biller: of two that ask for the same at the same moment one is refused.

CREATE UNIQUE INDEX setting_values_one_host ON setting_values (value) WHERE key = 'vanity_domain.host' AND value <> '';

-- Who has a host name at SecureAuth: looked up when another biller asks for it.
CREATE INDEX settings_observed_hosts ON settings_observed (observed) WHERE scope = 'vanity_domain';
