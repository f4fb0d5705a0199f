-- One row is an action field in a wave: how many municipalities chose it.
-- Grain: wave, action_field.
-- Municipalities that take part as members of a Kreis are not counted beside it.
-- Inputs: comparison.coverage, reference.peer_group.
WITH counted AS (
    SELECT
        coverage.wave,
        coverage.action_field,
        bool_or(coverage.is_synthetic) AS is_synthetic,
        count(*) AS n_municipalities,
        count(*) FILTER (coverage.has_chosen) AS n_chosen
    FROM comparison.coverage AS coverage
    JOIN reference.peer_group AS peer ON peer.ags = coverage.ags AND peer.peer_kind = 'all'
    WHERE peer.is_counted AND coverage.has_chosen IS NOT NULL
    GROUP BY coverage.wave, coverage.action_field
)
SELECT
    wave,
    action_field,
    is_synthetic,
    CASE WHEN n_municipalities < getvariable('min_municipalities') THEN 'too_few_municipalities' END
        AS withheld_because,
    n_municipalities,
    CASE WHEN n_municipalities >= getvariable('min_municipalities') THEN n_chosen END AS n_chosen,
    CASE WHEN n_municipalities >= getvariable('min_municipalities') THEN n_chosen / n_municipalities END
        AS share_chosen
FROM counted
