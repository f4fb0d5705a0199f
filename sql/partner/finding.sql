-- One row is a finding that the report of a municipality tells, in public words.
-- Grain: ags, delivery_id, number. Ordered by ags, then as the report tells them.
-- Inputs: quality.finding, raw.delivery, reference.rule.
SELECT
    -- What nobody's rows are about is told to whoever sent the file.
    coalesce(finding.ags, finding.sender) AS ags,
    finding.delivery_id,
    finding.is_current,
    finding.rule,
    finding.topic,
    finding.severity,
    finding.sheet_number,
    finding.source_row,
    finding.column_number,
    finding.public_column,
    finding.public_message,
    rule.action,
    rule.action_de,
    rule.action_position,
    rule.position AS rule_position,
    rule.about_person,
    rule.says
FROM quality.finding AS finding
JOIN reference.rule AS rule USING (rule)
LEFT JOIN raw.delivery AS delivery USING (delivery_id)
WHERE coalesce(finding.ags, finding.sender) IS NOT NULL AND finding.action <> 'repair'
ORDER BY
    coalesce(finding.ags, finding.sender),
    rule.action_position,
    list_position(['critical', 'warning', 'info'], rule.severity),
    rule.position, delivery.sequence NULLS FIRST, finding.number
