-- ?1: now. Gold tasks are open to everybody for ever, and counted nowhere. A place whose time is over is open.
SELECT
    (SELECT coalesce(sum(open_slots), 0) FROM work WHERE open_slots > 0 AND closed IS NULL AND purpose <> 'gold')
    + (SELECT count(*) FROM slots JOIN work ON work.seq = slots.work
       WHERE slots.expires <= ?1 AND work.purpose <> 'gold') AS open,
    (SELECT coalesce(sum(open_slots), 0) FROM work WHERE open_slots > 0 AND closed IS NULL AND curator) AS conflicts,
    (SELECT count(*) FROM slots WHERE expires > ?1) AS held,
    (SELECT count(*) FROM decisions WHERE ends) - (SELECT count(*) FROM decisions AS undo
        JOIN decisions AS undone ON undone.seq = undo.undoes WHERE undone.ends) AS decided,
    (SELECT count(*) FROM decisions WHERE kind = 'skip') - (SELECT count(*) FROM decisions AS undo
        JOIN decisions AS undone ON undone.seq = undo.undoes WHERE undone.kind = 'skip') AS skipped,
    (SELECT count(*) FROM labels) - (SELECT count(*) FROM withdrawn_labels) AS labels
