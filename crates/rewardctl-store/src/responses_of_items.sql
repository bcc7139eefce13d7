SELECT responses.seq AS place, responses.item, responses.id, responses.text, responses.generator,
       routes.version, routes.route, routes.reason, rewards.reward, rewards.uncertainty
FROM responses
LEFT JOIN routes ON routes.seq = (SELECT max(seq) FROM routes AS last WHERE last.response = responses.id)
LEFT JOIN rewards ON rewards.response = routes.response AND rewards.version = routes.version
WHERE responses.item IN (