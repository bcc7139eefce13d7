-- ?1: now. A place whose time is over is open.
SELECT
    open + (SELECT count(*) FROM slots JOIN work ON work.seq = slots.work
            WHERE slots.expires <= ?1 AND work.purpose <> 'gold') AS open,
    conflicts, decided, skipped, labels,
    (SELECT count(*) FROM slots WHERE expires > ?1) AS held
FROM work_totals
