INSERT INTO work (source, kind, item, responses, scale, purpose, reason, tier, place, needed, open_slots, added)
SELECT 'route|' || hex(routes.response), 'rate', responses.item, routes.response, ?4, 'route', routes.reason,
       CASE
           WHEN routes.reason LIKE 'no reward%' THEN 2
           WHEN routes.reason LIKE 'flagged%' THEN 3
           WHEN routes.reason LIKE 'drawn%' THEN 4
           ELSE 5
       END,
       -coalesce(rewards.uncertainty, 1), ?3, ?3, ?2
FROM routes
JOIN responses ON responses.id = routes.response
LEFT JOIN rewards ON rewards.response = routes.response AND rewards.version = routes.version
WHERE routes.seq > ?1
  AND routes.route = 'review'
  AND routes.seq = (SELECT max(seq) FROM routes AS last WHERE last.response = routes.response)
  AND NOT EXISTS (SELECT 1 FROM labelled_responses WHERE labelled_responses.response = routes.response)
ON CONFLICT (source) DO UPDATE
SET reason = excluded.reason, tier = excluded.tier, place = excluded.place, closed = NULL
