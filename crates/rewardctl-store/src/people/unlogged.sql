-- The first decision that the log does not tell as it is kept, and the first that the log tells and that is not kept.
WITH logged AS MATERIALIZED (
    SELECT seq, at, actor, action = 'undo' AS undoes, json_extract(body, '$.decision') AS decision,
           json_extract(body, '$.answer') AS answer
    FROM audit WHERE action = 'undo' OR action LIKE 'decide.%'
),
kept AS MATERIALIZED (
    SELECT seq, at, reviewer, undoes IS NOT NULL AS undoes, coalesce(undoes, seq) AS decision,
           CASE WHEN undoes IS NULL THEN json_extract(body, '$') END AS answer
    FROM decisions
)
SELECT
    (SELECT min(kept.seq) FROM kept LEFT JOIN logged
     ON logged.decision = kept.decision AND logged.undoes = kept.undoes AND logged.actor = kept.reviewer
        AND logged.at = kept.at AND logged.answer IS kept.answer
     WHERE logged.seq IS NULL) AS unlogged,
    (SELECT min(logged.seq) FROM logged LEFT JOIN kept
     ON kept.decision = logged.decision AND kept.undoes = logged.undoes
     WHERE kept.seq IS NULL) AS unkept,
    EXISTS (SELECT 1 FROM decisions) OR EXISTS (SELECT 1 FROM users)
        OR EXISTS (SELECT 1 FROM work WHERE purpose IN ('added', 'gold')) AS is_used
