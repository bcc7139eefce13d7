-- A planned pair that was compared elsewhere after it was planned.
UPDATE work SET closed = ?2
WHERE closed IS NULL
  AND item IN (SELECT item FROM labels WHERE seq > ?1)
  AND NOT EXISTS (SELECT 1 FROM slots WHERE slots.work = work.seq)
  AND EXISTS (
      SELECT 1 FROM tasks
      WHERE work.source >= 'plan|' AND work.source < 'plan}'
        AND tasks.seq = CAST(substr(work.source, 6) AS INTEGER)
        AND EXISTS (
            SELECT 1 FROM labels_in_force
            WHERE labels_in_force.seq > tasks.after_label
              AND labels_in_force.target >= 'compare||' || lower(hex(tasks.a)) || '|' || lower(hex(tasks.b)) || '|'
              AND labels_in_force.target < 'compare||' || lower(hex(tasks.a)) || '|' || lower(hex(tasks.b)) || '}'
        )
  )
