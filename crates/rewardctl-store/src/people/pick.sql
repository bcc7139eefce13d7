-- The most pressing task that this person may take; ?1 name, ?2 whether a curator, ?3 kind, ?4 dimension, ?5 purpose,
-- ?6 generator, ?7 a part of the reason, ?8 tag, each NULL for all.
SELECT seq FROM work
WHERE open_slots > 0
  AND closed IS NULL
  AND purpose <> 'gold'
  AND curator <= ?2
  AND (only_for IS NULL OR only_for = ?1)
  AND (not_before IS NULL OR not_before <= (SELECT coalesce(max(seq), 0) FROM decisions))
  AND (?3 IS NULL OR kind = ?3)
  AND (?4 IS NULL OR dimension = ?4)
  AND (?5 IS NULL OR purpose = ?5)
  AND (?6 IS NULL OR EXISTS (
      SELECT 1 FROM responses WHERE responses.item = work.item AND responses.generator = ?6
        AND instr(hex(work.responses), hex(responses.id)) > 0))
  AND (?7 IS NULL OR instr(lower(reason), lower(?7)) > 0)
  AND (?8 IS NULL OR EXISTS (
      SELECT 1 FROM work AS tagged
      JOIN decisions ON decisions.work = tagged.seq
      JOIN json_each(decisions.body, '$.tags') AS tag ON tag.value = ?8
      WHERE tagged.item = work.item AND instr(hex(work.responses), hex(tagged.responses)) > 0
        AND NOT EXISTS (SELECT 1 FROM decisions AS undo WHERE undo.undoes = decisions.seq)))
  AND NOT EXISTS (SELECT 1 FROM slots WHERE slots.work = work.seq AND slots.reviewer = ?1)
  AND NOT EXISTS (SELECT 1 FROM reveals WHERE reveals.work = work.seq AND reveals.reviewer = ?1)
ORDER BY tier, place, seq
LIMIT 1
