-- A wave may begin for each biller at the same time of its own zone's clocks; without an instant a line is begun when its
-- turn comes.

ALTER TABLE wave_items ADD COLUMN due_at BIGINT;
