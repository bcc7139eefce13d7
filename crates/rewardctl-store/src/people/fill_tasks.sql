INSERT INTO work (source, kind, item, responses, scale, purpose, reason, tier, place, needed, open_slots, added)
SELECT 'plan|' || tasks.seq, 'choose', tasks.item, CAST(tasks.a || tasks.b AS BLOB), ?4, tasks.purpose, tasks.reason,
       1, tasks.seq, ?3, ?3, ?2
FROM tasks
WHERE tasks.seq > ?1
ON CONFLICT (source) DO NOTHING
