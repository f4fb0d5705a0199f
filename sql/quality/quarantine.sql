-- One row is a row or file that was not loaded.
-- Grain: delivery_id, sheet_number, source_row.
-- Inputs: raw.quarantine, raw.delivery, raw.finding.
WITH owner AS (
    SELECT delivery_id, source_row, min(ags) AS ags
    FROM raw.finding
    WHERE severity = 'critical'
    GROUP BY delivery_id, source_row
)
SELECT
    quarantine.delivery_id,
    delivery.sender,
    coalesce(owner.ags, delivery.ags) AS ags,
    delivery.wave,
    quarantine.sheet,
    quarantine.sheet_number,
    quarantine.source_row,
    quarantine.rules,
    quarantine.original_row
FROM raw.quarantine AS quarantine
JOIN raw.delivery AS delivery USING (delivery_id)
LEFT JOIN owner
    ON owner.delivery_id = quarantine.delivery_id
    AND owner.source_row IS NOT DISTINCT FROM quarantine.source_row
