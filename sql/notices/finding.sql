-- One row is a finding that a sender or the operator can be told of, in words for outside.
-- Grain: sender, delivery_id, number.
-- Inputs: quality.finding, raw.delivery, reference.rule.
SELECT
    finding.delivery_id,
    -- What only the project team can put in order is nobody else's business.
    CASE finding.action WHEN 'repair' THEN 'projektteam' ELSE finding.sender END AS sender,
    finding.kind,
    finding.wave,
    delivery.workshop_on,
    delivery.first_seen_at,
    delivery.status,
    delivery.rows_expected,
    delivery.rows_loaded,
    delivery.rows_quarantined,
    finding.rule,
    finding.severity,
    finding.action,
    rule.about_person,
    finding.sheet_number,
    finding.source_row,
    finding.column_number,
    finding.public_message
FROM quality.finding AS finding
JOIN reference.rule AS rule USING (rule)
LEFT JOIN raw.delivery AS delivery ON delivery.delivery_id = finding.delivery_id
WHERE finding.is_current
ORDER BY delivery.sequence, finding.sender, finding.delivery_id, finding.number
