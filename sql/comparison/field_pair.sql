-- One row is a pair of action fields in a wave: how many municipalities chose both.
-- Grain: wave, action_field_a, action_field_b.
-- Formula: expected_both = n_a · n_b / n_municipalities, as many as would choose both if one choice
-- said nothing of the other. It is no test: the municipalities are few and not a sample.
-- Inputs: comparison.coverage, reference.peer_group, reference.action_field.
WITH choice AS (
    SELECT
        coverage.wave,
        coverage.ags,
        coverage.action_field,
        field.position,
        coverage.has_chosen,
        coverage.is_synthetic
    FROM comparison.coverage AS coverage
    JOIN reference.peer_group AS peer ON peer.ags = coverage.ags AND peer.peer_kind = 'all'
    JOIN reference.action_field AS field USING (action_field)
    WHERE peer.is_counted AND coverage.has_chosen IS NOT NULL
),
counted AS (
    SELECT
        a.wave,
        a.action_field AS action_field_a,
        b.action_field AS action_field_b,
        bool_or(a.is_synthetic) AS is_synthetic,
        count(*) AS n_municipalities,
        count(*) FILTER (a.has_chosen) AS n_a,
        count(*) FILTER (b.has_chosen) AS n_b,
        count(*) FILTER (a.has_chosen AND b.has_chosen) AS n_both,
        count(*) FILTER (a.has_chosen OR b.has_chosen) AS n_either
    FROM choice AS a
    JOIN choice AS b ON b.wave = a.wave AND b.ags = a.ags AND b.position > a.position
    GROUP BY a.wave, a.action_field, b.action_field
),
judged AS (
    SELECT *, n_municipalities >= getvariable('min_municipalities') AS is_enough
    FROM counted
)
SELECT
    wave,
    action_field_a,
    action_field_b,
    is_synthetic,
    CASE WHEN NOT is_enough THEN 'too_few_municipalities' END AS withheld_because,
    n_municipalities,
    CASE WHEN is_enough THEN n_a END AS n_a,
    CASE WHEN is_enough THEN n_b END AS n_b,
    CASE WHEN is_enough THEN n_both END AS n_both,
    CASE WHEN is_enough THEN n_either END AS n_either,
    CASE WHEN is_enough THEN n_a * n_b / n_municipalities END AS expected_both
FROM judged
