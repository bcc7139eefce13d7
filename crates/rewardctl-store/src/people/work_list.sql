-- ?1 after, ?2 limit, ?3 now, ?4 kind, ?5 dimension, ?6 purpose, ?7 item, ?8 state, each NULL for all.
SELECT * FROM (
    SELECT work.*,
           (SELECT count(*) FROM slots WHERE slots.work = work.seq AND slots.decision IS NOT NULL) AS filled,
           CASE
               WHEN closed IS NOT NULL THEN 'closed'
               WHEN open_slots > 0 THEN 'open'
               WHEN EXISTS (SELECT 1 FROM slots WHERE slots.work = work.seq AND slots.expires <= ?3) THEN 'open'
               WHEN EXISTS (SELECT 1 FROM slots WHERE slots.work = work.seq AND slots.expires > ?3) THEN 'held'
               ELSE 'done'
           END AS state
    FROM work
    WHERE seq > ?1
      AND (?4 IS NULL OR kind = ?4)
      AND (?5 IS NULL OR dimension = ?5)
      AND (?6 IS NULL OR purpose = ?6)
      AND (?7 IS NULL OR item = ?7)
)
WHERE ?8 IS NULL OR state = ?8
ORDER BY seq
LIMIT ?2
