-- What a filter leaves: ?3 kind, ?4 dimension, ?5 purpose, ?6 generator, ?7 a part of the reason, ?8 tag, each NULL for all.
(?3 IS NULL OR work.kind = ?3)
  AND (?4 IS NULL OR work.dimension = ?4)
  AND (?5 IS NULL OR work.purpose = ?5)
  AND (?6 IS NULL OR EXISTS (
      SELECT 1 FROM responses WHERE responses.item = work.item AND responses.generator = ?6
        AND instr(hex(work.responses), hex(responses.id)) > 0))
  AND (?7 IS NULL OR instr(lower(work.reason), lower(?7)) > 0)
  AND (?8 IS NULL OR EXISTS (
      SELECT 1 FROM work AS tagged
      JOIN decisions ON decisions.work = tagged.seq
      JOIN json_each(decisions.body, '$.tags') AS tag ON tag.value = ?8
      WHERE tagged.item = work.item AND instr(hex(work.responses), hex(tagged.responses)) > 0
        AND NOT EXISTS (SELECT 1 FROM decisions AS undo WHERE undo.undoes = decisions.seq)))
