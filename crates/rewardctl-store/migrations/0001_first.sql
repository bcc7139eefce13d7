-- Rows are appended and keyed by content; results are never overwritten. Never edit this file: add another one.

CREATE TABLE items (
    seq      INTEGER PRIMARY KEY,
    id       BLOB NOT NULL UNIQUE,
    context  TEXT NOT NULL, -- JSON: prompt, reference, documents
    metadata TEXT NOT NULL  -- JSON object of the input's other fields, or empty
);

CREATE TABLE responses (
    seq       INTEGER PRIMARY KEY,
    id        BLOB NOT NULL UNIQUE,
    item      BLOB NOT NULL,
    text      TEXT NOT NULL,
    generator TEXT,
    role      TEXT
);
CREATE INDEX responses_of_item ON responses (item);

-- What the input files call a response: the row's id and the place in the row. The latest sighting counts.
CREATE TABLE names (
    name     TEXT NOT NULL,
    position INTEGER NOT NULL,
    response BLOB, -- NULL: one run used this name for different responses
    run      INTEGER NOT NULL,
    PRIMARY KEY (name, position)
) WITHOUT ROWID;

-- What one source of verdicts (the rules together, the text model, later one LLM call) said of one response.
CREATE TABLE verdicts (
    key       BLOB PRIMARY KEY,
    response  BLOB NOT NULL,
    source    TEXT NOT NULL,
    scored    INTEGER NOT NULL,
    abstained INTEGER NOT NULL,
    failed    INTEGER NOT NULL,
    body      BLOB NOT NULL -- JSON array of verdicts, zstd
);

CREATE TABLE rewards (
    response    BLOB NOT NULL,
    version     BLOB NOT NULL,
    reward      REAL, -- NULL: no reward, and why
    uncertainty REAL,
    no_reward   TEXT,
    body        BLOB NOT NULL, -- JSON: dimensions, weights used, parts of the uncertainty; zstd
    PRIMARY KEY (response, version)
) WITHOUT ROWID;

CREATE TABLE runs (
    id       INTEGER PRIMARY KEY,
    version  BLOB NOT NULL,
    panel    TEXT NOT NULL, -- JSON
    seed     INTEGER NOT NULL,
    inputs   TEXT NOT NULL, -- JSON array of file names
    started  TEXT NOT NULL, -- RFC 3339
    finished TEXT
);

-- The last row of a response is its route.
CREATE TABLE routes (
    seq      INTEGER PRIMARY KEY,
    response BLOB NOT NULL,
    version  BLOB NOT NULL,
    route    TEXT NOT NULL, -- accept or review
    reason   TEXT NOT NULL,
    run      INTEGER NOT NULL
);
CREATE INDEX routes_of_response ON routes (response, seq);

CREATE TABLE labels (
    seq       INTEGER PRIMARY KEY,
    item      BLOB NOT NULL,
    target    TEXT NOT NULL,
    annotator TEXT NOT NULL,
    body      TEXT NOT NULL, -- JSON
    imported  TEXT NOT NULL  -- RFC 3339
);
CREATE INDEX labels_of_item ON labels (item, seq);
CREATE INDEX labels_of_target ON labels (target, seq);

CREATE TABLE labelled_responses (
    response BLOB NOT NULL,
    label    INTEGER NOT NULL,
    PRIMARY KEY (response, label)
) WITHOUT ROWID;
