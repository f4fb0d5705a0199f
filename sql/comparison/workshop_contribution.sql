-- One row is a guiding question on an action field in a municipality.
-- Grain: ags, guiding_question, action_field.
-- Inputs: core.contribution, core.workshop.
SELECT
    workshop.ags,
    contribution.guiding_question,
    contribution.action_field,
    bool_or(workshop.is_synthetic) AS is_synthetic,
    count(DISTINCT workshop.workshop_id) AS n_workshops,
    count(*) AS n_contributions,
    count(contribution.points) AS n_with_points,
    sum(contribution.points)::BIGINT AS points
FROM core.contribution AS contribution
JOIN core.workshop AS workshop USING (workshop_id)
GROUP BY workshop.ags, contribution.guiding_question, contribution.action_field
