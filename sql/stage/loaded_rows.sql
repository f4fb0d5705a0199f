-- One row is a delivery with the number of its rows that were not kept back.
-- Grain: delivery_id.
-- Inputs: raw.response, raw.workshop, raw.participation, raw.contribution, raw.measure.
SELECT delivery_id::VARCHAR AS delivery_id, count(*) AS n_rows
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
GROUP BY delivery_id
