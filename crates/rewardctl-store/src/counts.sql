WITH last AS (
    SELECT * FROM routes WHERE seq IN (SELECT max(seq) FROM routes GROUP BY response)
),
rewarded AS (
    SELECT last.route, last.response, rewards.reward
    FROM last JOIN rewards USING (response, version)
)
SELECT
    (SELECT count(*) FROM items) AS items,
    (SELECT count(*) FROM responses) AS responses,
    (SELECT coalesce(sum(scored), 0) FROM verdicts) AS verdicts_scored,
    (SELECT coalesce(sum(abstained), 0) FROM verdicts) AS verdicts_abstained,
    (SELECT coalesce(sum(failed), 0) FROM verdicts) AS verdicts_failed,
    (SELECT count(*) FROM rewarded WHERE reward IS NOT NULL) AS rewards,
    (SELECT count(*) FROM rewarded WHERE reward IS NULL) AS without_reward,
    (SELECT count(*) FROM rewarded WHERE route = 'accept') AS accepted,
    (SELECT count(*) FROM rewarded WHERE route = 'review') AS routed,
    (SELECT count(*) FROM rewarded WHERE route = 'review'
        AND response NOT IN (SELECT response FROM labelled_responses)
        AND NOT EXISTS (SELECT 1 FROM work WHERE work.source = 'route|' || hex(response) AND work.closed IS NOT NULL)) AS queued,
    (SELECT count(*) FROM labels_in_force) AS labels,
    (SELECT count(*) FROM runs) AS runs,
    (SELECT count(*) FROM runs WHERE finished IS NOT NULL) AS runs_finished
