SELECT routes.version, count(*) AS responses
FROM routes
JOIN rewards ON rewards.response = routes.response AND rewards.version = routes.version AND rewards.reward IS NOT NULL
WHERE routes.seq = (SELECT max(seq) FROM routes AS last WHERE last.response = routes.response)
GROUP BY routes.version
ORDER BY responses DESC, routes.version
