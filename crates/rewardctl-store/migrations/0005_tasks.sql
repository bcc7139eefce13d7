-- Pairs of responses that people are asked to compare, in the order in which they were planned.
-- Never edit this file: add another one.

CREATE TABLE tasks (
    seq         INTEGER PRIMARY KEY,
    item        BLOB NOT NULL,
    a           BLOB NOT NULL, -- of the two responses the one with the smaller id
    b           BLOB NOT NULL,
    purpose     TEXT NOT NULL, -- teach, calibrate, relabel or audit
    reason      TEXT NOT NULL,
    after_label INTEGER NOT NULL, -- the last label when the task was planned: only a later one answers it
    planned     TEXT NOT NULL     -- RFC 3339
);
CREATE INDEX tasks_of_pair ON tasks (a, b);
