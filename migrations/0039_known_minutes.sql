-- Which minutes of a day are known, not only how many: two operations that were called at different times know more
-- together than the busier one alone. One bit for each minute, as hexadecimal words. Days that were written before have
-- none; their minutes are read from their hours.
ALTER TABLE call_days ADD COLUMN minutes TEXT;

ALTER TABLE call_days DROP COLUMN known;
