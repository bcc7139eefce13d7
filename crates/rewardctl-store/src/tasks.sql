SELECT responses.id, responses.item, responses.text, responses.generator,
       items.context, work.seq AS number, routes.reason, rewards.reward, rewards.uncertainty
FROM routes
JOIN rewards ON rewards.response = routes.response AND rewards.version = routes.version
JOIN responses ON responses.id = routes.response
JOIN items ON items.id = responses.item
LEFT JOIN work ON work.source = 'route|' || hex(routes.response)
WHERE routes.seq IN (SELECT max(seq) FROM routes GROUP BY response)
  AND routes.route = 'review'
  AND routes.response NOT IN (SELECT response FROM labelled_responses)
  AND NOT EXISTS (SELECT 1 FROM work WHERE work.source = 'route|' || hex(routes.response) AND work.closed IS NOT NULL)
ORDER BY CASE
             WHEN routes.reason LIKE 'no reward%' THEN 0
             WHEN routes.reason LIKE 'flagged%' THEN 1
             WHEN routes.reason LIKE 'drawn%' THEN 2
             ELSE 3
         END,
         rewards.uncertainty DESC,
         responses.seq
LIMIT ?
