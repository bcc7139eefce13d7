-- ?1 after, ?2 limit, ?3 now, ?4 kind, ?5 dimension, ?6 purpose, ?7 generator, ?8 a part of the reason, ?9 tag, ?10 item,
-- ?11 state, each NULL for all.
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
      AND (?7 IS NULL OR EXISTS (
          SELECT 1 FROM responses WHERE responses.item = work.item AND responses.generator = ?7
            AND instr(hex(work.responses), hex(responses.id)) > 0))
      AND (?8 IS NULL OR instr(lower(reason), lower(?8)) > 0)
      AND (?9 IS NULL OR EXISTS (
          SELECT 1 FROM work AS tagged
          JOIN decisions ON decisions.work = tagged.seq
          JOIN json_each(decisions.body, '$.tags') AS tag ON tag.value = ?9
          WHERE tagged.item = work.item AND instr(hex(work.responses), hex(tagged.responses)) > 0
            AND NOT EXISTS (SELECT 1 FROM decisions AS undo WHERE undo.undoes = decisions.seq)))
      AND (?10 IS NULL OR item = ?10)
)
WHERE ?11 IS NULL OR state = ?11
ORDER BY seq
LIMIT ?2
