SELECT routes.response, routes.version, routes.route, routes.reason, rewards.body, rewards.no_reward,
       (SELECT name FROM names WHERE names.response = routes.response LIMIT 1) AS name
FROM routes
LEFT JOIN rewards ON rewards.response = routes.response AND rewards.version = routes.version
WHERE routes.seq = (SELECT max(seq) FROM routes AS last WHERE last.response = routes.response)
  AND routes.response IN (