SELECT runs.started, runs.version,
       count(*) AS responses,
       count(rewards.reward) AS scored,
       sum(routes.route = 'review') AS routed,
       avg(rewards.reward) AS mean,
       avg(rewards.reward * rewards.reward) AS squares
FROM runs
JOIN routes ON routes.run = runs.id
LEFT JOIN rewards ON rewards.response = routes.response AND rewards.version = routes.version
GROUP BY runs.id
ORDER BY runs.id DESC
LIMIT ?
