-- What people are asked to do, who holds what, what they decided, and who they are. Times are milliseconds since 1970
-- by the clock of the machine that holds this file. Never edit this file: add another one.

CREATE TABLE users (
    name       TEXT PRIMARY KEY,
    role       TEXT NOT NULL,        -- viewer, reviewer, curator, admin or ingest
    token_id   TEXT NOT NULL UNIQUE, -- the public part of the token
    token_hash BLOB NOT NULL,        -- SHA-256 of the secret part, which is 256 random bits
    created    INTEGER NOT NULL,
    removed    INTEGER
) WITHOUT ROWID;

CREATE TABLE sessions (
    hash    BLOB PRIMARY KEY, -- SHA-256 of what the cookie holds
    user    TEXT NOT NULL,
    expires INTEGER NOT NULL
) WITHOUT ROWID;

-- A question that some people are to answer. A place of it is open, held (a row in `slots` that expires) or filled (a row
-- in `slots` with its decision).
CREATE TABLE work (
    seq        INTEGER PRIMARY KEY,
    source     TEXT NOT NULL UNIQUE, -- what it comes from, so that it comes once
    kind       TEXT NOT NULL,
    item       BLOB NOT NULL,
    responses  BLOB NOT NULL,        -- ids, one after the other
    dimension  TEXT,
    scale      TEXT NOT NULL,        -- JSON
    purpose    TEXT NOT NULL,        -- route, teach, calibrate, relabel, audit, added, gold or repeat
    reason     TEXT NOT NULL,
    tier       INTEGER NOT NULL,     -- lower comes first, then by place
    place      REAL NOT NULL,
    needed     INTEGER NOT NULL,
    open_slots INTEGER NOT NULL CHECK (open_slots >= 0),
    curator    INTEGER NOT NULL DEFAULT 0, -- whether only a curator may take what is open
    only_for   TEXT,                 -- the one person who may take it
    not_before INTEGER,              -- not before this many decisions were made by all
    shown      BLOB,                 -- the order in which it must be shown
    expected   TEXT,                 -- JSON: the known answer of a gold task
    repeats    INTEGER,              -- the decision whose question is asked again
    added      INTEGER NOT NULL,
    closed     INTEGER               -- answered elsewhere, or not needed any more
);
CREATE INDEX work_open ON work (tier, place, seq) WHERE open_slots > 0 AND closed IS NULL;
CREATE INDEX work_gold ON work (seq) WHERE purpose = 'gold';
CREATE INDEX work_of_item ON work (item);

-- Who holds or filled which place; the primary key gives nobody two places of one question.
CREATE TABLE slots (
    work     INTEGER NOT NULL,
    reviewer TEXT NOT NULL,
    token    INTEGER NOT NULL, -- grants.token: whoever comes with an older one was overtaken
    expires  INTEGER,          -- NULL: filled
    decision INTEGER,          -- decisions.seq; NULL: held
    PRIMARY KEY (work, reviewer)
) WITHOUT ROWID;
CREATE INDEX slots_held ON slots (expires) WHERE expires IS NOT NULL;
CREATE INDEX slots_of_reviewer ON slots (reviewer, token) WHERE expires IS NOT NULL;

-- Every lease that was ever granted, with the order in which the responses were shown.
CREATE TABLE grants (
    token    INTEGER PRIMARY KEY AUTOINCREMENT,
    work     INTEGER NOT NULL,
    reviewer TEXT NOT NULL,
    shown    BLOB NOT NULL,
    at       INTEGER NOT NULL,
    request  TEXT -- the idempotency key of the request
);
CREATE INDEX grants_of_request ON grants (reviewer, request) WHERE request IS NOT NULL;

-- Rows are only ever added; an undo is a row too.
CREATE TABLE decisions (
    seq         INTEGER PRIMARY KEY,
    work        INTEGER NOT NULL,
    token       INTEGER NOT NULL,
    reviewer    TEXT NOT NULL,
    kind        TEXT NOT NULL,
    body        TEXT NOT NULL,    -- JSON
    ends        INTEGER NOT NULL, -- whether it fills the place
    undoes      INTEGER UNIQUE,   -- the decision that it takes back
    elapsed     INTEGER,          -- milliseconds
    at          INTEGER NOT NULL,
    request     TEXT,
    fingerprint BLOB NOT NULL     -- of what was asked, so that the same request with another body is refused
);
CREATE UNIQUE INDEX decisions_of_request ON decisions (reviewer, request) WHERE request IS NOT NULL;
CREATE INDEX decisions_of_work ON decisions (work, seq);
CREATE INDEX decisions_of_reviewer ON decisions (reviewer, seq);
CREATE INDEX decisions_in_time ON decisions (reviewer, at, ends);
CREATE INDEX decisions_of_token ON decisions (token);
CREATE TRIGGER decisions_stay BEFORE DELETE ON decisions
BEGIN SELECT RAISE(ABORT, 'decisions are only ever added'); END;
CREATE TRIGGER decisions_are_final BEFORE UPDATE ON decisions
BEGIN SELECT RAISE(ABORT, 'decisions are only ever added'); END;

-- What a decision set going: one more person or a curator is asked.
CREATE TABLE follow_ups (
    decision INTEGER PRIMARY KEY, -- decisions.seq
    work     INTEGER NOT NULL,
    next     TEXT NOT NULL        -- ask_another, second_opinion or adjudicate
);

CREATE TABLE labels_of_decisions (
    decision INTEGER NOT NULL,
    label    INTEGER NOT NULL UNIQUE, -- labels.seq
    PRIMARY KEY (decision, label)
) WITHOUT ROWID;

-- Labels that were taken back stay, and count no more.
CREATE TABLE withdrawn_labels (
    label    INTEGER PRIMARY KEY, -- labels.seq
    decision INTEGER NOT NULL     -- the undo
);
CREATE VIEW labels_in_force AS
SELECT * FROM labels WHERE NOT EXISTS (SELECT 1 FROM withdrawn_labels WHERE withdrawn_labels.label = labels.seq);

-- Sums that are asked for all the time, kept by triggers: counting a million rows would take longer than a decision.
-- Gold tasks are open to everybody for ever, and counted nowhere.
CREATE TABLE work_totals (
    one       INTEGER PRIMARY KEY CHECK (one = 1),
    open      INTEGER NOT NULL, -- places that are neither held nor filled
    conflicts INTEGER NOT NULL, -- of these, for a curator
    decided   INTEGER NOT NULL,
    skipped   INTEGER NOT NULL,
    labels    INTEGER NOT NULL  -- in force
);
INSERT INTO work_totals SELECT 1, 0, 0, 0, 0, count(*) FROM labels;
CREATE TRIGGER work_added AFTER INSERT ON work WHEN new.purpose <> 'gold'
BEGIN
    UPDATE work_totals SET
        open = open + new.open_slots * (new.closed IS NULL),
        conflicts = conflicts + new.open_slots * new.curator * (new.closed IS NULL);
END;
CREATE TRIGGER work_changed AFTER UPDATE OF open_slots, curator, closed ON work WHEN new.purpose <> 'gold'
BEGIN
    UPDATE work_totals SET
        open = open + new.open_slots * (new.closed IS NULL) - old.open_slots * (old.closed IS NULL),
        conflicts = conflicts + new.open_slots * new.curator * (new.closed IS NULL)
                              - old.open_slots * old.curator * (old.closed IS NULL);
END;
CREATE TRIGGER decisions_added AFTER INSERT ON decisions WHEN new.undoes IS NULL
BEGIN
    UPDATE work_totals SET decided = decided + new.ends, skipped = skipped + (new.kind = 'skip');
END;
CREATE TRIGGER decisions_undone AFTER INSERT ON decisions WHEN new.undoes IS NOT NULL
BEGIN
    UPDATE work_totals SET
        decided = decided - (SELECT ends FROM decisions WHERE seq = new.undoes),
        skipped = skipped - (SELECT kind = 'skip' FROM decisions WHERE seq = new.undoes);
END;
CREATE TRIGGER labels_added AFTER INSERT ON labels
BEGIN UPDATE work_totals SET labels = labels + 1; END;
CREATE TRIGGER labels_withdrawn AFTER INSERT ON withdrawn_labels
BEGIN UPDATE work_totals SET labels = labels - 1; END;

-- What somebody has typed and not yet decided.
CREATE TABLE drafts (
    reviewer TEXT NOT NULL,
    work     INTEGER NOT NULL,
    body     TEXT NOT NULL,
    at       INTEGER NOT NULL,
    PRIMARY KEY (reviewer, work)
) WITHOUT ROWID;

-- How far `work` has been filled from routes, tasks and labels.
CREATE TABLE work_marks (
    name TEXT PRIMARY KEY,
    seq  INTEGER NOT NULL
) WITHOUT ROWID;

-- Who did what: a chain of hashes.
CREATE TABLE audit (
    seq    INTEGER PRIMARY KEY,
    at     INTEGER NOT NULL,
    actor  TEXT NOT NULL,
    action TEXT NOT NULL,
    body   TEXT NOT NULL, -- JSON
    hash   BLOB NOT NULL
);
CREATE TRIGGER audit_stays BEFORE DELETE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit log is only ever added to'); END;
CREATE TRIGGER audit_is_final BEFORE UPDATE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit log is only ever added to'); END;
