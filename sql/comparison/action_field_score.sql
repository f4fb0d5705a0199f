-- One row is an action field in a municipality and wave that delivered.
-- Grain: ags, wave, action_field.
-- Of a municipality with too few forms in a wave, only that they exist is shown.
-- Inputs: shown.block, reference.action_field, disclosure.figure.
SELECT
    block.ags,
    block.wave,
    field.action_field,
    figure.is_synthetic,
    CASE WHEN block.is_compared THEN figure.withheld_because ELSE 'confidential' END AS withheld_because,
    figure.* EXCLUDE (
        wave, action_field, unit_kind, unit, part_kind, part, withheld_because, is_synthetic,
        n_municipalities, pairs_equal, pairs_within_one
    )
FROM shown.block AS block
CROSS JOIN reference.action_field AS field
LEFT JOIN disclosure.figure AS figure
    ON figure.unit_kind = 'municipality'
    AND figure.unit = block.ags
    AND figure.wave = block.wave
    AND figure.part_kind = 'field'
    AND figure.part = field.action_field
WHERE block.n_responses > 0
