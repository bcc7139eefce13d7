-- The ledger of paid calls: what is about to be asked, each HTTP attempt before it leaves, and how it ended.
-- Rows are only ever added. Money is in nano-dollars; NULL means that nobody knows the price.

CREATE TABLE calls (
    seq      INTEGER PRIMARY KEY,
    key      BLOB NOT NULL UNIQUE, -- names the endpoint, the request and the number of the repetition
    purpose  TEXT NOT NULL,        -- critic, probe, sample or revise
    endpoint TEXT NOT NULL,
    model    TEXT NOT NULL,
    request  BLOB NOT NULL         -- the JSON that is sent, zstd
);

-- One row for each time that the request left this machine; it is on disk before the first byte leaves.
CREATE TABLE attempts (
    seq      INTEGER PRIMARY KEY,
    call     INTEGER NOT NULL, -- calls.seq
    number   INTEGER NOT NULL, -- from 1, over all runs
    reserved INTEGER,          -- the most that it is expected to cost
    sent     TEXT NOT NULL,    -- RFC 3339
    UNIQUE (call, number)
);

-- How an attempt ended. An attempt without a row here is in flight, or was when its run died.
CREATE TABLE attempt_ends (
    attempt       INTEGER PRIMARY KEY, -- attempts.seq
    state         TEXT NOT NULL,       -- done, failed, or unknown: nobody saw whether it was answered
    ended         TEXT NOT NULL,       -- RFC 3339
    status        INTEGER,             -- of HTTP
    reason        TEXT,                -- why there is no answer
    retryable     INTEGER NOT NULL,
    request_id    TEXT,                -- what the provider calls the request
    input_tokens  INTEGER,
    output_tokens INTEGER,
    cost          INTEGER,
    body          BLOB                 -- the reply as it came, zstd
);

-- The state of a call is the state of its last attempt.
CREATE VIEW call_states AS
SELECT calls.seq AS call,
       attempts.seq AS attempt,
       CASE WHEN attempts.seq IS NULL THEN 'planned' ELSE coalesce(attempt_ends.state, 'sent') END AS state
FROM calls
LEFT JOIN attempts ON attempts.call = calls.seq
    AND attempts.number = (SELECT max(number) FROM attempts AS other WHERE other.call = calls.seq)
LEFT JOIN attempt_ends ON attempt_ends.attempt = attempts.seq;
