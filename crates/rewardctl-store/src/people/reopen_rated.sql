-- A response whose last label was taken back is to be rated again, if it is still routed to people; ?1: the decision.
UPDATE work SET closed = NULL
WHERE closed IS NOT NULL
  AND source IN (
      SELECT 'route|' || hex(responses.id)
      FROM decisions CROSS JOIN work AS decided ON decided.seq = decisions.work
      CROSS JOIN responses ON responses.item = decided.item
      WHERE decisions.seq = ?1
        AND NOT EXISTS (SELECT 1 FROM labelled_responses WHERE labelled_responses.response = responses.id)
        AND 'review' = (SELECT route FROM routes WHERE routes.response = responses.id ORDER BY seq DESC LIMIT 1)
  )
