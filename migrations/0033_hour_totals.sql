-- What happened in an hour added up, so that a range is compared with an earlier one without reading its minutes. Hours
-- that were written before have none; their minutes are added up when they are read.
ALTER TABLE call_hours ADD COLUMN total TEXT;
