-- Portfolios: the groups of billers that account managers look after. Whoever is limited to one sees no other biller.

-- As the CRM names it. Null for a biller in none, which people without that limit look after.
ALTER TABLE billers ADD COLUMN portfolio TEXT;

-- One for each sort order, as for every other filter.
CREATE INDEX billers_of_portfolio_by_name ON billers (portfolio, name_key, bid);
CREATE INDEX billers_of_portfolio_by_bid ON billers (portfolio, bid);
CREATE INDEX billers_of_portfolio_by_customers ON billers (portfolio, customers, bid);
CREATE INDEX billers_of_portfolio_by_change ON billers (portfolio, status_since, bid);

-- Holds all that is counted within a portfolio, so that counting reads this index and nothing else.
CREATE INDEX billers_of_portfolio_counted ON billers (portfolio, status, attention, state, ownership, tier);

-- Null when the file says nothing of portfolios, and the biller stays where it is; empty when it is to be in none.
ALTER TABLE import_rows ADD COLUMN portfolio TEXT;

-- From the billers of a portfolio to the waves they were in.
CREATE INDEX wave_items_by_biller ON wave_items (bid, wave_id);
