-- One row is a sub-theme of an action field in a municipality and wave.
-- Grain: ags, wave, action_field, sub_theme.
-- Inputs: disclosure.figure, shown.response.
WITH origin AS (
    SELECT ags, wave, bool_or(is_synthetic) AS is_synthetic
    FROM shown.response
    GROUP BY ags, wave
)
SELECT
    figure.unit AS ags,
    figure.part AS sub_theme,
    origin.is_synthetic,
    figure.* EXCLUDE (
        unit_kind, unit, part_kind, part, n_municipalities, pairs_equal, pairs_within_one
    )
FROM disclosure.figure AS figure
JOIN origin ON origin.ags = figure.unit AND origin.wave = figure.wave
WHERE figure.unit_kind = 'municipality' AND figure.part_kind = 'sub_theme'
