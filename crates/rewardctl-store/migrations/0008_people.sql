-- Who looked at what critics and others say of which task: whoever did answers it no more.
CREATE TABLE reveals (
    reviewer TEXT NOT NULL,
    work     INTEGER NOT NULL,
    at       INTEGER NOT NULL,
    PRIMARY KEY (reviewer, work)
) WITHOUT ROWID;

CREATE INDEX follow_ups_of_work ON follow_ups (work);

-- What was asked for under the key of a request, so that the same key with another body is refused; NULL for leases that
-- are older than this column.
ALTER TABLE grants ADD COLUMN fingerprint BLOB;

-- INSERT OR REPLACE removes rows without asking the triggers of DELETE.
CREATE TRIGGER decisions_are_new BEFORE INSERT ON decisions
WHEN EXISTS (SELECT 1 FROM decisions WHERE seq = new.seq)
  OR EXISTS (SELECT 1 FROM decisions WHERE undoes = new.undoes)
  OR EXISTS (SELECT 1 FROM decisions WHERE reviewer = new.reviewer AND request = new.request)
BEGIN SELECT RAISE(ABORT, 'decisions are only ever added'); END;
CREATE TRIGGER audit_is_new BEFORE INSERT ON audit
WHEN EXISTS (SELECT 1 FROM audit WHERE seq = new.seq)
BEGIN SELECT RAISE(ABORT, 'the audit log is only ever added to'); END;
