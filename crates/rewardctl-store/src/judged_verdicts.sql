SELECT verdicts.response, verdicts.source, verdicts.body,
       coalesce(verdicts.run IN (SELECT id FROM runs WHERE runs.version = last.version), 0) AS own
FROM temp.verdicts_of
JOIN verdicts ON verdicts.rowid = verdicts_of.place
JOIN routes AS last
     ON last.seq = (SELECT max(seq) FROM routes WHERE routes.response = verdicts_of.response)
WHERE verdicts_of.response IN (
