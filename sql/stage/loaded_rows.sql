-- One row is the number of rows of a delivery that were not kept back.
-- Grain: none.
-- Inputs: raw.response, raw.workshop, raw.participation, raw.contribution, raw.measure.
SELECT count(*)
FROM (
    SELECT delivery_id FROM raw.response
    UNION ALL
    -- Row 0 is a workshop that the folder names and not the file.
    SELECT delivery_id FROM raw.workshop WHERE source_row > 0
    UNION ALL
    SELECT delivery_id FROM raw.participation
    UNION ALL
    SELECT delivery_id FROM raw.contribution
    UNION ALL
    SELECT delivery_id FROM raw.measure
) AS loaded
WHERE delivery_id = $delivery_id
