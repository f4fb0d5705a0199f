-- One row is a sub-theme of an action field in a municipality and wave.
-- Grain: ags, wave, action_field, sub_theme.
-- Inputs: disclosure.figure.
SELECT
    figure.unit AS ags,
    figure.part AS sub_theme,
    figure.* EXCLUDE (
        unit_kind, unit, part_kind, part, n_municipalities, pairs_equal, pairs_within_one
    )
FROM disclosure.figure AS figure
WHERE figure.unit_kind = 'municipality' AND figure.part_kind = 'sub_theme'
