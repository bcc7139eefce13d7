-- The run that said it: where a response has several verdicts of one source, those of the reward's version are told by it.
-- NULL for verdicts that are older than this column.
ALTER TABLE verdicts ADD COLUMN run INTEGER;
