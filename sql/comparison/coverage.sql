-- One row is an action field in a municipality and wave, delivered or not.
-- Grain: ags, wave, action_field.
-- Inputs: reference.municipality, reference.wave, reference.action_field, core.response,
-- core.field_choice, core.workshop, core.measure.
WITH counted AS (
    SELECT response_id, ags, wave, is_synthetic
    FROM core.response
    WHERE excluded_because IS NULL
),
delivered AS (
    SELECT ags, wave, count(*) AS n_responses, bool_or(is_synthetic) AS is_synthetic
    FROM counted
    GROUP BY ags, wave
),
choices AS (
    SELECT
        counted.ags,
        counted.wave,
        choice.action_field,
        count(*) FILTER (choice.is_chosen) AS n_chosen,
        count(*) FILTER (choice.is_chosen IS NULL) AS n_undecided
    FROM counted
    JOIN core.field_choice AS choice USING (response_id)
    GROUP BY counted.ags, counted.wave, choice.action_field
),
workshops AS (
    SELECT ags, count(*) AS n_workshops, bool_or(is_synthetic) AS is_synthetic
    FROM core.workshop
    GROUP BY ags
),
measures AS (
    SELECT workshop.ags, measure.action_field, count(*) AS n_measures
    FROM core.measure AS measure
    JOIN core.workshop AS workshop USING (workshop_id)
    GROUP BY workshop.ags, measure.action_field
),
process AS (
    SELECT
        municipality.ags,
        CASE
            WHEN municipality.ags IN (SELECT ags FROM measures) THEN 'measures'
            WHEN workshops.n_workshops > 1 THEN 'follow_up'
            WHEN workshops.n_workshops = 1 THEN 'workshop'
            WHEN municipality.ags IN (SELECT ags FROM counted) THEN 'selfcheck'
            ELSE 'none'
        END AS process_step
    FROM reference.municipality AS municipality
    LEFT JOIN workshops USING (ags)
)
SELECT
    municipality.ags,
    wave.wave,
    field.action_field,
    coalesce(delivered.is_synthetic, workshops.is_synthetic, false) AS is_synthetic,
    false AS is_suppressed,
    delivered.n_responses IS NOT NULL AS has_delivered,
    coalesce(delivered.n_responses, 0) AS n_responses,
    coalesce(choices.n_chosen, 0) AS n_chosen,
    coalesce(choices.n_undecided, 0) AS n_undecided,
    choices.n_chosen / nullif(delivered.n_responses - choices.n_undecided, 0) AS share_chosen,
    coalesce(workshops.n_workshops, 0) AS n_workshops,
    coalesce(measures.n_measures, 0) AS n_measures,
    process.process_step
FROM reference.municipality AS municipality
CROSS JOIN reference.wave AS wave
CROSS JOIN reference.action_field AS field
JOIN process ON process.ags = municipality.ags
LEFT JOIN delivered ON delivered.ags = municipality.ags AND delivered.wave = wave.wave
LEFT JOIN choices
    ON choices.ags = municipality.ags
    AND choices.wave = wave.wave
    AND choices.action_field = field.action_field
LEFT JOIN workshops ON workshops.ags = municipality.ags
LEFT JOIN measures
    ON measures.ags = municipality.ags AND measures.action_field = field.action_field
