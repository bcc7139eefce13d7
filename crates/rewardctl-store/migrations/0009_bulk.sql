-- Whether somebody took the task out of the queue: what was answered elsewhere is not reopened by filters.
ALTER TABLE work ADD COLUMN by_hand INTEGER NOT NULL DEFAULT 0;
CREATE TRIGGER work_reopened AFTER UPDATE OF closed ON work WHEN new.closed IS NULL AND old.by_hand
BEGIN UPDATE work SET by_hand = 0 WHERE seq = new.seq; END;

-- What came of requests that changed many tasks, by their keys, so that the same request twice is one.
CREATE TABLE changes (
    actor       TEXT NOT NULL,
    request     TEXT NOT NULL, -- the idempotency key
    fingerprint BLOB NOT NULL, -- of what was asked, so that the same key with another body is refused
    answer      TEXT NOT NULL, -- JSON
    PRIMARY KEY (actor, request)
) WITHOUT ROWID;
