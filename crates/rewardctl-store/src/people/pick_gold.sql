-- A task whose answer is known and that this person has not had; ?1 name, ?3 kind, ?4 dimension; the other
-- filters, as of pick.sql, would tell gold from other tasks.
SELECT seq FROM work
WHERE purpose = 'gold'
  AND closed IS NULL
  AND (?3 IS NULL OR kind = ?3)
  AND (?4 IS NULL OR dimension = ?4)
  AND coalesce(?5, ?6, ?7, ?8) IS NULL
  AND ?2 IS NOT NULL
  AND NOT EXISTS (SELECT 1 FROM slots WHERE slots.work = work.seq AND slots.reviewer = ?1)
  AND NOT EXISTS (SELECT 1 FROM reveals WHERE reveals.work = work.seq AND reveals.reviewer = ?1)
ORDER BY seq
LIMIT 1
