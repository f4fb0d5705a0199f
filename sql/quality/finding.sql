-- One row is something noticed at a place of a delivery.
-- Grain: delivery_id, rule, sheet_number, source_row, source_column.
-- Inputs: raw.finding, raw.delivery.
SELECT
    finding.delivery_id,
    delivery.sender,
    delivery.kind,
    delivery.wave,
    finding.rule,
    finding.severity,
    finding.sheet,
    CASE
        WHEN finding.sheet IS NULL THEN 0
        ELSE dense_rank() OVER (PARTITION BY finding.delivery_id ORDER BY finding.sheet)
    END AS sheet_number,
    finding.source_row,
    finding.source_column,
    finding.value,
    finding.message
FROM raw.finding AS finding
JOIN raw.delivery AS delivery USING (delivery_id)
