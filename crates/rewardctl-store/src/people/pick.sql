-- Tasks that this person may take; ?1 name, ?2 whether a curator; matches.sql follows, and the order.
SELECT seq FROM work
WHERE open_slots > 0
  AND closed IS NULL
  AND purpose <> 'gold'
  AND curator <= ?2
  AND (only_for IS NULL OR only_for = ?1)
  AND (not_before IS NULL OR not_before <= (SELECT coalesce(max(seq), 0) FROM decisions))
  AND NOT EXISTS (SELECT 1 FROM slots WHERE slots.work = work.seq AND slots.reviewer = ?1)
  AND NOT EXISTS (SELECT 1 FROM reveals WHERE reveals.work = work.seq AND reveals.reviewer = ?1)
  AND
