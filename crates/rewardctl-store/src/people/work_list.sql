-- ?1 after, ?9 now, ?10 item, NULL for all; matches.sql follows, and what is wanted of the states.
SELECT * FROM (
    SELECT work.*,
           (SELECT count(*) FROM slots WHERE slots.work = work.seq AND slots.decision IS NOT NULL) AS filled,
           CASE
               WHEN closed IS NOT NULL THEN 'closed'
               WHEN open_slots > 0 THEN 'open'
               WHEN EXISTS (SELECT 1 FROM slots WHERE slots.work = work.seq AND slots.expires <= ?9) THEN 'open'
               WHEN EXISTS (SELECT 1 FROM slots WHERE slots.work = work.seq AND slots.expires > ?9) THEN 'held'
               ELSE 'done'
           END AS state
    FROM work
    WHERE seq > ?1
      AND (?10 IS NULL OR item = ?10)
      AND
