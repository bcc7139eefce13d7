-- A response that people judged needs no rating on account of its route. What somebody holds or answered stays.
UPDATE work SET closed = ?2
WHERE closed IS NULL
  AND source IN (
      SELECT 'route|' || hex(labelled_responses.response)
      FROM labels JOIN labelled_responses ON labelled_responses.label = labels.seq
      WHERE labels.seq > ?1
  )
  AND NOT EXISTS (SELECT 1 FROM slots WHERE slots.work = work.seq)
  AND ?3 IS NOT NULL AND ?4 IS NOT NULL
