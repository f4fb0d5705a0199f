-- One row is an action field in a municipality and wave, delivered or not.
-- Grain: ags, wave, action_field.
-- Formulas: share_chosen = n_chosen / (n_responses - n_undecided); has_chosen from share_chosen of
-- 0.5 on.
-- Inputs: reference.municipality, reference.wave, reference.action_field, core.response,
-- core.workshop, core.measure, shown.block, disclosure.open_cell, comparison.process.
WITH delivered AS (
    SELECT ags, wave, bool_or(is_synthetic) AS is_synthetic
    FROM core.response
    WHERE excluded_because IS NULL
    GROUP BY ags, wave
),
shown_cell AS (
    SELECT unit AS ags, wave, action_field, is_withheld, n_responses, n_chosen, n_undecided
    FROM disclosure.open_cell
    WHERE unit_kind = 'municipality' AND part_kind = 'field'
),
measures AS (
    SELECT workshop.ags, measure.action_field, count(*) AS n_measures
    FROM core.measure AS measure
    JOIN core.workshop AS workshop USING (workshop_id)
    GROUP BY workshop.ags, measure.action_field
),
counted AS (
    SELECT
        municipality.ags,
        wave.wave,
        field.action_field,
        coalesce(delivered.is_synthetic, process.is_synthetic) AS is_synthetic,
        CASE
            WHEN delivered.ags IS NULL THEN 'not_delivered'
            WHEN NOT coalesce(block.is_compared, false) OR shown_cell.is_withheld THEN 'confidential'
            WHEN shown_cell.ags IS NULL THEN 'not_delivered'
        END AS withheld_because,
        delivered.ags IS NOT NULL AS has_delivered,
        shown_cell.n_responses,
        shown_cell.n_chosen,
        shown_cell.n_undecided,
        shown_cell.n_chosen / nullif(shown_cell.n_responses - shown_cell.n_undecided, 0) AS share_chosen,
        process.n_workshops,
        coalesce(measures.n_measures, 0) AS n_measures,
        process.process_step
    FROM reference.municipality AS municipality
    CROSS JOIN reference.wave AS wave
    CROSS JOIN reference.action_field AS field
    JOIN comparison.process AS process ON process.ags = municipality.ags
    LEFT JOIN delivered ON delivered.ags = municipality.ags AND delivered.wave = wave.wave
    LEFT JOIN shown.block AS block ON block.ags = municipality.ags AND block.wave = wave.wave
    LEFT JOIN shown_cell
        ON shown_cell.ags = municipality.ags
        AND shown_cell.wave = wave.wave
        AND shown_cell.action_field = field.action_field
    LEFT JOIN measures
        ON measures.ags = municipality.ags AND measures.action_field = field.action_field
)
SELECT *, share_chosen >= 0.5 AS has_chosen
FROM counted
