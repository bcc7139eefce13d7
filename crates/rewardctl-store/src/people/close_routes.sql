UPDATE work SET closed = ?2
WHERE closed IS NULL
  AND source IN (
      SELECT 'route|' || hex(routes.response) FROM routes
      WHERE routes.seq > ?1
        AND routes.route <> 'review'
        AND routes.seq = (SELECT max(seq) FROM routes AS last WHERE last.response = routes.response)
  )
  AND NOT EXISTS (SELECT 1 FROM slots WHERE slots.work = work.seq)
