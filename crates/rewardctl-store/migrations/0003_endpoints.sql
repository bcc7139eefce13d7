-- What a project knows of the endpoints that it asks. Never edit this file: add another one.

CREATE TABLE dialects (
    endpoint TEXT PRIMARY KEY, -- address and model
    body     TEXT NOT NULL     -- JSON: what the endpoint can do
) WITHOUT ROWID;

-- Random bytes that nobody outside the project knows, such as the key of the fences around judged text.
CREATE TABLE secrets (
    name  TEXT PRIMARY KEY,
    value BLOB NOT NULL
) WITHOUT ROWID;
