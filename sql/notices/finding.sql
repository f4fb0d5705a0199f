-- One row is a finding that a sender or the operator can be told of, in words for outside.
-- Grain: delivery_id, rule, sheet_number, source_row, column_number, and the value, which stays inside.
-- Inputs: raw.finding, raw.delivery.
SELECT
    finding.delivery_id,
    coalesce(delivery.sender, finding.ags) AS sender,
    delivery.kind,
    delivery.wave,
    delivery.workshop_on,
    delivery.first_seen_at,
    delivery.status,
    delivery.rows_expected,
    delivery.rows_loaded,
    delivery.rows_quarantined,
    finding.rule,
    finding.severity,
    finding.sheet_number,
    finding.source_row,
    finding.column_number,
    finding.public_message
FROM raw.finding AS finding
LEFT JOIN raw.delivery AS delivery ON delivery.delivery_id = finding.delivery_id
WHERE delivery.status IS DISTINCT FROM 'superseded'
ORDER BY
    delivery.sequence, finding.sheet_number, finding.source_row, finding.column_number, finding.rule,
    finding.public_message
