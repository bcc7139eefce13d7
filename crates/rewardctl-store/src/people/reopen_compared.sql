-- A planned pair whose comparison was taken back is to be compared again; ?1: the decision.
UPDATE work SET closed = NULL
WHERE closed IS NOT NULL
  AND item = (SELECT decided.item FROM decisions JOIN work AS decided ON decided.seq = decisions.work
              WHERE decisions.seq = ?1)
  AND EXISTS (
      SELECT 1 FROM tasks
      WHERE work.source >= 'plan|' AND work.source < 'plan}'
        AND tasks.seq = CAST(substr(work.source, 6) AS INTEGER)
        AND NOT EXISTS (
            SELECT 1 FROM labels_in_force
            WHERE labels_in_force.seq > tasks.after_label
              AND labels_in_force.target >= 'compare||' || lower(hex(tasks.a)) || '|' || lower(hex(tasks.b)) || '|'
              AND labels_in_force.target < 'compare||' || lower(hex(tasks.a)) || '|' || lower(hex(tasks.b)) || '}'
        )
  )
