SELECT calls.seq, calls.key, calls.purpose, calls.endpoint, calls.model, call_states.state,
       (SELECT count(*) FROM attempts WHERE attempts.call = calls.seq) AS attempts
FROM calls
JOIN call_states ON call_states.call = calls.seq
WHERE (?1 IS NULL OR call_states.state = ?1)
  AND (?2 IS NULL OR calls.purpose = ?2)
  AND calls.seq > ?3
ORDER BY calls.seq DESC
LIMIT ?4
