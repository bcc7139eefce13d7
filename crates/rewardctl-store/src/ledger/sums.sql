-- Sums come in two halves of 32 bits: a provider's absurd figure must not make the whole sum overflow and fail.
WITH money AS (
    SELECT attempts.call, attempt_ends.state, attempt_ends.input_tokens, attempt_ends.output_tokens,
           CASE WHEN attempt_ends.state IN ('done', 'failed') THEN attempt_ends.cost END AS spent,
           CASE WHEN attempt_ends.state IN ('done', 'failed') THEN NULL ELSE attempts.reserved END AS reserved
    FROM attempts
    LEFT JOIN attempt_ends ON attempt_ends.attempt = attempts.seq
)
SELECT purpose, endpoint, model,
       count(*) AS attempts,
       coalesce(sum(state = 'unknown'), 0) AS unknown_attempts,
       sum(spent IS NULL AND reserved IS NULL) AS unpriced_attempts,
       coalesce(sum(input_tokens >> 32), 0) AS input_high,
       coalesce(sum(input_tokens & 0xFFFFFFFF), 0) AS input_low,
       coalesce(sum(output_tokens >> 32), 0) AS output_high,
       coalesce(sum(output_tokens & 0xFFFFFFFF), 0) AS output_low,
       coalesce(sum(spent >> 32), 0) AS spent_high,
       coalesce(sum(spent & 0xFFFFFFFF), 0) AS spent_low,
       coalesce(sum(reserved >> 32), 0) AS reserved_high,
       coalesce(sum(reserved & 0xFFFFFFFF), 0) AS reserved_low
FROM money
JOIN calls ON calls.seq = money.call
GROUP BY purpose, endpoint, model
