SELECT purpose, endpoint, model,
       sum(state = 'planned') AS planned,
       sum(state = 'sent') AS sent,
       sum(state = 'done') AS done,
       sum(state = 'failed') AS failed,
       sum(state = 'unknown') AS unknown
FROM calls
JOIN call_states ON call_states.call = calls.seq
GROUP BY purpose, endpoint, model
