SELECT work.*, decisions.seq AS decision, decisions.reviewer, decisions.body, decisions.elapsed, decisions.at,
       grants.shown AS order_shown
FROM decisions
JOIN work ON work.seq = decisions.work
JOIN grants ON grants.token = decisions.token
WHERE decisions.ends
  AND NOT EXISTS (SELECT 1 FROM decisions AS undo WHERE undo.undoes = decisions.seq)
ORDER BY decisions.seq
