-- A response that people judged needs no rating on account of its route. What somebody holds or answered stays.
UPDATE work SET closed = ?2
WHERE closed IS NULL
  AND source IN (
      SELECT 'route|' || hex(responses.id)
      FROM labels CROSS JOIN responses ON responses.item = labels.item
      WHERE labels.seq > ?1
        AND EXISTS (SELECT 1 FROM labelled_responses
                    WHERE labelled_responses.response = responses.id AND labelled_responses.label = labels.seq)
  )
  AND NOT EXISTS (SELECT 1 FROM slots WHERE slots.work = work.seq)
