-- Rewards in the order in which they came: kept by their key, which is a hash, every one dirtied a page of its own.
-- Never edit this file: add another one.

CREATE TABLE rewards_in_order (
    response    BLOB NOT NULL,
    version     BLOB NOT NULL,
    reward      REAL, -- NULL: no reward, and why
    uncertainty REAL,
    no_reward   TEXT,
    body        BLOB NOT NULL, -- JSON: dimensions, weights used, parts of the uncertainty; zstd
    PRIMARY KEY (response, version)
);
INSERT INTO rewards_in_order SELECT response, version, reward, uncertainty, no_reward, body FROM rewards;
DROP TABLE rewards;
ALTER TABLE rewards_in_order RENAME TO rewards;
