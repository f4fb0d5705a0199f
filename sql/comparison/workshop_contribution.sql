-- One row is a guiding question on an action field in a municipality that held a workshop.
-- Grain: ags, guiding_question, action_field.
-- All rows of such a municipality are there, so that none tells by being there what is withheld.
-- Inputs: core.contribution, core.workshop, disclosure.workshop_shown, reference.guiding_question,
-- reference.action_field.
WITH counted AS (
    SELECT
        workshop.ags,
        contribution.guiding_question,
        contribution.action_field,
        count(DISTINCT workshop.workshop_id) AS n_workshops,
        count(*) AS n_contributions,
        count(contribution.points) AS n_with_points,
        sum(contribution.points)::BIGINT AS points
    FROM core.contribution AS contribution
    JOIN core.workshop AS workshop USING (workshop_id)
    GROUP BY workshop.ags, contribution.guiding_question, contribution.action_field
)
SELECT
    held.ags,
    question.guiding_question,
    field.action_field,
    held.is_synthetic,
    CASE WHEN held.is_withheld THEN 'confidential' END AS withheld_because,
    CASE WHEN NOT held.is_withheld THEN coalesce(counted.n_workshops, 0) END AS n_workshops,
    CASE WHEN NOT held.is_withheld THEN coalesce(counted.n_contributions, 0) END AS n_contributions,
    CASE WHEN NOT held.is_withheld THEN coalesce(counted.n_with_points, 0) END AS n_with_points,
    CASE WHEN NOT held.is_withheld THEN counted.points END AS points
FROM disclosure.workshop_shown AS held
CROSS JOIN reference.guiding_question AS question
CROSS JOIN reference.action_field AS field
LEFT JOIN counted
    ON counted.ags = held.ags
    AND counted.guiding_question = question.guiding_question
    AND counted.action_field = field.action_field
