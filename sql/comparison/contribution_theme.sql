-- One row is a guiding question on an action field over all municipalities.
-- Grain: guiding_question, action_field.
-- From the published rows only: what is withheld of a municipality cannot be found by subtraction.
-- Inputs: comparison.workshop_contribution, reference.peer_group.
WITH counted AS (
    SELECT
        contribution.guiding_question,
        contribution.action_field,
        bool_or(contribution.is_synthetic) AS is_synthetic,
        count(*) FILTER (peer.is_counted AND contribution.n_contributions > 0) AS n_municipalities,
        sum(contribution.n_contributions)::BIGINT AS n_contributions,
        sum(contribution.points)::BIGINT AS points
    FROM comparison.workshop_contribution AS contribution
    JOIN reference.peer_group AS peer ON peer.ags = contribution.ags AND peer.peer_kind = 'all'
    WHERE contribution.withheld_because IS NULL
    GROUP BY contribution.guiding_question, contribution.action_field
)
SELECT
    guiding_question,
    action_field,
    is_synthetic,
    CASE WHEN n_municipalities < getvariable('min_municipalities') THEN 'too_few_municipalities' END
        AS withheld_because,
    n_municipalities,
    CASE WHEN n_municipalities >= getvariable('min_municipalities') THEN n_contributions END
        AS n_contributions,
    CASE WHEN n_municipalities >= getvariable('min_municipalities') THEN points END AS points
FROM counted
